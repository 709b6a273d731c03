import express, { type ErrorRequestHandler, type Express } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import type { App } from '../app.js';
import { WitanError } from '../errors.js';
import { permissionOf, requirePermission } from '../identity/permissions.js';
import { activationRoutes } from './activations.js';
import { identifiedCaller } from './caller.js';
import { checkRoute } from './checks.js';
import { complianceRoute } from './compliance.js';
import { evidenceRoutes } from './evidence.js';
import { exportRoute } from './exports.js';
import { healthRoutes } from './health.js';
import { impactRoutes } from './impacts.js';
import { logRoutes } from './log.js';
import { openApiDocument } from './openapi.js';
import { problemOf, PROBLEM_MEDIA_TYPE } from './problem.js';
import { productRoutes } from './products.js';
import { proposalRoutes } from './proposals.js';
import { recordRoutes } from './records.js';
import { replayRoutes } from './replays.js';
import type { Route } from './route.js';
import { sampleRoute } from './samples.js';
import { savedQueryRoutes } from './saved-queries.js';
import { tokenRoutes } from './tokens.js';

/** Everything but the decision routes, in the order in which they are tried. */
export function routesOf(app: App): readonly Route[] {
  return [
    ...healthRoutes(app),
    ...productRoutes(app),
    complianceRoute(app),
    checkRoute(app),
    ...activationRoutes(app),
    ...proposalRoutes(app),
    ...logRoutes(app),
    ...evidenceRoutes(app),
    ...replayRoutes(app.replays),
    ...impactRoutes(app),
    exportRoute(app),
    ...recordRoutes(app),
    sampleRoute(app),
    ...savedQueryRoutes(app),
    ...tokenRoutes(app),
    {
      method: 'get',
      path: '/openapi.json',
      answer: (_request, response) => {
        response.json(openApiDocument);
      },
    },
  ];
}

/**
 * Serves everything but the decision routes.
 *
 * @throws Error for a route that the table of permissions does not know
 */
export function controlRoutes(routes: readonly Route[], logger: Logger): Express {
  const server = express();
  server.disable('x-powered-by');
  server.disable('etag');
  server.set('query parser', 'simple');
  server.use(
    pinoHttp({
      logger,
      autoLogging: { ignore: ({ url }) => url === '/healthz' || url === '/readyz' },
      serializers: {
        req: ({ method, url }: { method: string; url: string }) => ({ method, url }),
        res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
      },
    }),
  );
  server.use(helmet());
  // A route without permission cannot be served: looking for it throws.
  for (const { method, path, answer } of routes) {
    const permission = permissionOf(method, path);
    server[method](
      path,
      (request, _response, next) => {
        requirePermission(permission, identifiedCaller(request));
        next();
      },
      answer,
    );
  }
  for (const [path, methods] of methodsByPath(routes)) {
    server.all(path, (request, response) => {
      response.setHeader('Allow', methods.join(', '));
      throw new WitanError(
        'method_not_allowed',
        `\`${request.method}\` is not allowed here, only ${methods.join(', ')}`,
      );
    });
  }
  server.use((request) => {
    throw new WitanError('not_found', `there is nothing at \`${request.path}\``);
  });
  server.use(failed(logger));
  return server;
}

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>();
  for (const { method, path } of routes)
    methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  return methods;
}

function failed(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    // Express itself refuses a path that is not well encoded.
    const error =
      thrown instanceof URIError ? new WitanError('invalid_request', 'the path is not well encoded') : thrown;
    if (!(error instanceof WitanError)) logger.error({ err: error, url: request.url }, 'a request failed');
    const { status, headers, problem } = problemOf(error);
    response
      .status(status)
      .set({ ...headers, 'Cache-Control': 'no-store' })
      .type(PROBLEM_MEDIA_TYPE)
      .send(JSON.stringify(problem));
  };
}
