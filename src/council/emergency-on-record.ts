import type { LayerLaw } from './decided-law.js';
import type { Proposal } from './proposal.js';

/** An emergency in force, as the log tells of it. */
export interface EmergencyOnRecord {
  readonly proposal: string;
  readonly operator: string;
  readonly secondOperator: string;
  /** RFC 3339: it is taken back then unless it is ratified. */
  readonly revertsAt: string;
  /** What it took the place of; absent when the layer had no bundle. */
  readonly previous?: string;
  /** RFC 3339: when the council ratified it, as far as a signed checkpoint covers that. */
  readonly ratifiedAt?: string;
}

/** The emergency that a layer's law is; `undefined` where the council decided it, or nobody changed it. */
export function emergencyOnRecord({ activations, proposals }: LayerLaw): EmergencyOnRecord | undefined {
  const last = activations.at(-1);
  if (last?.record.by !== 'break_glass') return undefined;
  const { proposal, first_operator: operator, reverts_at: revertsAt, previous, caller } = last.record;
  if (proposal === undefined || operator === undefined || revertsAt === undefined) return undefined;
  const ratified = proposals
    .get(proposal)
    ?.acts.find(
      ({ record, sealed, sequence }) =>
        sealed && sequence > last.sequence && record.kind === 'proposal' && record.event === 'ratified',
    );
  return {
    proposal,
    operator,
    secondOperator: caller.id,
    revertsAt,
    ...(previous !== undefined && { previous }),
    ...(ratified !== undefined && { ratifiedAt: ratified.record.time }),
  };
}

/**
 * A proposal with what the log says of its emergency, so that it ends when it has to, whatever was written into its row.
 *
 * @returns the proposal itself where its row says the same
 */
export function withEmergency(proposal: Proposal, emergency: EmergencyOnRecord): Proposal {
  const { operator, secondOperator, revertsAt, previous, ratifiedAt } = emergency;
  const row = proposal.break_glass;
  const same =
    proposal.state === 'active' &&
    row?.operator === operator &&
    row.reverts_at === revertsAt &&
    row.reverted_at === undefined &&
    (row.ratified_at === undefined) === (ratifiedAt === undefined);
  if (same) return proposal;
  return {
    ...proposal,
    state: 'active',
    break_glass: {
      reason: row?.reason ?? 'its row does not say',
      operator,
      second_operator: secondOperator,
      reverts_at: revertsAt,
      ...(previous !== undefined && { previous_digest: previous }),
      ...(ratifiedAt !== undefined && { ratified_at: ratifiedAt }),
    },
  };
}
