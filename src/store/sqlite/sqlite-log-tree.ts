import type { Subtree } from '../../audit/merkle.js';
import type { LogTree, SignedCheckpoint } from '../../audit/tree.js';
import { WitanError } from '../../errors.js';
import { startWorker } from '../../worker.js';
import { StoreThread } from './store-thread.js';
import type { StoredTree } from './stored-tree.js';
import type { FromTree, Seal, ToTree, TreeSettings } from './tree-protocol.js';

type TreeThread = StoreThread<ToTree, FromTree>;

interface Needs {
  readonly settings: TreeSettings;
  readonly stored: StoredTree;
  /** Makes a seal durable; rejects when it is not. */
  readonly putSeal: (seal: Seal) => Promise<void>;
}

interface Waiter {
  readonly size: number;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** Between two checkpoints that nobody waits for, in milliseconds. */
const SEAL_EVERY_MS = 1000;

/**
 * The tree of a log that is being written. A checkpoint comes about in three steps, one at a time: the tree thread
 * integrates and signs, the writer thread makes it durable, the tree thread publishes it.
 */
export class SqliteLogTree implements LogTree {
  readonly #needs: Needs;
  #thread: Promise<TreeThread> | undefined;
  #waiters: readonly Waiter[] = [];
  /** Records that the last durable checkpoint covers. */
  #sealed = 0;
  /** Records that are durable. */
  #durable = 0;
  #vkey = '';
  #busy = false;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = -SEAL_EVERY_MS;
  #closed = false;

  private constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** @throws WitanError as `LogIntegrator.open` */
  static async open(needs: Needs): Promise<SqliteLogTree> {
    const tree = new SqliteLogTree(needs);
    const { ready } = await tree.#running();
    if (ready.due) await tree.#sealedTo(ready.size);
    return tree;
  }

  get signingKey(): string {
    return this.#vkey;
  }

  /** So many records are durable now. */
  advance(size: number): void {
    this.#durable = Math.max(this.#durable, size);
    if (this.#busy || this.#closed || this.#timer !== undefined || this.#durable <= this.#sealed) return;
    const waitMs = this.#lastMs + SEAL_EVERY_MS - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#next();
      },
      Math.max(0, waitMs),
    ).unref();
  }

  async seal(size: number): Promise<SignedCheckpoint> {
    if (size > this.#sealed || this.#sealed === 0) await this.#sealedTo(size);
    const checkpoint = await this.checkpoint();
    if (checkpoint !== undefined) return checkpoint;
    throw new WitanError('store_corrupt', 'the log has lost its checkpoints');
  }

  keys(): Promise<readonly string[]> {
    return this.#needs.stored.keys();
  }

  checkpoint(): Promise<SignedCheckpoint | undefined> {
    return this.#needs.stored.checkpoint();
  }

  nodes(subtrees: readonly Subtree[]): Promise<readonly Buffer[]> {
    return this.#needs.stored.nodes(subtrees);
  }

  tile(level: number, index: number): Promise<Buffer | undefined> {
    return this.#needs.stored.tile(level, index);
  }

  /** Seals what is durable, so that a log at rest has a checkpoint over all of it. */
  async close(): Promise<void> {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    if (this.#durable > this.#sealed) {
      await this.#sealedTo(this.#durable).catch((thrown: unknown) => {
        // What was not sealed is after the next start; the records themselves are durable.
        if (!(thrown instanceof WitanError)) throw thrown;
      });
    }
    this.#closed = true;
    this.#rejectWaiters(new WitanError('stopping', 'the store is closed'));
    const thread = await this.#thread;
    await thread?.close({ kind: 'close' });
  }

  #sealedTo(size: number): Promise<void> {
    this.#durable = Math.max(this.#durable, size);
    return new Promise((resolve, reject) => {
      this.#waiters = [...this.#waiters, { size, resolve, reject }];
      this.#next();
    });
  }

  #next(): void {
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    this.#lastMs = performance.now();
    this.#running().then(
      (thread) => {
        thread.post({ kind: 'sign', upTo: this.#durable });
      },
      (reason: unknown) => {
        this.#fail(new WitanError('store_unavailable', 'the log cannot be sealed', { cause: reason }));
      },
    );
  }

  #running(): Promise<TreeThread> {
    if (this.#thread !== undefined) return this.#thread;
    const thread = StoreThread.start<ToTree, FromTree>(
      startWorker('./tree-worker', import.meta.url, { workerData: this.#needs.settings }),
      {
        message: (message) => {
          this.#hear(message);
        },
        died: (reason) => {
          this.#thread = undefined;
          this.#fail(reason);
        },
      },
    );
    this.#thread = thread;
    thread.then(
      ({ ready }) => {
        this.#sealed = ready.size;
        this.#vkey = ready.vkey;
      },
      () => {
        // Whoever waits for the thread is told; the next one to need it starts another.
        this.#thread = undefined;
      },
    );
    return thread;
  }

  #hear(message: FromTree): void {
    switch (message.kind) {
      case 'signed':
        this.#putSeal(message.seal);
        return;
      case 'settled':
        this.#settled();
        return;
      case 'failed':
        this.#fail(new WitanError(message.fault.code, message.fault.message));
        return;
      case 'ready':
      case 'refused':
        // Heard at start, by the thread's owner.
        return;
    }
  }

  #putSeal(seal: Seal): void {
    const settle = (durable: boolean): void => {
      this.#thread?.then(
        (thread) => {
          thread.post({ kind: 'settle', durable });
        },
        () => undefined,
      );
    };
    this.#needs.putSeal(seal).then(
      () => {
        this.#sealed = seal.size;
        settle(true);
      },
      (reason: unknown) => {
        this.#rejectWaiters(
          reason instanceof WitanError
            ? reason
            : new WitanError('store_unavailable', 'the log cannot be sealed', { cause: reason }),
        );
        settle(false);
      },
    );
  }

  #settled(): void {
    this.#busy = false;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ size }) => size > this.#sealed);
    for (const { size, resolve } of waiters) if (size <= this.#sealed) resolve();
    if (this.#waiters.length > 0) this.#next();
    else this.advance(this.#durable);
  }

  #fail(reason: Error): void {
    this.#busy = false;
    this.#rejectWaiters(reason);
  }

  #rejectWaiters(reason: Error): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(reason);
  }
}
