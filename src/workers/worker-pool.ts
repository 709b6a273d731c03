import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { App } from '../app.js';
import { messageOf, WitanError } from '../errors.js';
import type { ModuleBytes } from '../rego/module-bytes.js';
import { handOver } from './hand-over.js';
import { observedOf } from './observed-report.js';
import type { WorkerSettings } from './protocol.js';
import { WorkerProcess } from './worker-process.js';

interface Needs {
  readonly app: App;
  readonly moduleBytes: ModuleBytes;
  readonly settings: Omit<WorkerSettings, 'number'>;
  readonly logger: Logger;
}

/** How often each worker is asked whether it is still there. */
const PING_EVERY_MS = 1000;
/** What a worker that ended is replaced after: twice as long each time that it ends soon after it began. */
const REPLACED_AFTER_MS = { first: 100, longest: 10_000 } as const;
/** From then on a worker counts as sound. */
const SOUND_AFTER_MS = 30_000;
/** Connections that wait for a worker while none decides; past it they are closed. */
const WAITING_MAX = 1024;

/** The workers of a service: as many as are configured, each replaced when it ends. */
export class WorkerPool {
  readonly #needs: Needs;
  /** Those that decide. */
  readonly #deciding: WorkerProcess[] = [];
  readonly #all = new Set<WorkerProcess>();
  readonly #waiting = new Set<Socket>();
  readonly #pings: NodeJS.Timeout;
  readonly #replacements = new Set<NodeJS.Timeout>();
  #closing = false;

  private constructor(needs: Needs) {
    this.#needs = needs;
    this.#pings = setInterval(() => {
      this.#ping();
    }, PING_EVERY_MS).unref();
  }

  /**
   * Starts the workers; all of them decide then.
   *
   * @throws WitanError `internal_error` when one of them ends while it starts; none is left then
   */
  static async open(needs: Needs): Promise<WorkerPool> {
    const pool = new WorkerPool(needs);
    const { workers } = needs.settings.config;
    try {
      await Promise.all(Array.from({ length: workers }, (_, at) => pool.#start(at + 1, 0)));
      return pool;
    } catch (thrown) {
      await pool.close(0);
      throw thrown;
    }
  }

  /** Hands a connection to the worker that is the least behind, one after the other where they are even. */
  take(connection: Socket): void {
    const worker = this.#next();
    if (worker !== undefined) worker.take(connection);
    else if (this.#waiting.size < WAITING_MAX && !this.#closing) this.#waiting.add(connection);
    else connection.destroy();
  }

  /** Has them finish what is in flight, at most so many milliseconds, and end. */
  async close(stopMsMax: number): Promise<void> {
    this.#closing = true;
    clearInterval(this.#pings);
    for (const timer of this.#replacements) clearTimeout(timer);
    for (const connection of this.#waiting) connection.destroy();
    await Promise.all([...this.#all].map((worker) => worker.stop(stopMsMax)));
  }

  /** @param failures how often one of this number ended soon after it began */
  async #start(number: number, failures: number): Promise<void> {
    const { app, moduleBytes, settings, logger } = this.#needs;
    const startedMs = performance.now();
    const worker: WorkerProcess = new WorkerProcess({
      settings: { ...settings, number },
      audit: app.store.audit,
      moduleBytes,
      observing: () => [...app.council.proposals()].some(({ state }) => state === 'shadow'),
      quarantined: (quarantined) => {
        app.quarantine.adopt(quarantined);
        app.deciders.quarantine(quarantined, worker);
      },
      observed: (reports) => {
        for (const report of reports) app.shadows.observe(observedOf(report, app.basis()));
      },
      ended: (reason) => {
        this.#forget(worker);
        if (this.#closing) return;
        const soon = performance.now() - startedMs < SOUND_AFTER_MS;
        logger.warn({ worker: number, pid: worker.pid }, `a worker is replaced: ${reason}`);
        this.#replace(number, soon ? failures + 1 : 0);
      },
    });
    this.#all.add(worker);
    app.deciders.follow(worker);
    try {
      await worker.begin();
      await handOver(app, worker);
      await app.deciders.admit(worker, app.policies);
    } catch (thrown) {
      worker.end(messageOf(thrown));
      throw thrown;
    }
    if (worker.gone) throw new WitanError('internal_error', `worker ${number} ended while it started`);
    this.#deciding.push(worker);
    for (const connection of this.#waiting) worker.take(connection);
    this.#waiting.clear();
  }

  #replace(number: number, failures: number): void {
    const { first, longest } = REPLACED_AFTER_MS;
    const timer = setTimeout(
      () => {
        this.#replacements.delete(timer);
        // One that ends while it starts is replaced as any other, and that is logged there.
        this.#start(number, failures).catch(() => undefined);
      },
      Math.min(first * 2 ** Math.max(failures - 1, 0), longest),
    );
    this.#replacements.add(timer);
  }

  #forget(worker: WorkerProcess): void {
    this.#needs.app.deciders.dismiss(worker);
    this.#all.delete(worker);
    const at = this.#deciding.indexOf(worker);
    if (at !== -1) this.#deciding.splice(at, 1);
  }

  /** The first of those that took what they were sent; it is the last to be asked again. */
  #next(): WorkerProcess | undefined {
    let chosen: WorkerProcess | undefined;
    for (const worker of this.#deciding) {
      if (worker.gone) continue;
      if (chosen === undefined || worker.untaken < chosen.untaken) chosen = worker;
    }
    if (chosen !== undefined) {
      this.#deciding.splice(this.#deciding.indexOf(chosen), 1);
      this.#deciding.push(chosen);
    }
    return chosen;
  }

  #ping(): void {
    for (const worker of this.#deciding) void worker.ping();
  }
}
