import type { Proposal } from './proposal.js';
import type { Tally } from './tally.js';

/**
 * How a proposal stands, in one sentence.
 *
 * @param standing how its vote stands now; given while members may vote on it
 */
export function standingOf(proposal: Proposal, standing?: Tally): string {
  switch (proposal.state) {
    case 'checking':
      return 'is being checked';
    case 'failed':
      return `failed its checks: ${counted(proposal.checks?.faults.length ?? 0, 'fault')}`;
    case 'open':
      return opened(proposal, standing);
    case 'approved':
      return `${approvedBy(proposal)}; ${waiting(proposal)}`;
    case 'shadow': {
      const { since = '', until } = proposal.shadow ?? {};
      const end = until === undefined ? '' : ` until ${until}`;
      return `${approvedBy(proposal)}; runs in shadow since ${since}${end}; ${waiting(proposal)}`;
    }
    case 'active':
      return inForce(proposal, standing);
    case 'superseded':
      return superseded(proposal);
    case 'rejected':
      return `rejected${votes(proposal.tally)}`;
    case 'expired':
      return expired(proposal);
    case 'withdrawn':
      return 'withdrawn';
  }
}

/** What a vote still needs, in words. */
export function needsOf({
  quorum,
  seats,
  cast,
  approve,
  reject,
  missing,
  touched_missing,
  needs,
}: Tally): string {
  const left = missing.length === 0 ? '' : `, missing: ${missing.join(', ')}`;
  if (cast < quorum) return `needs ${quorum} of ${seats} votes, ${cast} so far${left}`;
  if (touched_missing.length > 0) {
    return `needs the votes of the domains that it touches, ${cast} of ${seats} so far, missing: ${touched_missing.join(', ')}`;
  }
  const [first] = needs;
  return first === undefined
    ? `has what it needs unless more reject it: ${approve} for, ${reject} against${left}`
    : `needs ${first}${left}`;
}

function opened({ closes_at }: Proposal, standing: Tally | undefined): string {
  const needs = standing === undefined ? 'is voted on' : needsOf(standing);
  return closes_at === undefined ? needs : `${needs}; closes ${closes_at}`;
}

function approvedBy({ tally }: Proposal): string {
  return tally === undefined ? 'approved' : `approved by ${tally.approve} of ${tally.seats}`;
}

function waiting({ activate_at, activate_by }: Proposal): string {
  if (activate_at !== undefined) return `comes into force at ${activate_at}`;
  return activate_by === undefined ? 'may be put in force' : `may be put in force until ${activate_by}`;
}

function inForce(proposal: Proposal, standing: Tally | undefined): string {
  const { revision, break_glass: emergency } = proposal;
  const since = `in force${revision === undefined ? '' : ` since revision ${revision}`}`;
  if (emergency === undefined) return since;
  if (emergency.ratified_at !== undefined) {
    const by = proposal.tally === undefined ? '' : ` by ${proposal.tally.approve} of ${proposal.tally.seats}`;
    return `${since}, ratified${by}`;
  }
  const until = emergency.reverts_at === undefined ? '' : ` until ${emergency.reverts_at}`;
  const needs = standing === undefined ? '' : `: ${needsOf(standing)}`;
  return `${since} by two operators${until}, unless the council ratifies it${needs}`;
}

function superseded({ revision, break_glass: emergency }: Proposal): string {
  const since = revision === undefined ? '' : ` since revision ${revision}`;
  return emergency?.reverted_at === undefined
    ? `was in force${since}; another took its place`
    : `was in force${since}; taken back at ${emergency.reverted_at}, since it was not ratified`;
}

/** Either the vote came to nothing, or what it approved was not put in force in time. */
function expired({ tally, activate_by }: Proposal): string {
  if (tally?.outcome === 'approved') {
    return `approved by ${tally.approve} of ${tally.seats}, but not put in force${activate_by === undefined ? '' : ` by ${activate_by}`}`;
  }
  return tally === undefined ? 'expired' : `expired: ${needsOf(tally)}`;
}

function votes(tally: Tally | undefined): string {
  if (tally === undefined) return '';
  const { approve, reject, abstain } = tally;
  const why = approve > reject && tally.needs.length > 0 ? `; needed ${tally.needs.join(', and ')}` : '';
  return `: ${approve} for, ${reject} against, ${counted(abstain, 'abstention')}${why}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
