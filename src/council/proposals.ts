import type { AuditRecord, RecordHead } from '../audit/record.js';
import { GLOBAL } from '../policy/layer.js';
import { advance, proposalRecord, timelineEntry } from './advance.js';
import type { Ballot, CheckReport, ImpactSummary, Proposal, ProposalState } from './proposal.js';
import type { Tally } from './tally.js';

/** What an act makes of a proposal: its next version, and the record that is committed with it. */
export interface Step {
  readonly proposal: Proposal;
  readonly record: AuditRecord;
}

/** States of proposals that are on their way: whoever handed them in may still edit or withdraw them. */
export const PENDING_STATES: ReadonlySet<ProposalState> = new Set<ProposalState>([
  'checking',
  'failed',
  'open',
  'approved',
  'shadow',
]);

/** What follows from the bundle that is proposed, and does not hold for another one. */
const OF_THE_BUNDLE = [
  'checks',
  'impact',
  'closes_at',
  'tally',
  'decided_at',
  'activate_at',
  'activate_by',
  'shadow',
] as const;

/** A proposal is handed in. */
export function opened(
  input: Pick<
    Proposal,
    'id' | 'layer' | 'title' | 'description' | 'author' | 'digest' | 'base' | 'break_glass'
  >,
  head: RecordHead,
): Step {
  const reason = input.break_glass?.reason;
  const proposal: Proposal = {
    ...input,
    version: 1,
    state: 'checking',
    created_at: head.time,
    ballots: [],
    comments: [],
    timeline: [timelineEntry(head, 'opened', reason)],
  };
  return { proposal, record: proposalRecord(head, 'opened', proposal, withReason(reason)) };
}

/** Another bundle takes the place of the one that was proposed, on the base of what is in force now. */
export function edited(
  proposal: Proposal,
  { digest, base }: Pick<Proposal, 'digest' | 'base'>,
  head: RecordHead,
): Step {
  const { break_glass: emergency } = proposal;
  const next = advance(
    without(proposal, OF_THE_BUNDLE),
    {
      digest,
      base,
      state: 'checking',
      // Whoever seconded the emergency had seen another bundle.
      ...(emergency !== undefined && {
        break_glass: { reason: emergency.reason, operator: emergency.operator },
      }),
    },
    timelineEntry(head, 'edited'),
  );
  return { proposal: next, record: proposalRecord(head, 'edited', next) };
}

export function commented(proposal: Proposal, text: string, head: RecordHead): Step {
  const comment = { author: head.caller.id, text, at: head.time };
  const next = advance(
    proposal,
    { comments: [...proposal.comments, comment] },
    timelineEntry(head, 'commented'),
  );
  return { proposal: next, record: proposalRecord(head, 'commented', next, { reason: text }) };
}

/** The checks found faults; an edit is checked again. */
export function failed(proposal: Proposal, checks: CheckReport, head: RecordHead): Step {
  const { faults } = checks;
  const note = `${faults.length} fault${faults.length === 1 ? '' : 's'}: ${faults[0]?.message ?? ''}`;
  const next = advance(proposal, { state: 'failed', checks }, timelineEntry(head, 'failed', note));
  return { proposal: next, record: proposalRecord(head, 'failed', next, { reason: note }) };
}

/**
 * The checks passed: members may vote until `closesAt`, in RFC 3339.
 *
 * @param impact what the proposal would change; absent where that could not be found out, and then every domain counts as touched
 */
export function openedForVotes(
  proposal: Proposal,
  {
    checks,
    impact,
    closesAt,
  }: { readonly checks: CheckReport; readonly impact?: ImpactSummary; readonly closesAt: string },
  head: RecordHead,
): Step {
  const next = advance(
    proposal,
    { state: 'open', checks, ...(impact !== undefined && { impact }), closes_at: closesAt },
    timelineEntry(head, 'checked', `voting closes ${closesAt}`),
  );
  return { proposal: next, record: proposalRecord(head, 'checked', next, touchedOf(next)) };
}

/** A member votes. */
export function voted(
  proposal: Proposal,
  { seat, vote, comment }: Pick<Ballot, 'seat' | 'vote' | 'comment'>,
  head: RecordHead,
): Step {
  const { id, layer, digest } = proposal;
  const ballot: Ballot = {
    member: head.caller.id,
    seat,
    digest,
    vote,
    ...(comment !== undefined && { comment }),
    at: head.time,
  };
  const next = advance(
    proposal,
    { ballots: [...proposal.ballots, ballot] },
    timelineEntry(head, 'voted', seat === head.caller.id ? vote : `${vote} for ${seat}`),
  );
  const record: AuditRecord = {
    ...head,
    kind: 'ballot',
    proposal: id,
    layer,
    ...(layer !== GLOBAL && { domain: layer }),
    digest,
    seat,
    vote,
    ...withReason(comment),
  };
  return { proposal: next, record };
}

/**
 * A vote is decided, as its tally says.
 *
 * @param activateBy of an approval: until when it may be put in force, in RFC 3339
 */
export function decided(
  proposal: Proposal,
  { tally, activateBy }: { readonly tally: Tally; readonly activateBy: string },
  head: RecordHead,
): Step {
  const { outcome } = tally;
  if (outcome === 'open') throw new RangeError('a vote that is open is not decided');
  const next = advance(
    proposal,
    {
      state: outcome,
      tally,
      decided_at: head.time,
      ...(outcome === 'approved' && { activate_by: activateBy }),
    },
    timelineEntry(
      head,
      outcome,
      tally.needs.length === 0 ? undefined : `needed ${tally.needs.join(', and ')}`,
    ),
  );
  return { proposal: next, record: proposalRecord(head, outcome, next, { tally, ...touchedOf(next) }) };
}

/** What was approved was not put in force in time. */
export function lapsed(proposal: Proposal, head: RecordHead): Step {
  const reason = `not in force by ${proposal.activate_by ?? head.time}`;
  const next = advance(proposal, { state: 'expired' }, timelineEntry(head, 'expired', reason));
  const more = { reason, ...(next.tally !== undefined && { tally: next.tally }), ...touchedOf(next) };
  return { proposal: next, record: proposalRecord(head, 'expired', next, more) };
}

export function withdrawn(proposal: Proposal, reason: string, head: RecordHead): Step {
  const next = advance(proposal, { state: 'withdrawn' }, timelineEntry(head, 'withdrawn', reason));
  return { proposal: next, record: proposalRecord(head, 'withdrawn', next, { reason }) };
}

/** The council confirms what two operators put in force. */
export function ratified(proposal: Proposal, tally: Tally, head: RecordHead): Step {
  const { break_glass } = proposal;
  if (break_glass === undefined) throw new RangeError('only an emergency is ratified');
  const next = advance(
    proposal,
    { tally, break_glass: { ...break_glass, ratified_at: head.time } },
    timelineEntry(head, 'ratified'),
  );
  return { proposal: next, record: proposalRecord(head, 'ratified', next, { tally, ...touchedOf(next) }) };
}

/** The domains that the bundle touches, where its impact is known. */
export function touchedOf({ impact, digest }: Proposal): { readonly touched?: readonly string[] } {
  return impact?.digest === digest ? { touched: impact.touched } : {};
}

/** Whether members vote on whether what two operators put in force stays so. */
export function isRatifiable({ state, break_glass }: Proposal): boolean {
  return (
    state === 'active' &&
    break_glass !== undefined &&
    break_glass.ratified_at === undefined &&
    break_glass.reverted_at === undefined
  );
}

function withReason(reason: string | undefined): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

function without<T extends object, Name extends keyof T>(value: T, names: readonly Name[]): Omit<T, Name> {
  const dropped: readonly PropertyKey[] = names;
  // INVARIANT: what is left are the members of T but those that are named.
  return Object.fromEntries(Object.entries(value).filter(([name]) => !dropped.includes(name))) as Omit<
    T,
    Name
  >;
}
