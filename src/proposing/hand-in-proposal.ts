import type { Acting } from '../audit/act.js';
import { councilHead, take, type CouncilNeeds } from './council-needs.js';
import { councilOf } from '../council/council.js';
import { PROPOSAL_LIMITS } from '../council/proposal-limits.js';
import {
  requireAuthor,
  requireChange,
  requireEdit,
  requireLayer,
  requirePending,
  requireProposer,
  requireRoom,
  requireShort,
} from '../council/proposal-rules.js';
import type { Proposal } from '../council/proposal.js';
import { edited, opened } from '../council/proposals.js';
import { WitanError } from '../errors.js';
import type { Bundle, BundleFile } from '../policy/bundle.js';
import type { Layer } from '../policy/layer.js';
import { proposedBundle } from '../policy/proposed-bundle.js';

export interface NewProposal {
  readonly layer: Layer;
  readonly title: string;
  readonly description?: string;
  readonly files: readonly BundleFile[];
  /** Of an emergency: two operators may put it in force at once. */
  readonly break_glass?: { readonly reason: string };
}

/** @throws WitanError `forbidden`, `invalid_request`, `too_many_items`, what `proposedBundle` throws */
export async function handInProposal(
  needs: CouncilNeeds,
  { layer, title, description, break_glass, files }: NewProposal,
  acting: Acting,
): Promise<Proposal> {
  const { council, councilTurn, current, registry } = needs;
  const { caller } = acting;
  requireProposer(caller, layer, break_glass !== undefined);
  requireLayer(layer, registry);
  requireShort('description', description, PROPOSAL_LIMITS.descriptionBytes);
  requireShort('break_glass/reason', break_glass?.reason, PROPOSAL_LIMITS.commentBytes);
  const bundle = proposedBundle(layer, files, current.manifests);
  return councilTurn(() => {
    requireRoom(council.proposals(), caller.id);
    requireChange(bundle, current.law.bundles.get(layer));
    if (break_glass === undefined && councilOf(layer, current.manifests).seats.length === 0) {
      throw new WitanError(
        'invalid_request',
        `nobody can decide on \`${layer}\`: no manifest in force names members of its council; two operators can change it as an emergency (\`break_glass\`)`,
      );
    }
    const step = opened(
      {
        id: council.nextProposalId(),
        layer,
        title,
        ...(description !== undefined && { description }),
        author: caller.id,
        digest: bundle.digest,
        base: baseOf(layer, needs),
        ...(break_glass !== undefined && {
          break_glass: { reason: break_glass.reason, operator: caller.id },
        }),
      },
      councilHead(needs, acting),
    );
    return take(needs, step, [putBundle(bundle)]);
  });
}

/** @throws WitanError `not_found`, `forbidden`, `proposal_closed`, `invalid_request`, `too_many_items`, what `proposedBundle` throws */
export async function editProposal(
  needs: CouncilNeeds,
  proposal: Proposal,
  files: readonly BundleFile[],
  acting: Acting,
): Promise<Proposal> {
  const { council, councilTurn, current } = needs;
  const { caller } = acting;
  const { id, layer, break_glass } = requireAuthor(proposal, caller);
  requireProposer(caller, layer, break_glass !== undefined);
  const bundle = proposedBundle(layer, files, current.manifests);
  return councilTurn(() => {
    const now = requirePending(council.existing(id), 'edited');
    const base = baseOf(layer, needs);
    requireEdit(now, bundle, base);
    requireChange(bundle, current.law.bundles.get(layer));
    return take(needs, edited(now, { digest: bundle.digest, base }, councilHead(needs, acting)), [
      putBundle(bundle),
    ]);
  });
}

/** What is in force of a layer now. */
function baseOf(layer: Layer, { current }: Pick<CouncilNeeds, 'current'>): Proposal['base'] {
  const digest = current.law.bundles.get(layer)?.digest;
  return { revision: current.policies.revision, ...(digest !== undefined && { digest }) };
}

function putBundle({ digest, layer, files }: Bundle) {
  return { kind: 'put_bundle', digest, layer, files } as const;
}
