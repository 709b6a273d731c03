import { isObject, readJson } from '../../document/json.js';
import {
  refusal,
  requestServer,
  streamFromServer,
  type Server,
  type ServerAnswer,
  type ServerError,
} from '../ask-server.js';
import { ERROR_CODES, WitanError, type ErrorCode, type Fault } from '../../errors.js';

/** A running service, asked as one caller. Paths stand below its base URL, without a slash before them. */
export interface Service {
  /**
   * What stands at a path.
   *
   * @throws ServerError when it cannot be reached or fails; WitanError with the code by which it refuses
   */
  get(path: string): Promise<unknown>;
  /** The same; `undefined` where there is nothing. */
  find(path: string): Promise<unknown>;
  /** Does something there; `undefined` where the answer has no body. @throws as `get` */
  send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown>;
  /** The values of an NDJSON answer, as they come in; nothing where there is no such thing. @throws as `get` */
  lines(path: string): AsyncGenerator<unknown, void, undefined>;
}

/** What a change of a bundle waits for: it is read, hashed and kept before the service answers. */
const ANSWER_MS_MAX = 60_000;

export function serviceAt(server: Server): Service {
  const asked = (path: string, method: string, body?: object): Promise<ServerAnswer> =>
    requestServer(server, path, body, { method, answerMsMax: ANSWER_MS_MAX });
  return {
    async get(path) {
      const answer = await asked(path, 'GET');
      if (answer.ok && answer.body !== undefined) return answer.body;
      throw refused(server, answer);
    },
    async find(path) {
      const answer = await asked(path, 'GET');
      if (answer.status === 404) return undefined;
      if (answer.ok && answer.body !== undefined) return answer.body;
      throw refused(server, answer);
    },
    async send(method, path, body) {
      const answer = await asked(path, method, body);
      if (answer.ok) return answer.body;
      throw refused(server, answer);
    },
    lines: (path) => linesOf(streamFromServer(server, path)),
  };
}

/** A refusal keeps the service's own code, so that the exit code can tell a rule from a mistake. */
function refused(server: Server, answer: ServerAnswer): WitanError | ServerError {
  const { status, body } = answer;
  if (status < 400 || status >= 500 || !isObject(body) || typeof body['detail'] !== 'string') {
    return refusal(server, answer);
  }
  // That one says how to ask as someone.
  if (body['code'] === 'unauthenticated') return refusal(server, answer);
  const code = ERROR_CODES.find((each) => each === body['code']) ?? byStatus(status);
  const faults = Array.isArray(body['faults']) ? (body['faults'] as readonly Fault[]) : [];
  return new WitanError(code, body['detail'], { faults });
}

/** For a code of a newer service. */
function byStatus(status: number): ErrorCode {
  if (status === 401) return 'unauthenticated';
  if (status === 403 || status === 409) return 'forbidden';
  return status === 404 ? 'not_found' : 'invalid_request';
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield readJson(line);
  }
  if (rest.trim() !== '') yield readJson(rest);
}
