import type { Acting } from '../audit/act.js';
import type { ActivationRecord } from '../audit/record.js';
import {
  activateProposal,
  digestInForce,
  requireActivatable,
  requireDecided,
  type ActivateNeeds,
} from './activate-proposal.js';
import { proposalRecord } from '../council/advance.js';
import {
  isEmergency,
  requireApproved,
  requireBase,
  reverted,
  scheduled,
  unscheduled,
  type Activation,
} from '../council/coming-into-force.js';
import type { Proposal } from '../council/proposal.js';
import { WitanError } from '../errors.js';
import { SERVICE_CALLER } from '../identity/caller.js';
import { councilHead } from '../proposing/council-needs.js';
import { keptBundle } from '../law/bundle-on-record.js';

export const BY_THE_CLOCK: Acting = { caller: SERVICE_CALLER };

/**
 * Has a proposal come into force by itself later.
 *
 * @param at RFC 3339
 * @throws WitanError `invalid_request` for a time that is past or too late; as for coming into force now
 */
export async function scheduleActivation(
  needs: ActivateNeeds,
  proposal: Proposal,
  { at, reason }: { readonly at: string; readonly reason?: string },
  acting: Acting,
): Promise<Proposal> {
  const { council, commit, nowMs } = needs;
  if (isEmergency(proposal)) {
    throw new WitanError('invalid_request', 'an emergency comes into force now, or not at all');
  }
  requireActivatable(needs, proposal, acting);
  requireBase(proposal, digestInForce(needs, proposal), council.proposals());
  const { activate_by } = proposal;
  const [atMs, byMs] = [Date.parse(at), Date.parse(activate_by ?? '')];
  if (!(atMs > nowMs()) || atMs >= byMs) {
    const until = activate_by === undefined ? '' : ` and before ${activate_by}`;
    throw new WitanError('invalid_request', `\`at\` is ${at}; expected a time to come${until}`);
  }
  await requireDecided(needs, proposal, 'by_vote');
  const head = councilHead(needs, acting);
  const activate_at = new Date(atMs).toISOString();
  const next = scheduled(proposal, head, activate_at);
  await commit({
    record: proposalRecord(head, 'scheduled', next, {
      activate_at,
      ...(reason !== undefined && { reason }),
    }),
    changes: [{ kind: 'put_proposal', proposal: next }],
  });
  return needs.council.existing(proposal.id);
}

/** Whether a proposal is to come into force by now. */
export function isDue({ state, activate_at }: Proposal, nowMs: number): boolean {
  return (
    (state === 'approved' || state === 'shadow') &&
    activate_at !== undefined &&
    nowMs >= Date.parse(activate_at)
  );
}

/** Puts in force what has come due; who may has asked for it before. @throws as `activateProposal` */
export async function activateDue(needs: ActivateNeeds, proposal: Proposal): Promise<void> {
  requireApproved(proposal, needs.nowMs());
  await activateProposal(needs, proposal, {}, BY_THE_CLOCK);
}

/**
 * Takes back what two operators put in force and nobody ratified: to what the log says was in force before, whatever the
 * proposal's row says.
 *
 * @throws WitanError `law_not_decided` when the log knows no such emergency; as `activateProposal`
 */
export async function takeBack({ enactor, store }: ActivateNeeds, proposal: Proposal): Promise<void> {
  const { id, layer } = proposal;
  const evidence = await enactor.sealed();
  const { acts } = await evidence.proposal(id, layer);
  const enacted = acts.findLast(({ record, sealed }) => sealed && record.kind === 'activation')?.record as
    ActivationRecord | undefined;
  if (enacted?.by !== 'break_glass' || enacted.layer !== layer) {
    throw new WitanError('law_not_decided', `the log knows no emergency of proposal ${id}`);
  }
  const { digest, previous } = enacted;
  const bundle = previous === undefined ? undefined : await keptBundle(store.bundles, previous);
  const law = await enactor.load(layer, bundle);
  const activation: Activation = {
    by: 'reversion',
    layer,
    ...(previous !== undefined && { digest: previous }),
    ...(digest !== undefined && { previous: digest }),
    proposal: id,
    reason: 'it was not ratified in time',
  };
  await enactor.enact(
    {
      law,
      activation,
      changes: (head) => [{ kind: 'put_proposal', proposal: reverted(proposal, head) }],
    },
    BY_THE_CLOCK,
  );
}

/** Says why what came due did not happen. What cannot come into force any more is not tried again. */
export async function giveUp(
  needs: ActivateNeeds,
  proposal: Proposal,
  { code, message }: WitanError,
): Promise<void> {
  const { commit, warn } = needs;
  warn(`proposal ${proposal.id}, which came due, was neither put in force nor taken back: ${message}`);
  const isFinal = code === 'revision_moved' || code === 'proposal_not_approved';
  if (!isFinal || proposal.activate_at === undefined) return;
  const head = councilHead(needs, BY_THE_CLOCK);
  const next = unscheduled(proposal, head, message);
  await commit({
    record: proposalRecord(head, 'scheduled', next, { reason: message }),
    changes: [{ kind: 'put_proposal', proposal: next }],
  });
}
