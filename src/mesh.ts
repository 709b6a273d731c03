import { existsSync } from 'node:fs';
import { inputSchema } from './decision/input.js';
import { probeInputs } from './decision/probe-inputs.js';
import { WitanError } from './errors.js';
import type { Bundle } from './policy/bundle.js';
import { policiesInForce, type PoliciesInForce } from './policy/in-force.js';
import { loadLayers } from './policy/load.js';
import type { Registry } from './registry/registry.js';
import { createPolicyModule } from './rego/evaluator.js';
import { createOpaBuiltins, type OpaBuiltins } from './rego/opa-builtins.js';
import { createProbe } from './rego/probe.js';
import { createToolchain, type Toolchain } from './rego/toolchain.js';

/**
 * Opens the toolchain for who closes it.
 *
 * @param timeLimitMs longest call, in milliseconds
 * @throws WitanError `toolchain_missing` when the reactor was not built
 */
export function openToolchain(wasmPath: string, timeLimitMs: number): Toolchain {
  if (!existsSync(wasmPath)) {
    throw new WitanError(
      'toolchain_missing',
      `\`${wasmPath}\` is missing: run \`npm run build\` (it needs Go 1.26)`,
    );
  }
  return createToolchain({ wasmPath, timeLimitMs });
}

/**
 * Compiles and measures bundles into the snapshot that decisions are made from; the service and the commands
 * that decide offline come by their policies in this one way.
 *
 * @param evaluationMsMax longest evaluation when a bundle is measured, in milliseconds
 * @param opaBuiltins what the modules call for rare built-ins; the caller's to close. It keeps no process alive
 * @throws what `loadLayers` throws
 */
export async function putInForce(
  bundles: Iterable<Bundle>,
  registry: Registry,
  {
    toolchain,
    revision,
    evaluationMsMax,
    opaBuiltins = createOpaBuiltins({ wasmPath: toolchain.wasmPath }),
  }: { toolchain: Toolchain; revision: number; evaluationMsMax: number; opaBuiltins?: OpaBuiltins },
): Promise<PoliciesInForce> {
  const layers = await loadLayers(bundles, {
    toolchain,
    createModule: (wasm, data) => createPolicyModule(wasm, data, { opaBuiltins }),
    probe: createProbe({ timeLimitMs: evaluationMsMax, toolchainPath: toolchain.wasmPath }),
    inputSchema,
    probeInputs: probeInputs(registry.products()),
  });
  return policiesInForce(revision, layers);
}
