import type { Logger } from 'pino';
import { resolve } from 'node:path';
import { createApp, type App } from './app.js';
import type { Config } from './config.js';
import { DEMO_TOKENS_FILE } from './admission/first-tokens.js';
import { serveHttp, type HttpServer } from './http/server.js';
import { serveByWorkers } from './workers/serve-by-workers.js';
import { demoBearers } from './identity/demo-bearers.js';

/** A running service. */
export interface Service {
  readonly url: string;
  /** Verifier key of the key that signs the log. */
  readonly logKey: string;
  /** Where the tokens of the demo stand, and a name there that may read the log; absent where there is no demo. */
  readonly demo?: { readonly file: string; readonly auditor: string };
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
    const server = await serveApp(app, toolchainPath, logger);
    return {
      url: server.url,
      // INVARIANT: a store that is served signs its log.
      logKey: app.store.tree.signingKey ?? '',
      ...demoOf(app),
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

/** Serves by as many workers as are configured, or by this process alone. @throws what `serveHttp` and `serveByWorkers` throw */
export function serveApp(app: App, toolchainPath: string, logger: Logger): Promise<HttpServer> {
  const { moduleBytes } = app;
  return moduleBytes === undefined
    ? serveHttp(app, logger)
    : serveByWorkers({ app, moduleBytes, toolchainPath, logger });
}

function demoOf({ config, registry }: App): Pick<Service, 'demo'> {
  if (config.auth !== 'development') return {};
  const auditor = demoBearers(registry.entities()).find(({ roles }) => roles.includes('auditor'));
  return auditor === undefined
    ? {}
    : { demo: { file: resolve(config.dataDir, DEMO_TOKENS_FILE), auditor: auditor.name } };
}
