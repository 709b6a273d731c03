import type { LawInForce } from '../audit/record.js';
import { LawEvidence, ownCheckpoint } from './law-evidence.js';
import type { Bundle } from '../policy/bundle.js';
import type { CompiledBefore } from '../policy/compiled-before.js';
import { outerLayers, type Layer } from '../policy/layer.js';
import type { Store } from '../store/store.js';

/** Compiled modules as they are kept, by `sha256:<hex>` of their bytes; what is found has that digest. */
export interface ModuleKeeper {
  find(digest: string): Promise<Uint8Array | undefined>;
  keep(wasm: Uint8Array): Promise<void>;
  /** Lets go of what is not in force, but what was asked for last. */
  keepOnly(inForce: ReadonlySet<string>): Promise<void>;
}

interface Proven {
  /** Law whose modules lie under a checkpoint (`LawEvidence.provesModules`); without it nothing is proven. */
  readonly law: LawInForce | undefined;
  /** `sha256:<hex>` of the toolchain that runs. */
  readonly toolchain: string;
}

/**
 * What was compiled before, as far as the log proves it: a sealed record names the module of the layer's bundle, under the
 * very bundles above it, and the toolchain that made it is the one that would make it now. A file is never believed.
 */
export function provenModules(keeper: ModuleKeeper, { law, toolchain }: Proven): CompiledBefore {
  const layers = law?.toolchain.digest === toolchain ? law.layers : [];
  const onRecord = new Map(layers.map((each) => [each.layer, each]));
  const isSame = (layer: Layer, bundles: ReadonlyMap<Layer, Bundle>): boolean =>
    onRecord.get(layer)?.digest === bundles.get(layer)?.digest;
  return {
    async find({ layer }, bundles) {
      const named = onRecord.get(layer);
      if (named === undefined) return undefined;
      if (![layer, ...outerLayers(layer)].every((each) => isSame(each, bundles))) return undefined;
      if (named.module === undefined) return 'nothing';
      const wasm = await keeper.find(named.module);
      return wasm && { wasm };
    },
    keep: (wasm) => keeper.keep(wasm),
  };
}

/** The law on record at a revision, where its modules are proven by what the log has sealed until now. @throws WitanError `store_*` */
export async function provenLawAt(
  store: Pick<Store, 'records' | 'tree' | 'bundles'>,
  revision: number,
): Promise<LawInForce | undefined> {
  const { tree } = store;
  const last = await tree.checkpoint();
  const evidence = new LawEvidence(store, last && ownCheckpoint(last.note, tree.signingKey ?? ''));
  const law = await evidence.lawAt(revision);
  return law !== undefined && (await evidence.provesModules(law)) ? law.record : undefined;
}
