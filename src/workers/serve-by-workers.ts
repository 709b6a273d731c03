import { createServer as createAcceptor } from 'node:net';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import { serveWorkers } from '../http/inner-server.js';
import { listen, urlOf, type HttpServer } from '../http/server.js';
import type { ModuleBytes } from '../rego/module-bytes.js';
import { WorkerPool } from './worker-pool.js';

interface Needs {
  readonly app: App;
  readonly moduleBytes: ModuleBytes;
  /** The toolchain's reactor. */
  readonly toolchainPath: string;
  readonly logger: Logger;
}

/**
 * Serves by processes that decide, each with a part of the connections. This process holds the store and answers all that is no
 * decision.
 *
 * @throws WitanError `port_in_use`, `config_invalid`, `store_unavailable`, `internal_error`; nothing is left open then
 */
export async function serveByWorkers({
  app,
  moduleBytes,
  toolchainPath,
  logger,
}: Needs): Promise<HttpServer> {
  const { config } = app;
  const inner = await serveWorkers(app, logger);
  const closing: ((stopMsMax: number) => Promise<void>)[] = [inner.close];
  const close = async (stopMsMax: number): Promise<void> => {
    for (const each of closing.splice(0).reverse()) await each(stopMsMax);
  };
  try {
    const settings = { config, toolchainPath, mainSocket: inner.socketPath };
    const pool = await WorkerPool.open({ app, moduleBytes, settings, logger });
    closing.push((stopMsMax) => pool.close(stopMsMax));
    const acceptor = createAcceptor({ pauseOnConnect: true, noDelay: true }, (connection) => {
      pool.take(connection);
    });
    await listen(acceptor, config.host, config.port);
    closing.push(() => {
      acceptor.close();
      return Promise.resolve();
    });
    return { url: urlOf(acceptor, config.host), close };
  } catch (thrown) {
    await close(0);
    throw thrown;
  }
}
