import { messageOf, WitanError } from '../errors.js';
import { startWorker } from '../worker.js';
import type { ProbeReport } from './probe-worker.js';

/** Evaluates compiled bundles away from the decision thread, where one that never ends can be stopped. */
export interface Probe {
  /**
   * Evaluates each call once. How an evaluation ends does not matter here, only that it does.
   *
   * @throws WitanError `policy_too_slow` when one takes longer than the limit; `evaluation_failed` when the module cannot be made.
   */
  measure(
    wasm: Uint8Array,
    data: object,
    calls: readonly { entrypoint: string; input: string }[],
  ): Promise<void>;
}

/** Longest start of the worker itself, in milliseconds; it does not count as evaluation. */
const START_MS_MAX = 30_000;

export function createProbe({ timeLimitMs }: { readonly timeLimitMs: number }): Probe {
  return {
    measure: (wasm, data, calls) =>
      new Promise((resolve, reject) => {
        const worker = startWorker('./probe-worker', import.meta.url, { workerData: { wasm, data, calls } });
        let measured = 'its start';
        const finish = (action: () => void): void => {
          clearTimeout(timer);
          worker.removeAllListeners();
          void worker.terminate();
          action();
        };
        const tooSlow = (): void => {
          finish(() => {
            reject(new WitanError('policy_too_slow', `${measured} takes longer than ${timeLimitMs} ms`));
          });
        };
        let timer = setTimeout(tooSlow, START_MS_MAX);
        worker.on('message', (report: ProbeReport) => {
          clearTimeout(timer);
          if (report === 'done') {
            finish(resolve);
            return;
          }
          measured = `evaluating \`${report.entrypoint}\``;
          timer = setTimeout(tooSlow, timeLimitMs);
        });
        worker.on('error', (thrown) => {
          finish(() => {
            reject(new WitanError('evaluation_failed', messageOf(thrown), { cause: thrown }));
          });
        });
      }),
  };
}
