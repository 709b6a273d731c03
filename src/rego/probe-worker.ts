import { parentPort, workerData } from 'node:worker_threads';
import { readJson } from '../document/json.js';
import { createPolicyModule } from './evaluator.js';
import { createOpaBuiltins } from './opa-builtins.js';
import { exhausts, moduleInput, type ModuleInput, type PolicyModule } from './policy-module.js';

export interface ProbeData {
  readonly wasm: Uint8Array;
  /** The data document as JSON text. */
  readonly data: string;
  /** Inputs as JSON text. */
  readonly calls: readonly { readonly entrypoint: string; readonly input: string }[];
  readonly toolchainPath: string;
}

/** Sent before each evaluation, when one takes more than it may, and once at the end. */
export type ProbeReport =
  | { readonly entrypoint: string }
  | { readonly exceeded: { readonly policy: string; readonly message: string } }
  | 'done';

const { wasm, data, calls, toolchainPath } = workerData as ProbeData;

/** An evaluation of all policies that takes too much is taken apart: what counts is what each may take. */
function measure(module: PolicyModule, entrypoint: string, input: ModuleInput): void {
  report({ entrypoint });
  const together = module.evaluate(entrypoint, input, 0);
  if (together.ok || !exhausts(together.error)) return;
  for (const alone of [...module.entrypoints].filter((name) => name.startsWith('witan/policy/'))) {
    report({ entrypoint: alone });
    const answered = module.evaluate(alone, input, 0);
    if (!answered.ok && exhausts(answered.error)) {
      report({ exceeded: { policy: alone.slice('witan/policy/'.length), message: answered.error.message } });
    }
  }
}

function report(message: ProbeReport): void {
  parentPort?.postMessage(message);
}

const opaBuiltins = createOpaBuiltins({ wasmPath: toolchainPath });
const module = createPolicyModule(wasm, data, { opaBuiltins });
module.warm();
for (const { entrypoint, input } of calls) {
  if (module.entrypoints.has(entrypoint)) measure(module, entrypoint, moduleInput(readJson(input)));
}
report('done');
opaBuiltins.close();
