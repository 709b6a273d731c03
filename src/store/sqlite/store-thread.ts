import type { Transferable, Worker } from 'node:worker_threads';
import { WitanError } from '../../errors.js';
import type { ThreadFault } from './log/writer-protocol.js';

/** What each of the store's threads says first. */
type Started<From> =
  Extract<From, { readonly kind: 'ready' }> | { readonly kind: 'refused'; readonly fault: ThreadFault };

interface Listener<From> {
  message(message: From): void;
  /** The thread has ended without being asked to; nothing that it was sent will be answered. */
  died(reason: WitanError): void;
}

/** One of the store's threads: started, spoken to, ended. */
export class StoreThread<To extends { readonly kind: string }, From extends { readonly kind: string }> {
  /** What it found at start. */
  readonly ready: Extract<From, { readonly kind: 'ready' }>;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #closing = false;

  private constructor(
    worker: Worker,
    ready: Extract<From, { readonly kind: 'ready' }>,
    listener: Listener<From>,
  ) {
    this.#worker = worker;
    this.ready = ready;
    let failure = 'it ended';
    worker.on('message', (message: From) => {
      listener.message(message);
    });
    worker.on('error', (error: Error) => {
      failure = error.message;
    });
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        resolve();
        if (this.#closing) return;
        listener.died(new WitanError('store_unavailable', `a thread of the store stopped: ${failure}`));
      });
    });
  }

  /** @throws WitanError what the thread refused with, or `store_unavailable` when it died at start */
  static async start<To extends { readonly kind: string }, From extends { readonly kind: string }>(
    worker: Worker,
    listener: Listener<From>,
  ): Promise<StoreThread<To, From>> {
    const started = await new Promise<Started<From>>((resolve, reject) => {
      const died = (reason: unknown) => {
        reject(new WitanError('store_unavailable', 'a thread of the store did not start', { cause: reason }));
      };
      worker.once('message', (message: Started<From>) => {
        worker.off('error', died).off('exit', died);
        resolve(message);
      });
      worker.once('error', died).once('exit', died);
    });
    if (started.kind === 'refused') {
      await worker.terminate();
      throw new WitanError(started.fault.code, started.fault.message);
    }
    return new StoreThread<To, From>(worker, started, listener);
  }

  post(message: To, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Sends the last message, upon which the thread lets go of its files and ends. */
  async close(last: To): Promise<void> {
    this.#closing = true;
    this.post(last);
    await this.#exited;
  }
}
