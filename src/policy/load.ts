import { createHash } from 'node:crypto';
import { writeJson } from '../document/json.js';
import { summaryOf, WitanError, type Fault } from '../errors.js';
import { WITHOUT_POLICIES, type CreatePolicyModule } from '../rego/policy-module.js';
import type { PolicyDescription, Toolchain } from '../rego/toolchain.js';
import type { ToolchainSource } from '../rego/toolchain-protocol.js';
import { contentOf } from '../rego/compiled-module.js';
import { filesIn, type Bundle } from './bundle.js';
import type { CompiledBefore, Made } from './compiled-before.js';
import type { LayerInForce, PolicyInForce } from './in-force.js';
import { KINDS, type Kind } from './kind.js';
import { compareLayers, outerLayers, type Layer } from './layer.js';
import { resolveParameters } from './parameters.js';

/** Measures a compiled bundle away from the decision thread. */
export interface ProbeEvaluation {
  /** @throws WitanError `policy_too_slow` when an evaluation takes longer than the limit. */
  measure(
    wasm: Uint8Array,
    data: string,
    calls: readonly { entrypoint: string; input: string }[],
  ): Promise<void>;
}

export interface LoadNeeds {
  readonly toolchain: Toolchain;
  readonly createModule: CreatePolicyModule;
  /** Where what was made before is taken from; without it everything is compiled. */
  readonly before?: CompiledBefore;
  readonly probe: ProbeEvaluation;
  /** JSON Schema of `input`. */
  readonly inputSchema: object;
  /** Inputs of each kind that a bundle is measured with. */
  readonly probeInputs: Readonly<Record<Kind, readonly object[]>>;
}

/** What the toolchain is given for a bundle: its files and what the layers above it offer. */
export function sourceOf(
  bundle: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  inputSchema: object,
): ToolchainSource {
  return {
    layer: bundle.layer,
    files: bundle.files.filter(({ path }) => /^(policy|lib|data|test)\//.test(path)),
    libraries: outerLayers(bundle.layer).flatMap((layer) => {
      const outer = bundles.get(layer);
      return outer === undefined
        ? []
        : [{ layer, files: [...filesIn(outer, 'lib'), ...filesIn(outer, 'data')] }];
    }),
    schema: inputSchema,
  };
}

/** What of a bundle is compiled: tests were run when it was checked, and the module does not depend on them. */
export function compiledSource(
  bundle: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  inputSchema: object,
): ToolchainSource {
  const source = sourceOf(bundle, bundles, inputSchema);
  return { ...source, files: source.files.filter(({ path }) => !path.startsWith('test/')) };
}

/** Faults of a bundle's parameters and delegations under the layers above it, by pointer into its manifest. */
export function parameterFaults(bundle: Bundle, bundles: ReadonlyMap<Layer, Bundle>): readonly Fault[] {
  const outer = outerLayers(bundle.layer).flatMap((layer) => bundles.get(layer)?.manifest ?? []);
  return resolveParameters([...outer, bundle.manifest])
    .faults.filter(({ layer }) => layer === bundle.layer)
    .map(({ layer: _, ...fault }) => ({ file: 'manifest.yaml', ...fault }));
}

/**
 * Compiles the bundles of all layers and measures them.
 *
 * @throws WitanError `bundle_invalid` with every fault of the first layer that has any, its files named
 * `<layer>/<path>`; `parameter_out_of_bounds`; `policy_too_slow`; the toolchain's own errors.
 */
export async function loadLayers(
  bundles: Iterable<Bundle>,
  needs: LoadNeeds,
): Promise<readonly LayerInForce[]> {
  const sorted = [...bundles].sort((a, b) => compareLayers(a.layer, b.layer));
  const byLayer = new Map(sorted.map((bundle) => [bundle.layer, bundle]));
  const loaded: LayerInForce[] = [];
  for (const bundle of sorted) loaded.push(await loadLayer(bundle, byLayer, needs));
  return loaded;
}

/** What is in force, as far as a change of one layer may leave it as it is. */
export interface LoadedLayers {
  readonly layers: ReadonlyMap<Layer, LayerInForce>;
  readonly bundles: ReadonlyMap<Layer, Bundle>;
}

/**
 * Loads what a change of one layer's bundle makes of all layers. Compiled again are the layer itself and, where what it
 * offers to the layers below it changes (libraries, data, delegations, parameters), these; all others stay the very objects
 * that they are.
 *
 * @param bundles all bundles after the change; without one for the layer where it has none any more
 * @throws WitanError as `loadLayers`
 */
export async function reloadLayers(
  changed: Layer,
  bundles: ReadonlyMap<Layer, Bundle>,
  { layers, bundles: before }: LoadedLayers,
  needs: LoadNeeds,
): Promise<readonly LayerInForce[]> {
  const offersOther = offered(before.get(changed)) !== offered(bundles.get(changed));
  const isAffected = (layer: Layer): boolean =>
    layer === changed ||
    (outerLayers(layer).includes(changed) &&
      // What did not load may do now.
      (offersOther || layers.get(layer)?.module === undefined));
  const all = [...new Set([...layers.keys(), ...bundles.keys()])].sort(compareLayers);
  const loaded: LayerInForce[] = [];
  for (const layer of all) {
    const bundle = bundles.get(layer);
    const known = layers.get(layer);
    if (bundle !== undefined && (known === undefined || isAffected(layer))) {
      loaded.push(await loadLayer(bundle, bundles, needs));
    } else if (known !== undefined && layer !== changed) {
      loaded.push(known);
    }
  }
  return loaded;
}

/** What a bundle offers to the layers below it. */
function offered(bundle: Bundle | undefined): string {
  if (bundle === undefined) return '';
  const { delegations = {}, parameters = {} } = bundle.manifest;
  return writeJson([filesIn(bundle, 'lib'), filesIn(bundle, 'data'), delegations, parameters]);
}

/** A layer as it can be in force. */
interface CompiledLayer {
  readonly layer: LayerInForce;
  /** Its module and data when they were made just now; absent for a bundle without policies, and for what was made before. */
  readonly made?: { readonly wasm: Uint8Array; readonly data: string };
}

/**
 * Compiles one bundle, unless that was done before, without measuring it: what was measured when it came into force need
 * not be again.
 *
 * @param bundles all bundles, for what the layers above offer
 * @throws WitanError `bundle_invalid`, `parameter_out_of_bounds`, `evaluation_failed`; the toolchain's own errors
 */
export async function compileLayer(
  bundle: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  {
    toolchain,
    createModule,
    inputSchema,
    before,
  }: Pick<LoadNeeds, 'toolchain' | 'createModule' | 'inputSchema' | 'before'>,
): Promise<CompiledLayer> {
  refuse('parameter_out_of_bounds', bundle, parameterFaults(bundle, bundles));
  const known = await before?.find(bundle, bundles);
  if (known !== undefined) return { layer: layerOf(bundle, known, createModule) };
  const { wasm, errors } = await toolchain.compile(compiledSource(bundle, bundles, inputSchema));
  refuse('bundle_invalid', bundle, errors);
  if (wasm === undefined) return { layer: layerOf(bundle, 'nothing', createModule) };
  const layer = layerOf(bundle, { wasm }, createModule);
  layer.module?.warm();
  await before?.keep(wasm);
  return { layer, made: { wasm, data: contentOf(wasm).data } };
}

function layerOf(bundle: Bundle, made: Made, createModule: CreatePolicyModule): LayerInForce {
  const { layer, digest, manifest } = bundle;
  const { policies: described, data } =
    made === 'nothing' ? { policies: [], data: '{}' } : contentOf(made.wasm);
  const policies = described.map((description) => inForce(description, bundle));
  return {
    layer,
    digest,
    manifest,
    policies: new Map(policies.map((policy) => [policy.name, policy])),
    byKind: Object.fromEntries(
      KINDS.map((kind) => [kind, policies.filter(({ appliesTo }) => appliesTo.has(kind))]),
    ) as Record<Kind, PolicyInForce[]>,
    ...(made === 'nothing'
      ? { module: WITHOUT_POLICIES }
      : { module: createModule(made.wasm, data), moduleDigest: moduleDigest(made.wasm) }),
  };
}

async function loadLayer(
  bundle: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  needs: LoadNeeds,
): Promise<LayerInForce> {
  const { layer, made } = await compileLayer(bundle, bundles, needs);
  if (made === undefined) return layer;
  try {
    await measure(made.wasm, made.data, needs);
  } catch (thrown) {
    if (!(thrown instanceof WitanError)) throw thrown;
    const message = `the bundle of \`${bundle.layer}\`: ${thrown.message}`;
    throw new WitanError(thrown.code, message, { faults: thrown.faults, cause: thrown });
  }
  return layer;
}

/**
 * Evaluates a compiled bundle with inputs of every kind, away from the decision thread.
 *
 * @throws WitanError `policy_too_slow` for a policy that takes more than an evaluation may
 */
export async function measure(
  wasm: Uint8Array,
  data: string,
  { probe, probeInputs }: Pick<LoadNeeds, 'probe' | 'probeInputs'>,
): Promise<void> {
  const calls = KINDS.flatMap((kind) =>
    probeInputs[kind].map((input) => ({ entrypoint: `witan/${kind}`, input: writeJson(input) })),
  );
  await probe.measure(wasm, data, calls);
}

/** `sha256:<hex>` of a compiled module. */
export function moduleDigest(wasm: Uint8Array): string {
  return `sha256:${createHash('sha256').update(wasm).digest('hex')}`;
}

function inForce(description: PolicyDescription, { manifest }: Bundle): PolicyInForce {
  // INVARIANT: `createBundle` refused a policy without an entry in the manifest.
  const { enforcement = 'hard', enforced_from } = manifest.policies[description.name] ?? {};
  return {
    name: description.name,
    title: description.title,
    description: description.description,
    appliesTo: new Set(description.applies_to),
    controls: description.controls,
    ...(description.remedy !== undefined && { remedy: description.remedy }),
    enforcement,
    ...(enforced_from !== undefined && {
      enforcedFrom: { text: enforced_from, ms: Date.parse(enforced_from) },
    }),
  };
}

function refuse(
  code: 'bundle_invalid' | 'parameter_out_of_bounds',
  bundle: Bundle,
  faults: readonly Fault[],
): void {
  if (faults.length === 0) return;
  const named = faults.map((fault) => ({ ...fault, file: `${bundle.layer}/${fault.file ?? ''}` }));
  throw new WitanError(code, summaryOf(named), { faults: named });
}
