import type { Acting } from '../audit/act.js';
import { requireActivatable, requireDecided, type ActivateNeeds } from './activate-proposal.js';
import { proposalRecord } from '../council/advance.js';
import { isEmergency, shadowEnded, shadowing } from '../council/coming-into-force.js';
import type { Proposal } from '../council/proposal.js';
import { councilHead } from '../proposing/council-needs.js';
import { BY_THE_CLOCK } from './due-activations.js';
import { WitanError } from '../errors.js';

/**
 * Has an approved bundle evaluated beside the one in force.
 *
 * @param until RFC 3339: when that ends by itself
 * @throws WitanError `invalid_request` for an emergency, a run that goes on already, and an end that is past; `forbidden`,
 * `proposal_not_approved`, `audit_unavailable`, `overloaded`
 */
export async function runInShadow(
  needs: ActivateNeeds,
  proposal: Proposal,
  { until, reason }: { readonly until?: string; readonly reason?: string },
  acting: Acting,
): Promise<Proposal> {
  const { commit, nowMs } = needs;
  requireActivatable(needs, proposal, acting);
  if (isEmergency(proposal)) throw new WitanError('invalid_request', 'an emergency does not run in shadow');
  if (proposal.state === 'shadow') {
    throw new WitanError('invalid_request', `proposal ${proposal.id} runs in shadow already`);
  }
  if (until !== undefined && !(Date.parse(until) > nowMs())) {
    throw new WitanError('invalid_request', `\`until\` is ${until}; expected a time to come`);
  }
  await requireDecided(needs, proposal, 'by_vote');
  const head = councilHead(needs, acting);
  const next = shadowing(proposal, head, until);
  await commit({
    record: proposalRecord(head, 'shadowing', next, reason === undefined ? {} : { reason }),
    changes: [{ kind: 'put_proposal', proposal: next }],
  });
  return needs.council.existing(proposal.id);
}

/** Whether a shadow run is to end by now. */
export function isShadowOver({ state, shadow }: Proposal, nowMs: number): boolean {
  return state === 'shadow' && shadow?.until !== undefined && nowMs >= Date.parse(shadow.until);
}

/** Ends a shadow run whose time is over; the proposal may still come into force. */
export async function endShadow(needs: ActivateNeeds, proposal: Proposal): Promise<void> {
  const head = councilHead(needs, BY_THE_CLOCK);
  const next = shadowEnded(proposal, head);
  await needs.commit({
    record: proposalRecord(head, 'shadowing', next, { reason: 'the shadow run has ended' }),
    changes: [{ kind: 'put_proposal', proposal: next }],
  });
}
