import type { Conflict } from './conflict.js';
import type { Proposal } from './proposal.js';
import { standingOf } from './standing.js';
import type { Tally } from './tally.js';

/** A proposal as it is shown: with what follows from it and from what is in force. */
export interface ShownProposal extends Proposal {
  /** How the vote stands, while members may vote. */
  readonly standing?: Tally;
  /** How it stands, in one sentence. */
  readonly summary: string;
  readonly conflict?: Conflict;
}

export function showProposal(
  proposal: Proposal,
  { standing, conflict }: { readonly standing?: Tally | undefined; readonly conflict?: Conflict | undefined },
): ShownProposal {
  return {
    ...proposal,
    ...(standing !== undefined && { standing }),
    summary: standingOf(proposal, standing),
    ...(conflict !== undefined && { conflict }),
  };
}

/** A proposal in a list: what grows with time stands in the proposal itself. */
export function inShort<P extends Proposal>({
  ballots: _ballots,
  comments: _comments,
  timeline: _timeline,
  ...rest
}: P): Omit<P, 'ballots' | 'comments' | 'timeline'> {
  return rest;
}
