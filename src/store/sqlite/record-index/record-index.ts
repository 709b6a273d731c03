import { WitanError } from '../../../errors.js';
import { startWorker } from '../../../worker.js';
import type { FromIndexer, IndexerSettings, ToIndexer } from './indexer-protocol.js';
import { StoreThread } from '../store-thread.js';

type IndexerThread = StoreThread<ToIndexer, FromIndexer>;

interface Waiter {
  readonly size: number;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** So many records may be durable without being indexed before the indexer is told; a query never misses them. */
const BEHIND_RECORDS_MAX = 1024;

/**
 * So far behind, the indexer is as urgent as the decisions: whoever asks would wait for too long, and the more of it the
 * longer there are decisions without a pause.
 */
const FAR_BEHIND_RECORDS = 16_384;
/** One that was far behind stays urgent for so long at least, in milliseconds, since each change takes a new thread. */
const URGENT_MS_MIN = 10_000;

/** The index of the log, filled behind the durable write by a thread of its own. */
export class RecordIndex {
  readonly #settings: Omit<IndexerSettings, 'mayRebuild'>;
  #thread: Promise<IndexerThread> | undefined;
  #waiters: readonly Waiter[] = [];
  /** Records that are indexed. */
  #indexed = 0;
  /** Records that are durable. */
  #durable = 0;
  #asked = false;
  #closed = false;
  /** Whether the thread yields to decisions. It cannot take that back: raising a priority needs a privilege. */
  #yields = false;
  #urgentUntilMs = 0;

  private constructor(settings: Omit<IndexerSettings, 'mayRebuild'>) {
    this.#settings = settings;
  }

  /** Opens the index, and makes it anew when it cannot be used. @throws WitanError `store_unavailable`, `store_corrupt` */
  static async open(settings: Omit<IndexerSettings, 'mayRebuild'>): Promise<RecordIndex> {
    const index = new RecordIndex(settings);
    await index.#running(true);
    return index;
  }

  /** So many records are durable now: they are indexed when enough have come together. */
  advance(size: number): void {
    this.#durable = Math.max(this.#durable, size);
    if (this.#durable - this.#indexed >= BEHIND_RECORDS_MAX) this.#ask();
  }

  /** Resolves when the first `size` records are indexed. @throws WitanError `store_unavailable`, `store_corrupt` */
  catchUp(size: number): Promise<void> {
    if (size <= this.#indexed) return Promise.resolve();
    this.#durable = Math.max(this.#durable, size);
    return new Promise((resolve, reject) => {
      this.#waiters = [...this.#waiters, { size, resolve, reject }];
      this.#ask();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#rejectWaiters(new WitanError('stopping', 'the store is closed'));
    const thread = await this.#thread;
    await thread?.close({ kind: 'close' });
  }

  #ask(): void {
    if (this.#asked || this.#closed) return;
    this.#asked = true;
    this.#running(false).then(
      (thread) => {
        if (this.#isFarBehind()) this.#urgentUntilMs = performance.now() + URGENT_MS_MIN;
        else if (performance.now() >= this.#urgentUntilMs) this.#yields = true;
        thread.post({ kind: 'index', upTo: this.#wanted(), yields: this.#yields });
      },
      (reason: unknown) => {
        this.#fail(new WitanError('store_unavailable', 'the index cannot be filled', { cause: reason }));
      },
    );
  }

  /** As far as the first of those who wait needs; everything that is durable when nobody does. */
  #wanted(): number {
    return Math.min(this.#durable, ...this.#waiters.map(({ size }) => size));
  }

  #isFarBehind(): boolean {
    return this.#durable - this.#indexed > FAR_BEHIND_RECORDS;
  }

  #running(mayRebuild: boolean): Promise<IndexerThread> {
    return this.#thread ?? this.#follow(this.#start(mayRebuild));
  }

  /** Another thread in the place of one that yields. */
  #replace(yielding: Promise<IndexerThread>): void {
    const urgent = yielding.then(async (thread) => {
      await thread.close({ kind: 'close' });
      return this.#start(false);
    });
    void this.#follow(urgent);
  }

  #start(mayRebuild: boolean): Promise<IndexerThread> {
    const workerData: IndexerSettings = { ...this.#settings, mayRebuild };
    this.#yields = false;
    return StoreThread.start<ToIndexer, FromIndexer>(
      startWorker('./indexer-worker', import.meta.url, { workerData }),
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
  }

  #follow(thread: Promise<IndexerThread>): Promise<IndexerThread> {
    this.#thread = thread;
    thread.then(
      ({ ready }) => {
        this.#indexed = ready.size;
      },
      () => {
        // Whoever waits for the thread is told; the next one to need it starts another.
        this.#thread = undefined;
      },
    );
    return thread;
  }

  #hear(message: FromIndexer): void {
    if (message.kind !== 'indexed') return;
    this.#indexed = message.size;
    if (message.fault !== undefined) {
      this.#fail(new WitanError(message.fault.code, message.fault.message));
      return;
    }
    this.#asked = false;
    if (this.#yields && this.#isFarBehind() && this.#thread !== undefined && !this.#closed) {
      this.#replace(this.#thread);
    }
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ size }) => size > this.#indexed);
    for (const { size, resolve } of waiters) if (size <= this.#indexed) resolve();
    if (this.#waiters.length > 0 || this.#durable - this.#indexed >= BEHIND_RECORDS_MAX) this.#ask();
  }

  #fail(reason: Error): void {
    this.#asked = false;
    this.#rejectWaiters(reason);
  }

  #rejectWaiters(reason: Error): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(reason);
  }
}
