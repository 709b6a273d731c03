import type { Advice, DecisionCode, Obligation, Reason } from '../decision/decision.js';
import type { Evaluation } from '../decision/request.js';
import { isObject, readJson, writeJson } from '../document/json.js';
import { messageOf, WitanError, type Fault } from '../errors.js';

/** A decision as the decision API answers it. */
export interface Answer {
  readonly decision: boolean;
  readonly context: {
    /** Of the record; absent when there is none. */
    readonly id?: string;
    readonly code: DecisionCode;
    readonly reasons: readonly Reason[];
    readonly obligations: readonly Obligation[];
    readonly advice: readonly Advice[];
    readonly revision?: number;
  };
}

/** A service that did not answer as it should; no error of the catalogue, since that is the service's own. */
export class ServerError extends Error {}

/** A running service, and with which token it is asked. */
export interface Server {
  /** Its base URL. */
  readonly url: string;
  readonly token?: string;
}

const ANSWER_MS_MAX = 10_000;

/**
 * Asks a running service for one decision.
 *
 * @throws ServerError when it cannot be reached or fails; WitanError `unauthenticated`, `forbidden` or `invalid_request`
 * when it refuses the request.
 */
export async function askServer(server: Server, evaluation: Evaluation): Promise<Answer> {
  const answered = await requestServer(server, 'access/v1/evaluation', evaluation);
  if (answered.ok && isAnswer(answered.body)) return answered.body;
  throw refusal(server, answered);
}

/**
 * The JSON that a running service answers at a path; `undefined` when there is nothing.
 *
 * @throws ServerError when it cannot be reached or fails; WitanError `unauthenticated`, `forbidden` or `invalid_request`
 * when it refuses the request.
 */
export async function getFromServer(server: Server, path: string): Promise<unknown> {
  const answered = await requestServer(server, path);
  if (answered.ok && answered.body !== undefined) return answered.body;
  if (answered.status === 404) return undefined;
  throw refusal(server, answered);
}

/**
 * The bytes that a running service answers at a path, as they come in. An answer that is broken off throws.
 *
 * @throws ServerError when it cannot be reached or fails; WitanError `unauthenticated`, `forbidden` or `invalid_request`
 * when it refuses the request.
 */
export async function* streamFromServer(
  server: Server,
  path: string,
): AsyncGenerator<Buffer, void, undefined> {
  const url = urlOf(server, path);
  try {
    const response = await fetch(url, { headers: bearing(server) });
    if (!response.ok || response.body === null) {
      const text = await response.text();
      throw refusal(server, { ok: false, status: response.status, body: parsed(text), text });
    }
    for await (const chunk of response.body) yield Buffer.from(chunk as Uint8Array);
  } catch (thrown) {
    if (thrown instanceof WitanError || thrown instanceof ServerError) throw thrown;
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    throw new ServerError(`\`${server.url}\` did not answer to the end: ${messageOf(cause)}`, {
      cause: thrown,
    });
  }
}

/** The same, whole. @throws as `streamFromServer` */
export async function bytesFromServer(server: Server, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of streamFromServer(server, path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What a service answered. */
export interface ServerAnswer {
  readonly ok: boolean;
  readonly status: number;
  /** The body as JSON; absent where it is none. */
  readonly body: unknown;
  readonly text: string;
}

/**
 * Sends one request to a running service: POST where there is a body, and otherwise as `method` says.
 *
 * @param path below the base URL, without a slash before it
 * @throws ServerError when it cannot be reached; WitanError `invalid_request` when `server` is no URL
 */
export async function requestServer(
  server: Server,
  path: string,
  body?: object,
  { method = body === undefined ? 'GET' : 'POST', answerMsMax = ANSWER_MS_MAX } = {},
): Promise<ServerAnswer> {
  const url = urlOf(server, path);
  try {
    const response = await fetch(url, {
      method,
      headers: { ...bearing(server), ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      ...(body !== undefined && { body: writeJson(body) }),
      signal: AbortSignal.timeout(answerMsMax),
    });
    const text = await response.text();
    return { ok: response.ok, status: response.status, body: parsed(text), text };
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    throw new ServerError(`\`${server.url}\` cannot be reached: ${messageOf(cause)}`, { cause: thrown });
  }
}

/** Codes of the service that say more than that the request is not valid. */
const REFUSALS = ['not_found', 'unauthenticated', 'forbidden'] as const;
const HOW_TO_ASK =
  'say as whom you ask with `--as <name>` (of the demo), `--token-file <file>` or `WITAN_TOKEN`';

function bearing({ token }: Server): Record<string, string> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

/** The error for an answer that is not what was asked for: the service's own, or that of the request. */
export function refusal(server: Server, { status, body, text }: ServerAnswer): WitanError | ServerError {
  const detail = isObject(body) && typeof body['detail'] === 'string' ? body['detail'] : text.slice(0, 200);
  if (status >= 400 && status < 500 && isObject(body) && 'code' in body) {
    const faults = Array.isArray(body['faults']) ? (body['faults'] as readonly Fault[]) : [];
    const code = REFUSALS.find((each) => each === body['code']) ?? 'invalid_request';
    const hint = code === 'unauthenticated' ? `; ${HOW_TO_ASK}` : '';
    return new WitanError(code, `\`${server.url}\` refuses the request: ${detail}${hint}`, { faults });
  }
  return new ServerError(`\`${server.url}\` answered ${status}: ${detail}`);
}

function urlOf(server: Server, path: string): URL {
  try {
    const base = new URL(server.url.endsWith('/') ? server.url : `${server.url}/`);
    if (/^https?:$/.test(base.protocol)) return new URL(path, base);
  } catch {
    // Said below.
  }
  throw new WitanError(
    'invalid_request',
    `\`${server.url}\` is no URL of a service; expected one such as \`http://127.0.0.1:8180\``,
  );
}

function parsed(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}

/** Whether a server speaks as Witan does; an answer without the parts that are shown is no answer. */
function isAnswer(body: unknown): body is Answer {
  if (!isObject(body) || typeof body['decision'] !== 'boolean') return false;
  const { context } = body;
  return (
    isObject(context) &&
    typeof context['code'] === 'string' &&
    ['reasons', 'obligations', 'advice'].every((member) => Array.isArray(context[member]))
  );
}
