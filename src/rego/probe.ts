import { messageOf, WitanError, type Fault } from '../errors.js';
import { startWorker } from '../worker.js';
import type { ProbeData, ProbeReport } from './probe-worker.js';

/** Evaluates compiled bundles away from the decision thread, where one that never ends can be stopped. */
export interface Probe {
  /**
   * Evaluates each call once. Whether a policy permits or errs does not matter here, only what it takes.
   *
   * @param data the data document as JSON text
   * @throws WitanError `policy_too_slow` when a policy takes more steps or memory than an evaluation may, or longer
   * than the limit; `evaluation_failed` when the module cannot be made.
   */
  measure(wasm: Uint8Array, data: string, calls: ProbeData['calls']): Promise<void>;
}

/** Longest start of the worker itself, in milliseconds; it does not count as evaluation. */
const START_MS_MAX = 30_000;

interface ProbeOptions {
  /** Longest evaluation, in milliseconds. */
  readonly timeLimitMs: number;
  /** The toolchain's reactor, for OPA's own built-ins. */
  readonly toolchainPath: string;
}

export function createProbe({ timeLimitMs, toolchainPath }: ProbeOptions): Probe {
  return {
    measure: (wasm, data, calls) =>
      new Promise((resolve, reject) => {
        const workerData = { wasm, data, calls, toolchainPath } satisfies ProbeData;
        const worker = startWorker('./probe-worker', import.meta.url, { workerData });
        let measured = 'its start';
        const finish = (action: () => void): void => {
          clearTimeout(timer);
          worker.removeAllListeners();
          void worker.terminate();
          action();
        };
        const tooSlow = (message: string, faults: readonly Fault[] = []): void => {
          finish(() => {
            reject(new WitanError('policy_too_slow', message, { faults }));
          });
        };
        const tooLong = (): void => {
          tooSlow(`${measured} takes longer than ${timeLimitMs} ms`);
        };
        let timer = setTimeout(tooLong, START_MS_MAX);
        worker.on('message', (report: ProbeReport) => {
          clearTimeout(timer);
          if (report === 'done') {
            finish(resolve);
            return;
          }
          if ('exceeded' in report) {
            const { policy, message } = report.exceeded;
            const file = `policy/${policy}.rego`;
            tooSlow(`\`${policy}\`: ${message}`, [{ code: 'policy_too_slow', file, message }]);
            return;
          }
          measured = `evaluating \`${report.entrypoint}\``;
          timer = setTimeout(tooLong, timeLimitMs);
        });
        worker.on('error', (thrown) => {
          finish(() => {
            reject(new WitanError('evaluation_failed', messageOf(thrown), { cause: thrown }));
          });
        });
      }),
  };
}
