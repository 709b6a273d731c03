import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Server as SocketServer } from 'node:net';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import { messageOf, WitanError } from '../errors.js';
import type { Config } from '../config.js';
import { attemptNamer } from './attempt.js';
import {
  authenticate,
  bearerOf,
  refuseTokenInUrl,
  TOKEN_CHARS_MAX,
  type Authenticator,
} from './authenticate.js';
import { authenticatorsOf } from './authenticators.js';
import { controlRoutes, routesOf } from './control-routes.js';
import { decisionRoutes, type DecisionRoute } from './decision-routes.js';
import { problemOf, PROBLEM_MEDIA_TYPE } from './problem.js';
import { refusalsNoted, type NoteFailed } from './refused.js';

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
  const { host, port } = app.config;
  const server = createHttpServer(requestListener(app, logger));
  await listen(server, host, port);
  return { url: urlOf(server, host), close: (stopMsMax) => stop(server, stopMsMax) };
}

/**
 * Everything that is served.
 *
 * @param passedOn whether requests come through a worker, which ends the connections of those that are refused
 */
export function requestListener(app: App, logger: Logger, passedOn = false): RequestListener {
  const hot = decisionRoutes(app);
  const routes = routesOf(app);
  const decisions = [...hot.keys()].map((path) => ({ method: 'post' as const, path }));
  const noteFailed = refusalsNoted(app, attemptNamer([...decisions, ...routes]));
  const rest = controlRoutes(routes, logger, noteFailed);
  return answering(
    { config: app.config, hot, rest, noteFailed, authenticators: authenticatorsOf(app), passedOn },
    logger,
  );
}

interface Serving {
  readonly config: Pick<Config, 'auth'>;
  /** The decision routes, by their paths. */
  readonly hot: ReadonlyMap<string, DecisionRoute>;
  /** Answers everything else. */
  readonly rest: RequestListener;
  readonly noteFailed: NoteFailed;
  readonly authenticators: readonly Authenticator[];
  readonly passedOn?: boolean;
}

/** Answers requests once it is known who sends them. */
export function answering(
  { config, hot, rest, noteFailed, authenticators, passedOn = false }: Serving,
  logger: Logger,
): RequestListener {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    refuseTokenInUrl(request);
    if (config.auth === 'development') requireLoopbackHost(request.headers.host);
    const token = bearerOf(request);
    if (token !== undefined) await authenticate(request, token, authenticators);
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
  return (request, response) => {
    const requestId = request.headers['x-request-id'];
    if (typeof requestId === 'string') response.setHeader('X-Request-ID', requestId);
    answer(request, response).catch((thrown: unknown) => {
      noteFailed(request, thrown);
      answerFailure(request, response, thrown, logger);
      // What is left of a body that was refused is not read.
      if (!request.complete && !passedOn) request.destroy();
    });
  };
}

/** A server with the limits that hold for whoever is served. */
export function createHttpServer(listener: RequestListener): Server {
  const server = createServer({ maxHeaderSize: HEADER_BYTES_MAX }, listener);
  server.headersTimeout = HEADERS_MS_MAX;
  server.requestTimeout = REQUEST_MS_MAX;
  server.keepAliveTimeout = IDLE_MS_MAX;
  return server;
}

/** Where a server is reached that listens on a host's port. */
export function urlOf(server: SocketServer, host: string): string {
  // INVARIANT: a server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The path that a request names, without its query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
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
}

/** Answers what was thrown as a problem document. */
export function refuse(response: ServerResponse, thrown: unknown): void {
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

/** @throws WitanError `port_in_use`, `config_invalid` for an address that cannot be listened on */
export function listen(server: SocketServer, host: string, port: number): Promise<void> {
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

/** Stops taking requests and waits for those in flight, at most `stopMsMax` milliseconds. */
export async function stop(server: Server, stopMsMax: number): Promise<void> {
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
