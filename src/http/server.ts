import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import { messageOf, WitanError } from '../errors.js';
import { attemptNamer } from './attempt.js';
import { authenticate, refuseTokenInUrl, TOKEN_CHARS_MAX } from './authenticate.js';
import { authenticatorsOf } from './authenticators.js';
import { controlRoutes, routesOf } from './control-routes.js';
import { decisionRoutes } from './decision-routes.js';
import { problemOf, PROBLEM_MEDIA_TYPE } from './problem.js';
import { refusalsNoted } from './refused.js';

/** The listening service. */
export interface HttpServer {
  /** `http://127.0.0.1:8180` */
  readonly url: string;
  /** Stops taking requests and waits for those in flight, at most `stopMsMax` milliseconds. */
  close(stopMsMax: number): Promise<void>;
}

/** Longest wait for the headers and for the whole of a request, in milliseconds. */
const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 60_000;
/** All headers of a request together; a token has half of it at most. */
const HEADER_BYTES_MAX = 2 * TOKEN_CHARS_MAX;
/** How long an idle connection is kept: longer than clients and proxies keep theirs, so that they close first. */
const IDLE_MS_MAX = 75_000;

/**
 * Listens on the configured address. The decision routes are served before express: a sidecar asks on every query.
 *
 * @throws WitanError `port_in_use`, `config_invalid` for an address that cannot be listened on.
 */
export async function serveHttp(app: App, logger: Logger): Promise<HttpServer> {
  const { config } = app;
  const hot = decisionRoutes(app);
  const routes = routesOf(app);
  const decisions = [...hot.keys()].map((path) => ({ method: 'post' as const, path }));
  const noteFailed = refusalsNoted(app, attemptNamer([...decisions, ...routes]));
  const rest = controlRoutes(routes, logger, noteFailed);
  const authenticators = authenticatorsOf(app);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    refuseTokenInUrl(request);
    if (config.auth === 'development') requireLoopbackHost(request.headers.host);
    await authenticate(request, authenticators);
    const route = hot.get(pathOf(request));
    if (route === undefined) {
      rest(request, response);
      return;
    }
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST');
      throw new WitanError(
        'method_not_allowed',
        `\`${request.method ?? ''}\` is not allowed here, only POST`,
      );
    }
    await route(request, response);
  };
  const server = createServer({ maxHeaderSize: HEADER_BYTES_MAX }, (request, response) => {
    const requestId = request.headers['x-request-id'];
    if (typeof requestId === 'string') response.setHeader('X-Request-ID', requestId);
    answer(request, response).catch((thrown: unknown) => {
      noteFailed(request, thrown);
      answerFailure(request, response, thrown, logger);
    });
  });
  server.headersTimeout = HEADERS_MS_MAX;
  server.requestTimeout = REQUEST_MS_MAX;
  server.keepAliveTimeout = IDLE_MS_MAX;
  await listen(server, config.host, config.port);
  // INVARIANT: a server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return { url: `http://${host}:${port}`, close: (stopMsMax) => stop(server, stopMsMax) };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/** A page of another site that a browser was tricked into resolving to this machine still names its own host. */
function requireLoopbackHost(host: string | undefined): void {
  if (host === undefined || /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host)) return;
  throw new WitanError(
    'not_loopback',
    'only requests to a loopback address are served while `WITAN_AUTH` is `development`',
  );
}

function answerFailure(
  request: IncomingMessage,
  response: ServerResponse,
  thrown: unknown,
  logger: Logger,
): void {
  if (!(thrown instanceof WitanError)) {
    logger.error({ err: thrown, url: request.url }, 'a request failed');
  } else if (thrown.code === 'audit_unavailable') {
    logger.error({ err: thrown }, 'a decision could not be recorded');
  }
  refuse(response, thrown);
  // What is left of a body that was refused is not read.
  if (!request.complete) request.destroy();
}

function refuse(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, problem } = problemOf(thrown);
  const text = JSON.stringify(problem);
  response.writeHead(status, {
    ...headers,
    'Content-Type': PROBLEM_MEDIA_TYPE,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? new WitanError(
              'port_in_use',
              `port ${port} on ${host} is in use: stop what listens there, or set \`WITAN_PORT\``,
              { cause },
            )
          : new WitanError('config_invalid', `cannot listen on ${host}:${port}: ${messageOf(cause)}`, {
              cause,
            }),
      );
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

async function stop(server: Server, stopMsMax: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, stopMsMax);
  await closed;
  clearTimeout(timer);
}
