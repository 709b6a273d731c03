import { keptBundle } from '../law/bundle-on-record.js';
import type { CouncilNeeds } from './council-needs.js';
import { councilOf } from '../council/council.js';
import type { Proposal } from '../council/proposal.js';
import { isRatifiable } from '../council/proposals.js';
import { writeJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import { outerLayers, type Layer } from '../policy/layer.js';
import type { Manifest } from '../policy/manifest.js';

/** Who decided before two operators changed that. */
export interface CouncilsBefore {
  /** The manifests in force without those of the emergencies, in whose place stand those before. */
  readonly manifestsBefore: (emergencies: readonly Proposal[]) => Promise<ReadonlyMap<Layer, Manifest>>;
  /** The emergency by which another council decides a layer than the one before it; `undefined` for none. */
  readonly disputing: (layer: Layer) => Promise<Proposal | undefined>;
}

const MANIFESTS_MAX = 16;

export function createCouncilsBefore({
  bundles,
  council,
  current,
}: Pick<CouncilNeeds, 'bundles' | 'council' | 'current'>): CouncilsBefore {
  const manifestsByDigest = new Map<string, Manifest>();

  const manifestOf = async (digest: string): Promise<Manifest> => {
    const known = manifestsByDigest.get(digest);
    if (known !== undefined) return known;
    const { manifest } = await keptBundle(bundles, digest);
    if (manifestsByDigest.size >= MANIFESTS_MAX) manifestsByDigest.clear();
    manifestsByDigest.set(digest, manifest);
    return manifest;
  };

  const manifestsBefore: CouncilsBefore['manifestsBefore'] = async (emergencies) => {
    const manifests = new Map(current.manifests);
    for (const { layer, break_glass } of emergencies) {
      manifests.delete(layer);
      const before = break_glass?.previous_digest;
      if (before !== undefined) manifests.set(layer, await manifestOf(before));
    }
    return manifests;
  };

  return {
    manifestsBefore,
    disputing: async (layer) => {
      const chain = [...outerLayers(layer), layer];
      const emergencies = [...council.proposals()].filter(
        (each) => chain.includes(each.layer) && isRatifiable(each),
      );
      if (emergencies.length === 0) return undefined;
      const before = councilOf(layer, await manifestsBefore(emergencies));
      const isSame = writeJson(before) === writeJson(councilOf(layer, current.manifests));
      return isSame || before.seats.length === 0 ? undefined : emergencies.at(-1);
    },
  };
}

/** The refusal of what a council would decide that an emergency chose. */
export function disputed(layer: Layer, { id }: Pick<Proposal, 'id'>): WitanError {
  return new WitanError(
    'forbidden',
    `proposal ${id}, an emergency that is not ratified, changed the council that decides \`${layer}\`: until it is ratified or taken back, that decides nothing else`,
  );
}
