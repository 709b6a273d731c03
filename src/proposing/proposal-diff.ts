import { fileChanges, type FileChange } from '../council/file-changes.js';
import type { InMemoryCouncil } from '../council/in-memory-council.js';
import { meaningOf, type Meaning } from '../council/meaning.js';
import type { Proposal } from '../council/proposal.js';
import { WitanError } from '../errors.js';
import { keptBundle } from '../law/bundle-on-record.js';
import type { CurrentPolicies } from '../policy/current-policies.js';
import type { Layer } from '../policy/layer.js';
import type { Registry } from '../registry/registry.js';
import type { BundleReader } from '../store/store.js';

/** What a proposal is held against: what was in force when it was made, or what is now. */
export const AGAINST = ['base', 'in_force'] as const;
export type Against = (typeof AGAINST)[number];

export interface ProposalDiff extends Meaning {
  readonly layer: Layer;
  /** Without digest where the layer had no bundle. */
  readonly from: { readonly digest?: string; readonly revision: number };
  readonly to: { readonly digest: string };
  readonly files: readonly FileChange[];
}

interface DiffNeeds {
  readonly bundles: Pick<BundleReader, 'byDigest'>;
  readonly current: CurrentPolicies;
  readonly council: Pick<InMemoryCouncil, 'waivers'>;
  readonly registry: Pick<Registry, 'domains'>;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
}

/**
 * What a proposal means for the mesh as it is now, and every line that it changes.
 *
 * @throws WitanError `store_corrupt` when a bundle is missing or was changed; `store_unavailable`
 */
export async function proposalDiff(
  { layer, digest, base }: Pick<Proposal, 'layer' | 'digest' | 'base'>,
  against: Against,
  { bundles, current, council, registry, nowMs }: DiffNeeds,
): Promise<ProposalDiff> {
  const { policies } = current.law;
  const from =
    against === 'base'
      ? base
      : { revision: policies.revision, digest: current.law.bundles.get(layer)?.digest };
  const [before, after] = await Promise.all([
    from.digest === undefined ? undefined : keptBundle(bundles, from.digest),
    keptBundle(bundles, digest),
  ]);
  return {
    layer,
    from: { ...(from.digest !== undefined && { digest: from.digest }), revision: from.revision },
    to: { digest },
    ...meaningOf({
      layer,
      before,
      after,
      manifests: current.manifests,
      domains: [...registry.domains()].map(({ path }) => path),
      waivers: council.waivers(),
      nowMs: nowMs(),
    }),
    files: fileChanges(before, after),
  };
}

/** @throws WitanError `invalid_request` */
export function readAgainst(value: string | undefined): Against {
  const against = AGAINST.find((each) => each === (value ?? 'base'));
  if (against !== undefined) return against;
  throw new WitanError(
    'invalid_request',
    `\`against\` is \`${value ?? ''}\`; expected ${AGAINST.join(' or ')}`,
  );
}
