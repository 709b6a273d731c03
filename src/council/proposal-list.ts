import type { Layer } from '../policy/layer.js';
import type { Proposal, ProposalState } from './proposal.js';

/** What is asked for of a list of proposals. */
export interface ProposalFilter {
  readonly state?: ProposalState;
  readonly layer?: Layer;
  /** Id of the last one of the page before. */
  readonly after?: string;
  readonly limit: number;
}

export interface ProposalPage {
  readonly proposals: readonly Proposal[];
  /** The `after` of the next page; absent on the last one. */
  readonly next?: string;
}

/**
 * A page of proposals, the newest first.
 *
 * @param all oldest first
 */
export function listProposals(
  all: Iterable<Proposal>,
  { state, layer, after, limit }: ProposalFilter,
  sees: (layer: Layer) => boolean,
): ProposalPage {
  const wanted = [...all]
    .reverse()
    .filter(
      (each) =>
        (after === undefined || Number(each.id) < Number(after)) &&
        (state === undefined || each.state === state) &&
        (layer === undefined || each.layer === layer) &&
        sees(each.layer),
    );
  const proposals = wanted.slice(0, limit);
  const last = proposals.at(-1);
  return { proposals, ...(wanted.length > limit && last !== undefined && { next: last.id }) };
}
