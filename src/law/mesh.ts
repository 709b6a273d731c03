import { existsSync } from 'node:fs';
import { inputSchema } from '../decision/input.js';
import { PROBE_PRODUCTS_MAX, probeInputs } from '../decision/probe-inputs.js';
import { WitanError } from '../errors.js';
import type { LawInForce } from '../audit/record.js';
import type { Bundle } from '../policy/bundle.js';
import type { CurrentLaw } from '../policy/current-policies.js';
import { policiesInForce, type PoliciesInForce } from '../policy/in-force.js';
import type { Layer } from '../policy/layer.js';
import { loadLayers, reloadLayers, type LoadNeeds } from '../policy/load.js';
import { provenModules, type ModuleKeeper } from './proven-modules.js';
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
  /** Where compiled modules are kept; without it nothing is. */
  readonly modules?: ModuleKeeper;
  /** Where to keep what modules are made of, for those who hand them to other processes. */
  readonly moduleBytes?: ModuleBytes;
}

/** Layers that are ready for their first question; of more, each is made ready by it. */
const WARM_MAX = 8;

interface PutInForceNeeds extends MeshNeeds {
  readonly revision: number;
  /** Law on record whose modules need neither be compiled nor measured again. */
  readonly proven?: LawInForce | undefined;
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
  { revision, proven, ...needs }: PutInForceNeeds,
): Promise<PoliciesInForce> {
  const policies = policiesInForce(
    revision,
    await loadLayers(bundles, await loadNeeds(registry, needs, proven)),
  );
  await keepModulesOf(policies, needs);
  for (const { module } of [...policies.layers.values()].slice(0, WARM_MAX)) module?.warm();
  return policies;
}

/** Lets go of kept modules that the law has no use for. */
export async function keepModulesOf(
  { layers }: PoliciesInForce,
  { modules }: Pick<MeshNeeds, 'modules'>,
): Promise<void> {
  await modules?.keepOnly(new Set([...layers.values()].flatMap(({ moduleDigest }) => moduleDigest ?? [])));
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
  const layers = await reloadLayers(layer, next, before, await loadNeeds(registry, needs));
  return { policies: policiesInForce(policies.revision + 1, layers), bundles: next };
}

async function loadNeeds(
  registry: Registry,
  {
    toolchain,
    evaluationMsMax,
    opaBuiltins = createOpaBuiltins({ wasmPath: toolchain.wasmPath }),
    modules,
    moduleBytes,
  }: MeshNeeds,
  proven?: LawInForce,
): Promise<LoadNeeds> {
  return {
    ...(modules !== undefined && {
      before: provenModules(modules, { law: proven, toolchain: await toolchain.digest() }),
    }),
    toolchain,
    createModule: (wasm, data) => {
      const module = createPolicyModule(wasm, data, { opaBuiltins });
      moduleBytes?.keep(module, wasm);
      return module;
    },
    probe: createProbe({ timeLimitMs: evaluationMsMax, toolchainPath: toolchain.wasmPath }),
    inputSchema,
    probeInputs: probeInputs(registry.largestProducts(PROBE_PRODUCTS_MAX)),
  };
}
