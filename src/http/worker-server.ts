import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { attemptNamer } from './attempt.js';
import { authenticatorsOf } from './authenticators.js';
import { decisionRoutes } from './decision-routes.js';
import { forwarding } from './forward.js';
import { refusalsNoted } from './refused.js';
import { answering, createHttpServer, pathOf } from './server.js';

type Needs = Parameters<typeof decisionRoutes>[0] &
  Parameters<typeof authenticatorsOf>[0] &
  Parameters<typeof refusalsNoted>[0] & {
    /** Where the main process listens. */
    readonly mainSocket: string;
  };

/** Serves connections that the main process has accepted. */
export interface WorkerServer {
  take(connection: Socket): void;
  /** Ends idle connections and waits for requests in flight, at most `stopMsMax` milliseconds. */
  close(stopMsMax: number): Promise<void>;
}

const LOOKED_AT_EVERY_MS = 20;

/** Decisions are answered here, by the same code as without workers; all else is the main process's. */
export function serveConnections(needs: Needs, logger: Logger): WorkerServer {
  const hot = decisionRoutes(needs);
  const decisions = [...hot.keys()].map((path) => ({ method: 'post' as const, path }));
  const rest = forwarding(needs.mainSocket);
  const decide = answering(
    {
      ...{ config: needs.config, hot, rest },
      noteFailed: refusalsNoted(needs, attemptNamer(decisions)),
      authenticators: authenticatorsOf(needs),
    },
    logger,
  );
  let closing = false;
  const server = createHttpServer((request, response) => {
    if (closing) response.shouldKeepAlive = false;
    if (hot.has(pathOf(request))) decide(request, response);
    else rest(request, response);
  });
  // It listens by the main process, and from here on its limits of time hold.
  server.emit('listening');
  const connections = new Set<Socket>();
  return {
    take(connection) {
      connections.add(connection);
      connection.once('close', () => connections.delete(connection));
      server.emit('connection', connection);
    },
    async close(stopMsMax) {
      closing = true;
      const untilMs = performance.now() + stopMsMax;
      while (connections.size > 0 && performance.now() < untilMs) {
        server.closeIdleConnections();
        await new Promise((resolve) => setTimeout(resolve, LOOKED_AT_EVERY_MS));
      }
      server.closeAllConnections();
    },
  };
}
