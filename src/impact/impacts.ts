import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { InMemoryCouncil } from '../council/in-memory-council.js';
import type { ImpactSummary, Proposal } from '../council/proposal.js';
import { grantedWaiver } from '../council/waivers-in-force.js';
import { messageOf, WitanError } from '../errors.js';
import type { FromImpact, ImpactLimits, ImpactProgress, ImpactTask } from './impact-protocol.js';
import { inTurns } from '../in-turn.js';
import type { Bundle } from '../policy/bundle.js';
import type { CurrentPolicies } from '../policy/current-policies.js';
import { portableLayer } from './portable-policies.js';
import { proposedLayers } from './proposed-layers.js';
import { samePolicies } from './same-policies.js';
import type { OpaBuiltins } from '../rego/opa-builtins.js';
import type { Toolchain } from '../rego/toolchain.js';
import { startWorker } from '../worker.js';

/** What was found out, for whoever keeps it with the proposal. */
export interface ImpactFound {
  readonly summary: ImpactSummary;
  /** The same in one sentence. */
  readonly words: string;
  /** The whole as JSON text: `ImpactReport` of `council/impact.ts`. */
  readonly body: string;
}

/** How the finding out of an impact ended. */
export interface ImpactEnd {
  readonly ended: 'done' | 'cancelled' | 'failed';
  /** Why it failed. */
  readonly reason?: string;
}

/** Finds out what proposals would change, one after the other, beside the decisions. */
export interface Impacts {
  /**
   * Finds out what would change if the bundle took the place of that of its layer. An impact of the same proposal that
   * waits or runs is cancelled. It counts as done when it is kept.
   *
   * @param options.keep keeps what was found out
   * @returns `undefined` where it was cancelled or failed; why it failed is told to the operator and to who follows it
   */
  run(
    proposal: Pick<Proposal, 'id' | 'layer' | 'digest'>,
    bundle: Bundle,
    options?: {
      readonly signal?: AbortSignal;
      readonly keep?: (found: ImpactFound) => Promise<void>;
    },
  ): Promise<ImpactFound | undefined>;
  /** How far a proposal's impact is; `undefined` when none waits or runs. */
  progressOf(proposal: string): ImpactProgress | undefined;
  /** What becomes of it, as it goes on, and how it ended; `undefined` when there was none lately. */
  follow(proposal: string): AsyncGenerator<ImpactProgress | ImpactEnd, void, undefined> | undefined;
  /** Answers whether there was one to cancel. */
  cancel(proposal: string): boolean;
  /** Cancels all and waits until their threads are gone. */
  close(): Promise<void>;
}

interface Needs {
  readonly dataDir: string;
  readonly toolchain: Toolchain;
  readonly opaBuiltins: OpaBuiltins;
  readonly current: CurrentPolicies;
  /** Its granted waivers hold for both sides. */
  readonly council: Pick<InMemoryCouncil, 'waivers'>;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  /** Told why one failed, in words. */
  readonly warn?: (message: string) => void;
  readonly limits?: Partial<ImpactLimits>;
  /** Draws the requests that are evaluated where there are too many; by chance unless given. */
  readonly seed?: () => string;
}

const LIMITS: ImpactLimits = {
  recordsMax: 5_000_000,
  distinctMax: 250_000,
  evaluationMsMax: 10 * 60_000,
};
const SEED_BYTES = 8;
const HEAP_MEGABYTES_MAX = 1024;
/** A thread that does not hear that it is to stop is ended after so long, in milliseconds. */
const STOP_MS_MAX = 5_000;
/** Who follows one is told again after so long that nothing changed, in milliseconds. */
const TOLD_AGAIN_MS = 10_000;
/** Proposals of which it is remembered how their last impact ended. */
const ENDED_MAX = 1000;

/** One impact, from when it is asked for until it ended. */
class Running {
  readonly #stopped = new AbortController();
  progress: ImpactProgress = { done: 0, of: 0, step: 'waiting' };
  end: ImpactEnd | undefined;
  /** Whether it had its turn. */
  begun = false;
  #waiting: (() => void)[] = [];

  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  isCancelled(): boolean {
    return this.signal.aborted;
  }

  cancel(): void {
    this.#stopped.abort();
  }

  /** What `then` answers, once it is cancelled. */
  whenCancelled<T>(then: () => T | Promise<T>): Promise<T> {
    const { signal } = this;
    if (signal.aborted) return Promise.resolve(then());
    return new Promise((resolve) => {
      signal.addEventListener(
        'abort',
        () => {
          resolve(then());
        },
        { once: true },
      );
    });
  }

  tell(progress: ImpactProgress): void {
    this.progress = progress;
    this.#wake();
  }

  finish(end: ImpactEnd): void {
    this.end = end;
    this.#wake();
  }

  async *follow(): AsyncGenerator<ImpactProgress | ImpactEnd, void, undefined> {
    while (this.end === undefined) {
      const told = this.progress;
      yield told;
      // Whoever is slow to take it gets the last of what there was meanwhile.
      if (this.progress === told) await this.#change();
    }
    yield this.end;
  }

  /** The next change, or so long that who follows wants to hear that nothing changed. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, TOLD_AGAIN_MS);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export function createImpacts(needs: Needs): Impacts {
  const { warn = () => undefined } = needs;
  const running = new Map<string, Running>();
  /** The one that ended last stands last. */
  const ended = new Map<string, ImpactEnd>();
  const turn = inTurns();
  let last: Promise<unknown> = Promise.resolve();

  const finish = (id: string, run: Running, end: ImpactEnd): void => {
    run.finish(end);
    if (running.get(id) !== run) return;
    running.delete(id);
    ended.delete(id);
    ended.set(id, end);
    const [oldest] = ended.keys();
    if (ended.size > ENDED_MAX && oldest !== undefined) ended.delete(oldest);
  };

  return {
    run(proposal, bundle, { signal, keep } = {}) {
      const { id } = proposal;
      const run = new Running();
      running.get(id)?.cancel();
      running.set(id, run);
      const cancel = (): void => {
        run.cancel();
      };
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted === true) cancel();
      const result = turn(async () => {
        if (run.end !== undefined) return undefined;
        run.begun = true;
        try {
          const found = await find(needs, proposal, bundle, run);
          if (found !== undefined) await keep?.(found);
          finish(id, run, { ended: found === undefined ? 'cancelled' : 'done' });
          return found;
        } catch (thrown) {
          if (run.isCancelled()) {
            finish(id, run, { ended: 'cancelled' });
            return undefined;
          }
          const reason = messageOf(thrown);
          warn(`the impact of the proposal ${id} could not be found out: ${reason}`);
          finish(id, run, { ended: 'failed', reason });
          return undefined;
        }
      }).finally(() => signal?.removeEventListener('abort', cancel));
      last = result;
      // One that waits for its turn need not wait to be cancelled.
      const cancelled = run.whenCancelled(() => {
        if (!run.begun) finish(id, run, { ended: 'cancelled' });
        return run.begun ? result : undefined;
      });
      return Promise.race([result, cancelled]);
    },
    progressOf: (proposal) => running.get(proposal)?.progress,
    follow(proposal) {
      const run = running.get(proposal);
      if (run !== undefined) return run.follow();
      const end = ended.get(proposal);
      return end === undefined ? undefined : once(end);
    },
    cancel(proposal) {
      const run = running.get(proposal);
      run?.cancel();
      return run !== undefined;
    },
    async close() {
      for (const run of running.values()) run.cancel();
      await last;
    },
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- one value, as those who follow take it
async function* once<T>(value: T): AsyncGenerator<T, void, undefined> {
  yield value;
}

/** @returns `undefined` where it was cancelled */
async function find(
  { dataDir, toolchain, opaBuiltins, current, council, nowMs, limits, seed = randomSeed }: Needs,
  { id, layer, digest }: Pick<Proposal, 'id' | 'layer' | 'digest'>,
  bundle: Bundle,
  run: Running,
): Promise<ImpactFound | undefined> {
  if (run.isCancelled()) return undefined;
  const started = performance.now();
  // INVARIANT: everything is compared with this one snapshot, whatever becomes law meanwhile.
  const { law } = current;
  const replaced = await proposedLayers(law, bundle, {
    toolchain,
    opaBuiltins,
    progress: (done, of) => {
      run.tell({ done, of, step: 'compiling' });
    },
  });
  if (run.isCancelled()) return undefined;
  const currentDigest = law.bundles.get(layer)?.digest;
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const task: ImpactTask = {
    logFile: join(dataDir, 'witan.db'),
    toolchainPath: toolchain.wasmPath,
    proposal: { id, layer, digest },
    ...(currentDigest !== undefined && { currentDigest }),
    layers: {
      revision: law.policies.revision,
      layers: [...law.policies.layers.values()].map(portableLayer),
      replaced: replaced.map(portableLayer),
      same: new Map([[layer, samePolicies(law.bundles.get(layer), bundle)]]),
    },
    waivers: [...council.waivers()].flatMap((waiver) => grantedWaiver(waiver) ?? []),
    nowMs: nowMs(),
    seed: seed(),
    limits: { ...LIMITS, ...limits },
    spentMs: performance.now() - started,
    stop,
  };
  const worker = startWorker('./impact-worker', import.meta.url, {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX },
  });
  return answerOf(worker, stop, run);
}

function randomSeed(): string {
  return randomBytes(SEED_BYTES).toString('hex');
}

/** Waits for what the thread answers, and until it is gone. */
function answerOf(worker: Worker, stop: Int32Array, run: Running): Promise<ImpactFound | undefined> {
  return new Promise((resolve, reject) => {
    let answer: Exclude<FromImpact, { readonly kind: 'progress' }> | undefined;
    let failure: Error = new WitanError('internal_error', 'its thread ended without an answer');
    let timer: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      Atomics.store(stop, 0, 1);
      timer = setTimeout(() => void worker.terminate(), STOP_MS_MAX);
    };
    if (run.signal.aborted) cancel();
    run.signal.addEventListener('abort', cancel, { once: true });
    worker.on('message', (message: FromImpact) => {
      if (message.kind === 'progress') run.tell(message.progress);
      else answer = message;
    });
    worker.on('error', (error: Error) => {
      failure = error;
    });
    worker.once('exit', () => {
      clearTimeout(timer);
      run.signal.removeEventListener('abort', cancel);
      if (run.signal.aborted || answer?.kind === 'stopped') resolve(undefined);
      else if (answer?.kind === 'done') resolve(answer);
      else if (answer?.kind === 'failed') reject(new WitanError(answer.code, answer.message));
      else reject(failure);
    });
  });
}
