import type { LawInForce, ToolchainIdentity } from '../audit/record.js';
import { messageOf, WitanError } from '../errors.js';
import { keptBundle } from './bundle-on-record.js';
import { putInForce, type MeshNeeds } from './mesh.js';
import type { Bundle } from '../policy/bundle.js';
import type { CurrentLaw } from '../policy/current-policies.js';
import { policiesInForce, type LayerInForce } from '../policy/in-force.js';
import { compareLayers, GLOBAL, outerLayers, type Layer } from '../policy/layer.js';
import type { Registry } from '../registry/registry.js';
import type { Toolchain } from '../rego/toolchain.js';
import type { CurrentRevision, Store } from '../store/store.js';
import { verifyLaw, type VerifiedLaw } from './verify-law.js';

export interface LoadedLaw extends Pick<VerifiedLaw, 'emergencies'> {
  readonly law: CurrentLaw;
  /** What compiles from now on. */
  readonly toolchain: ToolchainIdentity;
}

interface Needs extends MeshNeeds {
  readonly registry: Registry;
  readonly progress: (message: string) => void;
  readonly warn: (message: string) => void;
}

/**
 * Loads the law of a store that was served before, as far as it was decided (`verify-law.ts`).
 *
 * A bundle of a domain that was not is refused: its layer, and every layer within it since it builds on it, is in error, so
 * that whatever lies under it is denied. Nothing of the bundle is used, neither its policies and parameters nor the
 * council that its manifest names; a proposal for the layer is decided by the council above it. The others go on: denying
 * one domain is safe, and stopping all of them would give whoever can write one row the power to do so.
 *
 * @throws WitanError `law_not_decided` when it is the bundle of `global`: nothing could be decided without it; what
 * `putInForce` throws
 */
export async function loadDecided(
  store: Pick<Store, 'records' | 'tree' | 'bundles' | 'checkpointAtStart'>,
  found: CurrentRevision,
  { registry, progress, warn, ...mesh }: Needs,
): Promise<LoadedLaw> {
  const { emergencies, modules: proven, ...verified } = await verifyLaw(store, found);
  const refused = new Map(verified.refused);
  const digests = new Map(found.layers.map(({ layer, digest }) => [layer, digest]));
  const bundles = new Map<Layer, Bundle>();
  for (const [layer, digest] of digests) {
    if (refused.has(layer)) continue;
    try {
      bundles.set(layer, await keptBundle(store.bundles, digest));
    } catch (thrown) {
      if (!(thrown instanceof WitanError) || layer === GLOBAL) throw thrown;
      refused.set(layer, { why: messageOf(thrown), digest });
    }
  }
  for (const [layer, { why }] of refused) {
    warn(`the bundle of \`${layer}\` is refused, and everything under it is denied: ${why}`);
  }
  const faults = new Map([...refused].map(([layer, { why }]) => [layer, `the bundle is refused: ${why}`]));
  for (const layer of bundles.keys()) {
    const outer = outerLayers(layer).find((each) => refused.has(each));
    if (outer !== undefined) faults.set(layer, `it builds on \`${outer}\`, whose bundle is refused`);
  }
  const sound = [...bundles.values()].filter(({ layer }) => !faults.has(layer));
  progress(`loading ${sound.length} bundles of revision ${found.revision}`);
  const loaded = await putInForce(sound, registry, { ...mesh, revision: found.revision, proven });
  const toolchain = await identityOf(mesh.toolchain, proven);
  if (faults.size === 0) return { law: { policies: loaded, bundles }, emergencies, toolchain };
  const layers = [
    ...loaded.layers.values(),
    ...[...faults].flatMap(([layer, fault]) => {
      // The bundle that the log says it has, which the next revision names again.
      const digest = refused.get(layer)?.digest ?? digests.get(layer);
      return digest === undefined ? [] : [inError(layer, digest, fault)];
    }),
  ].sort((a, b) => compareLayers(a.layer, b.layer));
  return { law: { policies: policiesInForce(found.revision, layers), bundles }, emergencies, toolchain };
}

/** A toolchain that the log names need not be started to say which it is. */
async function identityOf(toolchain: Toolchain, proven: LawInForce | undefined): Promise<ToolchainIdentity> {
  const onRecord = proven?.toolchain;
  return onRecord?.digest === (await toolchain.digest()) ? onRecord : toolchain.identity();
}

/** A layer whose bundle is not asked. Its manifest says nothing. */
function inError(layer: Layer, digest: string, fault: string): LayerInForce {
  const byKind = { publish: [], access: [], consume: [] };
  const manifest = { layer, version: '0.0.0', policies: {} };
  return { layer, digest, manifest, policies: new Map(), byKind, fault };
}
