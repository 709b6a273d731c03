import { join } from 'node:path';
import pino from 'pino';
import { createApp, type App } from '../src/app.js';
import { readConfig } from '../src/config.js';
import { serveApp } from '../src/serve.js';
import { laySeededStore } from './seeded-stores.js';
import { root } from './service.js';
import { knowService } from './tokens.js';

type Options = Partial<Omit<Parameters<typeof createApp>[0], 'config' | 'toolchainPath' | 'nowMs'>> & {
  readonly logger?: pino.Logger;
};

/** A service in this process, whose clock a test moves. */
export class InProcessMesh {
  nowMs = Date.parse('2026-06-01T00:00:00Z');
  url = '';
  #app: App | undefined;
  #stop: () => Promise<void> = () => Promise.resolve();

  get app(): App {
    if (this.#app === undefined) throw new Error('the mesh is not served');
    return this.#app;
  }

  /**
   * Serves with these settings, on any free port; its demo tokens are known to `fetchAuthorized`. A store that is not
   * there yet is a copy of one that was seeded under the same settings, where this run of the tests has it.
   */
  protected async serve(
    environment: Readonly<Record<string, string>>,
    { logger = pino({ level: 'silent' }), ...options }: Options = {},
  ): Promise<App> {
    const config = readConfig({ WITAN_PORT: '0', ...environment });
    const toolchainPath = join(root, 'build/toolchain.wasm');
    const nowMs = (): number => this.nowMs;
    await laySeededStore(config, String(this.nowMs), async (dataDir) => {
      await (await createApp({ config: { ...config, dataDir }, toolchainPath, nowMs })).close();
    });
    const app = await createApp({ config, toolchainPath, nowMs, ...options });
    const server = await serveApp(app, toolchainPath, logger);
    this.#app = app;
    this.url = server.url;
    knowService({ url: server.url, dataDir: config.dataDir });
    this.#stop = async () => {
      await server.close(1000);
      await app.close();
    };
    return app;
  }

  async stop(): Promise<void> {
    const stop = this.#stop;
    this.#stop = () => Promise.resolve();
    this.#app = undefined;
    await stop();
  }
}
