import type { Acting } from '../audit/act.js';
import { councilHead, take, type CouncilNeeds } from './council-needs.js';
import { endOfVote, type CouncilVotes } from './council-votes.js';
import { conflictOf, isBaseMoved } from '../council/conflict.js';
import { PROPOSAL_LIMITS } from '../council/proposal-limits.js';
import { closed, requireBallotsLeft, requireOneSeat, requireShort } from '../council/proposal-rules.js';
import type { Proposal, Vote } from '../council/proposal.js';
import { isRatifiable, voted } from '../council/proposals.js';
import { votingSeat } from '../council/visible.js';
import { messageOf, WitanError } from '../errors.js';

export interface NewBallot {
  readonly vote: Vote;
  /** `sha256:<hex>` of the bundle that is voted on. */
  readonly digest: string;
  readonly comment?: string;
}

type Needs = CouncilNeeds & { readonly votes: CouncilVotes };

/**
 * Casts a ballot, and decides the vote if that decides it. MUST be called within the council's turn.
 *
 * @throws WitanError `not_found`, `forbidden`, `proposal_closed`, `ballot_outdated`, `revision_moved`, `invalid_request`,
 * `too_many_items`
 */
export async function castBallot(
  needs: Needs,
  id: string,
  { vote, digest, comment }: NewBallot,
  acting: Acting,
): Promise<Proposal> {
  const { council, current, nowMs, votes } = needs;
  const { caller } = acting;
  requireShort('comment', comment, PROPOSAL_LIMITS.commentBytes);
  const found = council.existing(id);
  const deciding = await votes.councilFor(found);
  const seat = votingSeat(caller, deciding);
  if (seat === undefined) {
    throw new WitanError(
      'forbidden',
      `\`${caller.id}\` has no seat, or not the role of a seat, on the council of \`${deciding.of}\`, which decides on \`${found.layer}\``,
    );
  }
  if (!isRatifiable(found)) await votes.requireUndisputed(found.layer);
  // What ended by the clock before this ballot came is decided without it.
  const ends = endOfVote(found);
  if (ends !== undefined && nowMs() >= ends) throw closed(await votes.settle(found, nowMs()), 'voted on');
  if (found.state !== 'open' && !isRatifiable(found)) throw closed(found, 'voted on');
  if (digest !== found.digest) {
    throw new WitanError(
      'ballot_outdated',
      `the ballot is for \`${digest}\`, but proposal ${id} is \`${found.digest}\` now: look at it again`,
    );
  }
  if (found.state === 'open' && isBaseMoved(found, current.law.bundles)) {
    const conflict = conflictOf(found, current.law.bundles, council.proposals());
    throw new WitanError('revision_moved', conflict?.message ?? 'what is in force has changed');
  }
  requireOneSeat(found, caller.id, seat.id);
  requireBallotsLeft(found, caller.id);
  const choice = { seat: seat.id, vote, ...(comment !== undefined && { comment }) };
  const now = await take(needs, voted(found, choice, councilHead(needs, acting)));
  return settledOrSame(needs, now);
}

/** The ballot is cast whatever comes of it: what it decides is otherwise decided by the clock. */
async function settledOrSame({ votes, nowMs, warn }: Needs, proposal: Proposal): Promise<Proposal> {
  try {
    return await votes.settle(proposal, nowMs());
  } catch (thrown) {
    warn(`the vote on proposal ${proposal.id} could not be decided yet: ${messageOf(thrown)}`);
    return proposal;
  }
}
