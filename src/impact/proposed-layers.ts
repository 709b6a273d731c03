import { inputSchema } from '../decision/input.js';
import { WitanError } from '../errors.js';
import type { Bundle } from '../policy/bundle.js';
import type { CurrentLaw } from '../policy/current-policies.js';
import type { LayerInForce } from '../policy/in-force.js';
import { compareLayers, outerLayers, type Layer } from '../policy/layer.js';
import { compileLayer, parameterFaults } from '../policy/load.js';
import { createPolicyModule } from '../rego/evaluator.js';
import type { OpaBuiltins } from '../rego/opa-builtins.js';
import type { Toolchain } from '../rego/toolchain.js';
import { builtOn } from './same-policies.js';

/** What nothing is built on. */
const EMPTY = '[]';

interface Needs {
  readonly toolchain: Toolchain;
  readonly opaBuiltins: OpaBuiltins;
  /** Told of each layer before it is compiled. */
  readonly progress?: (done: number, of: number) => void;
}

/**
 * The layers that would be others than now if the bundle were in force: its own, and those within it that build on what
 * it changes. One of those that could not be loaded then answers `policy_error`, as it would.
 *
 * @throws WitanError `bundle_invalid`, `parameter_out_of_bounds` for the bundle itself; the toolchain's own errors
 */
export async function proposedLayers(
  { policies, bundles: current }: CurrentLaw,
  bundle: Bundle,
  { toolchain, opaBuiltins, progress = () => undefined }: Needs,
): Promise<readonly LayerInForce[]> {
  const bundles = new Map(current).set(bundle.layer, bundle);
  const needs = {
    toolchain,
    inputSchema,
    createModule: (wasm: Uint8Array, data: string) => createPolicyModule(wasm, data, { opaBuiltins }),
  };
  const before = current.get(bundle.layer);
  const isBuiltOn = (before === undefined ? EMPTY : builtOn(before)) !== builtOn(bundle);
  const within = [...bundles.values()]
    .filter(({ layer }) => outerLayers(layer).includes(bundle.layer))
    .sort((a, b) => compareLayers(a.layer, b.layer));
  const affected = within.filter(
    (inner) =>
      isBuiltOn || isFaulty(inner, bundles) !== (policies.layers.get(inner.layer)?.module === undefined),
  );
  const of = affected.length + 1;
  progress(0, of);
  const layers = [(await compileLayer(bundle, bundles, needs)).layer];
  for (const inner of affected) {
    progress(layers.length, of);
    layers.push(await compileInner(inner, bundles, needs));
  }
  return layers;
}

function isFaulty(bundle: Bundle, bundles: ReadonlyMap<Layer, Bundle>): boolean {
  return parameterFaults(bundle, bundles).length > 0;
}

async function compileInner(
  bundle: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  needs: Parameters<typeof compileLayer>[2],
): Promise<LayerInForce> {
  try {
    return (await compileLayer(bundle, bundles, needs)).layer;
  } catch (thrown) {
    const isItsOwn =
      thrown instanceof WitanError &&
      (thrown.code === 'bundle_invalid' || thrown.code === 'parameter_out_of_bounds');
    if (!isItsOwn) throw thrown;
    const { layer, digest, manifest } = bundle;
    const byKind = { publish: [], access: [], consume: [] };
    return { layer, digest, manifest, policies: new Map(), byKind, fault: thrown.message };
  }
}
