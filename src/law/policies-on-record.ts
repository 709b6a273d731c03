import type { DecisionRecord } from '../audit/record.js';
import { inputSchema } from '../decision/input.js';
import { notReplayable, type NotReplayable } from '../decision/replay.js';
import { WitanError, type ErrorCode } from '../errors.js';
import { bundleDigest, createBundle, type Bundle } from '../policy/bundle.js';
import type { CompiledBefore } from '../policy/compiled-before.js';
import { policiesInForce, type LayerInForce, type PoliciesInForce } from '../policy/in-force.js';
import { compareLayers, outerLayers, type Layer } from '../policy/layer.js';
import { compileLayer } from '../policy/load.js';
import { createPolicyModule } from '../rego/evaluator.js';
import type { OpaBuiltins } from '../rego/opa-builtins.js';
import type { Toolchain } from '../rego/toolchain.js';
import type { BundleReader } from '../store/store.js';

/** What a record says of the policies that it was decided by. */
type LawOnRecord = Pick<DecisionRecord, 'revision' | 'layers'>;

/** The policies that records were decided by, however long ago. */
export interface PoliciesOnRecord {
  /**
   * Those of the layers that a record names, compiled from the stored bundles of their digests.
   *
   * @throws WitanError `overloaded` when too many wait for a compilation; `toolchain_*`, `store_*`
   */
  of(record: LawOnRecord): Promise<PoliciesInForce | NotReplayable>;
  /** The stored bundles of the layers that a record names. */
  bundlesOf(record: LawOnRecord): Promise<ReadonlyMap<Layer, Bundle> | NotReplayable>;
}

interface Needs {
  readonly bundles: BundleReader;
  readonly toolchain: Toolchain;
  readonly opaBuiltins: OpaBuiltins;
  /** What was compiled before of the bundles in force at a revision; without it everything is compiled. */
  readonly compiledBefore?: (revision: number) => Promise<CompiledBefore>;
  /** What is loaded already, and serves where the digests agree. */
  readonly inForce?: () => PoliciesInForce;
  /** Told what is compiled, in words. */
  readonly progress?: (message: string) => void;
}

/** Layers that are kept loaded; past it the one that was not asked for longest is let go. */
const LAYERS_MAX = 32;
const WAITING_MAX = 64;

/** What a bundle that is on record, and stored, can still fail with; anything else is a failure of the service. */
const FAULTY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'bundle_invalid',
  'parameter_out_of_bounds',
  'evaluation_failed',
]);

/** Loads policies by digest, one compilation at a time. They are not measured: they were when they came into force. */
export function createPoliciesOnRecord(needs: Needs): PoliciesOnRecord {
  const { bundles: reader, toolchain, opaBuiltins, compiledBefore, inForce } = needs;
  const { progress = () => undefined } = needs;
  const loaded = loadedLayers(inForce);
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const compile = async (
    named: NamedLayer,
    bundles: ReadonlyMap<Layer, Bundle>,
    revision: number,
  ): Promise<LayerInForce> => {
    // INVARIANT: `bundlesOf` answered one for every named layer.
    const bundle = bundles.get(named.layer) as Bundle;
    if (named.fault !== undefined) return unavailable(bundle, named.fault);
    progress(`loading \`${named.layer}\` of revision ${revision}`);
    const before = await compiledBefore?.(revision);
    const { layer } = await compileLayer(bundle, bundles, {
      toolchain,
      inputSchema,
      createModule: (wasm, data) => createPolicyModule(wasm, data, { opaBuiltins }),
      ...(before !== undefined && { before }),
    });
    loaded.keep(named.key, layer);
    return layer;
  };
  const load = async (
    record: LawOnRecord,
    named: readonly NamedLayer[],
  ): Promise<PoliciesInForce | NotReplayable> => {
    const bundles = await bundlesOf(record, reader);
    if ('replayable' in bundles) return bundles;
    const layers: LayerInForce[] = [];
    for (const each of named) {
      const layer = each.fault === undefined ? loaded.find(each) : undefined;
      try {
        layers.push(layer ?? (await compile(each, bundles, record.revision)));
      } catch (thrown) {
        if (!(thrown instanceof WitanError) || !FAULTY.has(thrown.code)) throw thrown;
        return notReplayable(`the bundle of \`${each.layer}\` does not load any more: ${thrown.message}`);
      }
    }
    return policiesInForce(record.revision, layers);
  };

  return {
    async of(record) {
      const named = namedLayers(record);
      const layers = named.map((each) => (each.fault === undefined ? loaded.find(each) : undefined));
      if (layers.every((layer) => layer !== undefined)) return policiesInForce(record.revision, layers);
      if (waiting >= WAITING_MAX) {
        throw new WitanError('overloaded', 'too many replays are waiting for their policies to be compiled');
      }
      waiting += 1;
      const turn = tail.then(() => load(record, named));
      tail = turn.catch(() => undefined);
      return turn.finally(() => {
        waiting -= 1;
      });
    },
    bundlesOf: (record) => bundlesOf(record, reader),
  };
}

/** Layers that are loaded already: those in force, and those that were asked for last. */
function loadedLayers(inForce: Needs['inForce']) {
  /** By what determines the module; the one asked for last stands last. */
  const kept = new Map<string, LayerInForce>();
  return {
    find({ layer, key }: NamedLayer): LayerInForce | undefined {
      const current = inForce?.();
      const bound = current?.layers.get(layer);
      if (current !== undefined && bound?.module !== undefined && keyOf(layer, digestsIn(current)) === key) {
        return bound;
      }
      const found = kept.get(key);
      if (found === undefined) return undefined;
      kept.delete(key);
      kept.set(key, found);
      return found;
    },
    keep(key: string, layer: LayerInForce): void {
      kept.set(key, layer);
      const [oldest] = kept.keys();
      if (kept.size > LAYERS_MAX && oldest !== undefined) kept.delete(oldest);
    },
  };
}

/** A layer of a record that had a bundle. */
interface NamedLayer {
  readonly layer: Layer;
  readonly digest: string;
  readonly fault?: string;
  /** What determines its module: the digests of its bundle and of those above it. */
  readonly key: string;
}

/** Each layer once, from the outside in. One that was asked twice was asked by one bundle. */
function namedLayers({ layers }: LawOnRecord): readonly NamedLayer[] {
  const digests = new Map(
    layers.flatMap(({ layer, digest }) => (digest === undefined ? [] : [[layer, digest] as const])),
  );
  const faults = new Map(layers.map(({ layer, fault }) => [layer, fault]));
  return [...digests]
    .sort(([a], [b]) => compareLayers(a, b))
    .map(([layer, digest]) => {
      const fault = faults.get(layer);
      return { layer, digest, key: keyOf(layer, digests), ...(fault !== undefined && { fault }) };
    });
}

function digestsIn({ layers }: PoliciesInForce): ReadonlyMap<Layer, string> {
  return new Map([...layers].map(([layer, { digest }]) => [layer, digest]));
}

function keyOf(layer: Layer, digests: ReadonlyMap<Layer, string>): string {
  return [layer, ...outerLayers(layer)].map((each) => digests.get(each) ?? '-').join(' ');
}

async function bundlesOf(
  record: LawOnRecord,
  reader: BundleReader,
): Promise<ReadonlyMap<Layer, Bundle> | NotReplayable> {
  const bundles = new Map<Layer, Bundle>();
  for (const { layer, digest } of namedLayers(record)) {
    const kept = await reader.byDigest(digest);
    if (kept === undefined) return notReplayable(`the bundle \`${digest}\` of \`${layer}\` is gone`);
    if (bundleDigest(kept.files) !== digest) {
      return notReplayable(`the stored files are not those of the bundle \`${digest}\` of \`${layer}\``);
    }
    const bundle = createBundle(kept.files);
    if (bundle.layer !== layer) {
      return notReplayable(`the bundle \`${digest}\` is that of \`${bundle.layer}\`, not of \`${layer}\``);
    }
    bundles.set(layer, bundle);
  }
  return bundles;
}

/** A layer whose bundle could not be asked then, and is not asked now. */
function unavailable({ layer, digest, manifest }: Bundle, fault: string): LayerInForce {
  const byKind = { publish: [], access: [], consume: [] };
  return { layer, digest, manifest, policies: new Map(), byKind, fault };
}
