import type { Logger } from 'pino';
import { createApp } from './app.js';
import type { Config } from './config.js';
import { serveHttp } from './http/server.js';

/** A running service. */
export interface Service {
  readonly url: string;
  /** Verifier key of the key that signs the log. */
  readonly logKey: string;
  /** Finishes what is in flight, then closes in the reverse order of opening. */
  stop(): Promise<void>;
}

/**
 * Starts the service: store, policies, then the network.
 *
 * @throws WitanError of whatever stands in the way; nothing is left open then.
 */
export async function serve(config: Config, toolchainPath: string, logger: Logger): Promise<Service> {
  const progress = (message: string): void => {
    logger.info(message);
  };
  const warn = (message: string): void => {
    logger.warn(message);
  };
  const app = await createApp({ config, toolchainPath, nowMs: Date.now, progress, warn });
  try {
    const server = await serveHttp(app, logger);
    return {
      url: server.url,
      // INVARIANT: a store that is served signs its log.
      logKey: app.store.tree.signingKey ?? '',
      async stop() {
        await server.close(config.stopMsMax);
        await app.close();
      },
    };
  } catch (thrown) {
    await app.close();
    throw thrown;
  }
}
