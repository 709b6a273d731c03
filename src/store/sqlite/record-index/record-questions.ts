import { WitanError } from '../../../errors.js';
import { startWorker } from '../../../worker.js';
import {
  unpackRecords,
  type FromReader,
  type ReaderSettings,
  type RecordAnswer,
  type RecordQuestion,
  type ToReader,
} from './record-reader-protocol.js';
import type { StoredRecord } from '../../../audit/query.js';
import { StoreThread } from '../store-thread.js';

type ReaderThread = StoreThread<ToReader, FromReader>;
type Heard = Extract<FromReader, { readonly job: number }>;

interface Asker {
  hear(message: Heard): void;
  fail(reason: Error): void;
}

/** Puts questions about the log to the reader thread, which is started with the first, and again after it died. */
export class RecordQuestions {
  readonly #settings: ReaderSettings;
  readonly #askers = new Map<number, Asker>();
  #thread: Promise<ReaderThread> | undefined;
  #lastJob = 0;
  #closed = false;

  constructor(settings: ReaderSettings) {
    this.#settings = settings;
  }

  /** @throws WitanError `store_unavailable`, `store_corrupt`, or what the question itself was refused with */
  async ask<Kind extends RecordAnswer['kind']>(
    question: RecordQuestion & { readonly kind: Kind },
  ): Promise<Extract<RecordAnswer, { readonly kind: Kind }>> {
    const thread = await this.#running();
    return new Promise((resolve, reject) => {
      const job = this.#begin(thread, question, {
        hear: (message) => {
          this.#askers.delete(job);
          if (message.kind === 'failed') reject(new WitanError(message.fault.code, message.fault.message));
          // INVARIANT: a question that is no scan gets one answer, of its own kind.
          else if (message.kind === 'answer') {
            resolve(message.answer as Extract<RecordAnswer, { readonly kind: Kind }>);
          }
        },
        fail: reject,
      });
    });
  }

  /** The batches of a scan; the reader stops when whoever goes through them does. */
  async *scan(
    question: RecordQuestion & { readonly kind: 'scan' },
  ): AsyncGenerator<readonly StoredRecord[], void, undefined> {
    const thread = await this.#running();
    const heard: (Heard | Error)[] = [];
    let wake: () => void = () => undefined;
    const add = (what: Heard | Error): void => {
      heard.push(what);
      wake();
    };
    const job = this.#begin(thread, question, { hear: add, fail: add });
    try {
      for (;;) {
        const next = heard.shift();
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        if (next instanceof Error) throw next;
        if (next.kind === 'failed') throw new WitanError(next.fault.code, next.fault.message);
        if (next.kind === 'answer') return;
        yield unpackRecords(next.records);
        this.#tell(thread, { kind: 'more', job });
      }
    } finally {
      if (this.#askers.delete(job)) this.#tell(thread, { kind: 'cancel', job });
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#fail(new WitanError('stopping', 'the store is closed'));
    const thread = await this.#thread;
    await thread?.close({ kind: 'close' });
  }

  #begin(thread: ReaderThread, question: RecordQuestion, asker: Asker): number {
    const job = (this.#lastJob += 1);
    this.#askers.set(job, asker);
    thread.post({ kind: 'ask', job, question });
    return job;
  }

  /** What concerns a job matters only to the thread that runs it. */
  #tell(thread: ReaderThread, message: ToReader): void {
    if (!this.#closed) thread.post(message);
  }

  #running(): Promise<ReaderThread> {
    if (this.#closed) return Promise.reject(new WitanError('stopping', 'the store is closed'));
    if (this.#thread !== undefined) return this.#thread;
    this.#thread = StoreThread.start<ToReader, FromReader>(
      startWorker('./record-reader-worker', import.meta.url, { workerData: this.#settings }),
      {
        message: (message) => {
          if ('job' in message) this.#askers.get(message.job)?.hear(message);
        },
        died: (reason) => {
          this.#thread = undefined;
          this.#fail(reason);
        },
      },
    );
    this.#thread.catch(() => {
      // Whoever waits for the thread is told; the next one to need it starts another.
      this.#thread = undefined;
    });
    return this.#thread;
  }

  #fail(reason: Error): void {
    const askers = [...this.#askers.values()];
    this.#askers.clear();
    for (const asker of askers) asker.fail(reason);
  }
}
