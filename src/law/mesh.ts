import { existsSync } from 'node:fs';
import { inputSchema } from '../decision/input.js';
import { probeInputs } from '../decision/probe-inputs.js';
import { WitanError } from '../errors.js';
import type { Bundle } from '../policy/bundle.js';
import type { CurrentLaw } from '../policy/current-policies.js';
import { policiesInForce, type PoliciesInForce } from '../policy/in-force.js';
import type { Layer } from '../policy/layer.js';
import { loadLayers, reloadLayers, type LoadNeeds } from '../policy/load.js';
import type { Registry } from '../registry/registry.js';
import { createPolicyModule } from '../rego/evaluator.js';
import type { ModuleBytes } from '../rego/module-bytes.js';
import { createOpaBuiltins, type OpaBuiltins } from '../rego/opa-builtins.js';
import { createProbe } from '../rego/probe.js';
import { createToolchain, type Toolchain } from '../rego/toolchain.js';

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

/** What bundles are brought into force with. */
export interface MeshNeeds {
  readonly toolchain: Toolchain;
  /** Longest evaluation when a bundle is measured, in milliseconds. */
  readonly evaluationMsMax: number;
  /** What the modules call for rare built-ins; the caller's to close. It keeps no process alive. */
  readonly opaBuiltins?: OpaBuiltins;
  /** Where to keep what modules are made of, for those who hand them to other processes. */
  readonly moduleBytes?: ModuleBytes;
}

/**
 * Compiles and measures bundles into the snapshot that decisions are made from; the service and the commands
 * that decide offline come by their policies in this one way.
 *
 * @throws what `loadLayers` throws
 */
export async function putInForce(
  bundles: Iterable<Bundle>,
  registry: Registry,
  { revision, ...needs }: MeshNeeds & { readonly revision: number },
): Promise<PoliciesInForce> {
  return policiesInForce(revision, await loadLayers(bundles, loadNeeds(registry, needs)));
}

/**
 * The law that follows the one in force when a layer's bundle changes, compiled and measured, of the next revision.
 *
 * @param bundle the layer's from now on; `undefined` where it has none any more
 * @throws what `loadLayers` throws
 */
export async function nextLaw(
  { policies, bundles }: CurrentLaw,
  { layer, bundle }: { readonly layer: Layer; readonly bundle: Bundle | undefined },
  registry: Registry,
  needs: MeshNeeds,
): Promise<CurrentLaw> {
  const next = new Map(bundles);
  if (bundle === undefined) next.delete(layer);
  else next.set(layer, bundle);
  const before = { layers: policies.layers, bundles };
  const layers = await reloadLayers(layer, next, before, loadNeeds(registry, needs));
  return { policies: policiesInForce(policies.revision + 1, layers), bundles: next };
}

function loadNeeds(
  registry: Registry,
  {
    toolchain,
    evaluationMsMax,
    opaBuiltins = createOpaBuiltins({ wasmPath: toolchain.wasmPath }),
    moduleBytes,
  }: MeshNeeds,
): LoadNeeds {
  return {
    toolchain,
    createModule: (wasm, data) => {
      const module = createPolicyModule(wasm, data, { opaBuiltins });
      moduleBytes?.keep(module, wasm);
      return module;
    },
    probe: createProbe({ timeLimitMs: evaluationMsMax, toolchainPath: toolchain.wasmPath }),
    inputSchema,
    probeInputs: probeInputs(registry.products()),
  };
}
