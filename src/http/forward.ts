import {
  Agent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import { pipeline } from 'node:stream';
import { messageOf, WitanError } from '../errors.js';
import { refuse } from './server.js';

/** How long an idle connection is kept: shorter than the main process keeps it, so that none is used that it just closed. */
const IDLE_MS_MAX = 30_000;
/** What concerns one connection alone (RFC 9110, section 7.6.1); how the body is framed is passed on. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
]);
const FRAMING = 'transfer-encoding';

/**
 * Passes requests on to the main process, and its answers back, as they come. What was broken off on one side is broken off on
 * the other, so that nothing looks whole that is not.
 *
 * @param socketPath where the main process listens
 */
export function forwarding(socketPath: string): RequestListener {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS_MAX, maxFreeSockets: 16 });
  const begin = (request: IncomingMessage): ClientRequest => {
    const { method = 'GET', url = '/' } = request;
    try {
      return httpRequest({
        ...{ agent, socketPath, method },
        path: url,
        // Whether to wait for `100 Continue` was settled with the client.
        headers: endToEnd(request, (name) => name === 'expect'),
        setHost: false,
      });
    } catch (cause) {
      throw new WitanError('invalid_request', `the request cannot be passed on: ${messageOf(cause)}`, {
        cause,
      });
    }
  };
  return (request, response) => {
    let passed: ClientRequest;
    try {
      passed = begin(request);
    } catch (thrown) {
      refuse(response, thrown);
      return;
    }
    passed.once('response', (answer) => {
      response.writeHead(
        answer.statusCode ?? 502,
        answer.statusMessage ?? '',
        endToEnd(answer, (name) => name === FRAMING),
      );
      pipeline(answer, response, () => {
        // A body that nobody reads any more was refused.
        if (request.complete) return;
        passed.destroy();
        request.destroy();
      });
    });
    passed.on('error', (cause) => {
      if (response.headersSent || response.destroyed) return;
      refuse(response, new WitanError('stopping', 'the service is stopping; ask again', { cause }));
    });
    response.once('close', () => {
      if (!response.writableFinished) passed.destroy();
    });
    request.on('error', () => {
      passed.destroy();
    });
    request.pipe(passed);
  };
}

/** The headers of a message as they came, name after value, without those of the connection. */
function endToEnd({ rawHeaders }: IncomingMessage, leaveOut: (name: string) => boolean): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]];
    const lower = name.toLowerCase();
    if (!OF_THE_CONNECTION.has(lower) && !leaveOut(lower)) kept.push(name, value);
  }
  return kept;
}
