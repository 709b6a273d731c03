import { parentPort, workerData } from 'node:worker_threads';
import { createPolicyModule } from './evaluator.js';

/** Sent before each evaluation, and once at the end. */
export type ProbeReport = { readonly entrypoint: string } | 'done';

const { wasm, data, calls } = workerData as {
  wasm: Uint8Array;
  data: object;
  calls: readonly { entrypoint: string; input: string }[];
};

const module = createPolicyModule(wasm, data);
for (const { entrypoint, input } of calls) {
  parentPort?.postMessage({ entrypoint } satisfies ProbeReport);
  const bytes = new TextEncoder().encode(input);
  module.evaluate(entrypoint, { value: undefined, bytes: bytes.buffer }, 0);
}
parentPort?.postMessage('done' satisfies ProbeReport);
