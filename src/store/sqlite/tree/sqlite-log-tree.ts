import type { Subtree } from '../../../audit/merkle.js';
import type { LogTree, SignedCheckpoint } from '../../../audit/tree.js';
import { WitanError } from '../../../errors.js';
import { startWorker } from '../../../worker.js';
import { StoreThread } from '../store-thread.js';
import type { StoredTree } from './stored-tree.js';
import type { FromTree, Seal, ToTree, TreeSettings } from './tree-protocol.js';

type TreeThread = StoreThread<ToTree, FromTree>;
type Answer = Exclude<FromTree, { readonly kind: 'ready' | 'refused' | 'failed' }>;

interface Needs {
  readonly settings: TreeSettings;
  readonly stored: StoredTree;
  /** Makes a seal durable; rejects when it is not. */
  readonly putSeal: (seal: Seal) => Promise<void>;
  /** Told when the log cannot be sealed, once until it can again. */
  readonly warn: (message: string) => void;
}

interface Waiter {
  readonly size: number;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** Who asked the thread for something. */
interface Asked {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

/** Between two checkpoints that nobody waits for, in milliseconds. */
const SEAL_EVERY_MS = 1000;

/**
 * The tree of a log that is being written. A checkpoint comes about in three steps, one checkpoint at a time: the tree
 * thread integrates and signs, the writer thread makes it durable, the tree thread publishes it.
 */
export class SqliteLogTree implements LogTree {
  readonly #needs: Needs;
  #thread: Promise<TreeThread> | undefined;
  /** Who waits for the thread's answer; it is asked one thing at a time. */
  #asked: Asked | undefined;
  #waiters: readonly Waiter[] = [];
  /** Records that the last durable checkpoint covers. */
  #sealed = 0;
  /** Records that are durable. */
  #durable = 0;
  #vkey = '';
  /** The checkpoint that is being made; it never rejects. */
  #making: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = -SEAL_EVERY_MS;
  #closed = false;
  #warned = false;

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
    if (this.#making !== undefined || this.#closed || this.#timer !== undefined) return;
    if (this.#durable <= this.#sealed) return;
    const waitMs = this.#lastMs + SEAL_EVERY_MS - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#make();
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
    clearTimeout(this.#timer);
    await this.#making;
    this.#rejectWaiters(closed());
    const thread = await this.#thread;
    await thread?.close({ kind: 'close' });
  }

  #sealedTo(size: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closed();
      this.#waiters = [...this.#waiters, { size, resolve, reject }];
      this.#make();
    });
  }

  /** Makes checkpoints until nobody waits for one. */
  #make(): void {
    if (this.#making !== undefined || this.#closed) return;
    this.#lastMs = performance.now();
    this.#making = this.#makeOne().then(
      () => {
        this.#warned = false;
        const waiters = this.#waiters;
        this.#waiters = waiters.filter(({ size }) => size > this.#sealed);
        for (const { size, resolve } of waiters) if (size <= this.#sealed) resolve();
        this.#made();
      },
      (reason: unknown) => {
        const error =
          reason instanceof WitanError
            ? reason
            : new WitanError('store_unavailable', 'the log cannot be sealed', { cause: reason });
        this.#rejectWaiters(error);
        if (!this.#warned) this.#needs.warn(`the log cannot be sealed: ${error.message}`);
        this.#warned = true;
        this.#made();
      },
    );
  }

  #made(): void {
    this.#making = undefined;
    if (this.#waiters.length > 0) this.#make();
    else this.advance(this.#durable);
  }

  async #makeOne(): Promise<void> {
    const upTo = Math.max(this.#durable, ...this.#waiters.map(({ size }) => size));
    const signed = await this.#ask({ kind: 'sign', upTo });
    // INVARIANT: the thread answers each message with one of its own kind.
    if (signed.kind !== 'signed') throw new Error(`a seal was asked for, and \`${signed.kind}\` came`);
    try {
      await this.#needs.putSeal(signed.seal);
    } catch (thrown) {
      await this.#ask({ kind: 'settle', durable: false });
      throw thrown;
    }
    this.#sealed = Math.max(this.#sealed, signed.seal.size);
    await this.#ask({ kind: 'settle', durable: true });
  }

  /** @throws WitanError what the thread could not do, or why it died before it answered */
  async #ask(message: ToTree): Promise<Answer> {
    const thread = await this.#running();
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
      thread.post(message);
    });
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
          this.#answered()?.reject(reason);
        },
      },
    );
    this.#thread = thread;
    thread.then(
      ({ ready }) => {
        this.#sealed = Math.max(this.#sealed, ready.size);
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
      case 'settled':
        this.#answered()?.resolve(message);
        return;
      case 'failed':
        this.#answered()?.reject(new WitanError(message.fault.code, message.fault.message));
        return;
      case 'ready':
      case 'refused':
        // Heard at start, by the thread's owner.
        return;
    }
  }

  /** Who asked, and is about to be answered. */
  #answered(): Asked | undefined {
    const asked = this.#asked;
    this.#asked = undefined;
    return asked;
  }

  #rejectWaiters(reason: Error): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(reason);
  }
}

function closed(): WitanError {
  return new WitanError('stopping', 'the store is closed');
}
