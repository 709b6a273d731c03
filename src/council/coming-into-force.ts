import type { ActivationRecord, LawInForce, RecordHead } from '../audit/record.js';
import { WitanError } from '../errors.js';
import { GLOBAL, type Layer } from '../policy/layer.js';
import { advance, timelineEntry } from './advance.js';
import type { Proposal } from './proposal.js';

/** Which bundle a layer has from a revision on, and how that came about. */
export interface Activation {
  readonly by: ActivationRecord['by'];
  readonly layer: Layer;
  /** `sha256:<hex>`; absent where the layer has no bundle any more, or had none. */
  readonly digest?: string;
  readonly previous?: string;
  readonly proposal: string;
  readonly firstOperator?: string;
  /** RFC 3339. */
  readonly revertsAt?: string;
  readonly reason?: string;
}

/**
 * The record of a change that comes into force.
 *
 * @param head with the revision that comes into force
 */
export function activationRecord(
  head: RecordHead,
  { by, layer, digest, previous, proposal, firstOperator, revertsAt, reason }: Activation,
  law: LawInForce,
): ActivationRecord {
  return {
    ...head,
    kind: 'activation',
    by,
    layer,
    ...(layer !== GLOBAL && { domain: layer }),
    ...(digest !== undefined && { digest }),
    ...(previous !== undefined && { previous }),
    ...(firstOperator !== undefined && { first_operator: firstOperator }),
    ...(revertsAt !== undefined && { reverts_at: revertsAt }),
    proposal,
    ...(reason !== undefined && { reason }),
    ...law,
  };
}

/** An operator's proposal that another operator may put in force without a vote. */
export function isEmergency({ state, break_glass }: Proposal): boolean {
  return state === 'open' && break_glass !== undefined;
}

/**
 * Refuses what may not come into force, whoever asks.
 *
 * @param standing how the proposal stands, in words
 * @throws WitanError `proposal_not_approved`
 */
export function requireApproved(proposal: Proposal, nowMs: number, standing?: string): void {
  const { id, state, activate_by } = proposal;
  const how = standing ?? `it is \`${state}\``;
  if (state !== 'approved' && state !== 'shadow') {
    throw new WitanError('proposal_not_approved', `proposal ${id} is not approved: ${how}`);
  }
  if (activate_by !== undefined && nowMs >= Date.parse(activate_by)) {
    throw new WitanError(
      'proposal_not_approved',
      `proposal ${id} was approved, and had to come into force before ${activate_by}: propose it again`,
    );
  }
}

/**
 * Refuses a proposal that was made on another bundle than the one in force: nobody voted on what would be lost.
 *
 * @param inForce digest of the layer's bundle now; `undefined` when it has none
 * @param all every proposal, to say which one came between
 * @throws WitanError `revision_moved`
 */
export function requireBase(
  { id, layer, base }: Proposal,
  inForce: string | undefined,
  all: Iterable<Proposal>,
): void {
  if (base.digest === inForce) return;
  const between = [...all]
    .filter((each) => each.layer === layer && each.id !== id && (each.revision ?? 0) > base.revision)
    .reduce<Proposal | undefined>(
      (last, each) => ((each.revision ?? 0) > (last?.revision ?? 0) ? each : last),
      undefined,
    );
  const what =
    between === undefined
      ? `\`${layer}\` has another bundle in force`
      : `proposal ${between.id} (\`${between.title}\`) changed \`${layer}\` with revision ${between.revision ?? 0}`;
  throw new WitanError(
    'revision_moved',
    `proposal ${id} is based on revision ${base.revision}, and ${what} since: edit it on the new base, and have it voted on again`,
  );
}

/** The proposal in force. @param head of the activation's record */
export function active(
  proposal: Proposal,
  head: RecordHead,
  { by, reason, revertsAt, previous }: Pick<Activation, 'by' | 'reason' | 'revertsAt' | 'previous'>,
): Proposal {
  const { activate_at: _, ...rest } = proposal;
  const emergency = by === 'break_glass' ? rest.break_glass : undefined;
  return advance(
    rest,
    {
      state: 'active',
      revision: head.revision,
      ...(emergency !== undefined && {
        break_glass: {
          ...emergency,
          second_operator: head.caller.id,
          ...(revertsAt !== undefined && { reverts_at: revertsAt }),
          ...(previous !== undefined && { previous_digest: previous }),
        },
      }),
    },
    timelineEntry(head, 'activated', reason),
  );
}

/** What was in force until another proposal came into force. */
export function superseded(proposal: Proposal, head: RecordHead, by: Pick<Proposal, 'id'>): Proposal {
  return advance(
    proposal,
    { state: 'superseded' },
    timelineEntry(head, 'superseded', `by proposal ${by.id}`),
  );
}

/** What two operators put in force, and what was not ratified in time. */
export function reverted(proposal: Proposal, head: RecordHead): Proposal {
  const { break_glass } = proposal;
  if (break_glass === undefined) throw new RangeError('only an emergency is taken back');
  return advance(
    proposal,
    { state: 'superseded', break_glass: { ...break_glass, reverted_at: head.time } },
    timelineEntry(head, 'reverted', 'it was not ratified in time'),
  );
}

/** What comes into force by itself. @param at RFC 3339 */
export function scheduled(proposal: Proposal, head: RecordHead, at: string): Proposal {
  return advance(proposal, { activate_at: at }, timelineEntry(head, 'scheduled', `for ${at}`));
}

/** What was to come into force by itself, and cannot. */
export function unscheduled(proposal: Proposal, head: RecordHead, reason: string): Proposal {
  const { activate_at: _, ...rest } = proposal;
  return advance(rest, {}, timelineEntry(head, 'scheduled', `no longer: ${reason}`));
}

/** A shadow run begins. @param until RFC 3339 */
export function shadowing(proposal: Proposal, head: RecordHead, until?: string): Proposal {
  return advance(
    proposal,
    { state: 'shadow', shadow: { since: head.time, ...(until !== undefined && { until }) } },
    timelineEntry(head, 'shadowing', until === undefined ? undefined : `until ${until}`),
  );
}

/** A shadow run has ended; the proposal may still come into force. */
export function shadowEnded(proposal: Proposal, head: RecordHead): Proposal {
  return advance(proposal, { state: 'approved' }, timelineEntry(head, 'shadowing', 'ended'));
}

/** An emergency that is to be taken back now. */
export function isToRevert({ state, break_glass }: Proposal, nowMs: number): boolean {
  return (
    state === 'active' &&
    break_glass?.reverts_at !== undefined &&
    break_glass.ratified_at === undefined &&
    break_glass.reverted_at === undefined &&
    nowMs >= Date.parse(break_glass.reverts_at)
  );
}
