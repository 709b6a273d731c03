import type { Acting } from '../audit/act.js';
import { advance, proposalRecord, timelineEntry } from '../council/advance.js';
import {
  active,
  isEmergency,
  requireApproved,
  requireBase,
  superseded,
  type Activation,
} from '../council/coming-into-force.js';
import { councilOf } from '../council/council.js';
import { whyNotApproved, whyNotSeconded } from '../council/decided-law.js';
import { requireNoOther } from '../council/emergency.js';
import type { Examiner } from '../council/examiner.js';
import { requireMayActivate } from '../council/may-activate.js';
import type { Proposal } from '../council/proposal.js';
import { tally } from '../council/tally.js';
import type { Enactor, EnactNeeds } from './enact.js';
import { summaryOf, WitanError } from '../errors.js';
import { councilHead } from '../proposing/council-needs.js';
import { keptBundle } from '../law/bundle-on-record.js';
import { afterTime } from '../policy/duration.js';

export interface ActivateNeeds extends EnactNeeds {
  readonly enactor: Enactor;
  readonly examiner: Pick<Examiner, 'check'>;
}

/** `sha256:<hex>` of the bundle that a proposal's layer has; `undefined` when it has none. */
export function digestInForce(
  { current }: Pick<ActivateNeeds, 'current'>,
  { layer }: Pick<Proposal, 'layer'>,
): string | undefined {
  return current.law.bundles.get(layer)?.digest;
}

/**
 * Refuses who may not put the proposal in force, and what may not come into force, now or later.
 *
 * @throws WitanError `forbidden`, `proposal_not_approved`
 */
export function requireActivatable(
  { current, nowMs }: Pick<ActivateNeeds, 'current' | 'nowMs'>,
  proposal: Proposal,
  { caller }: Acting,
): void {
  const council = councilOf(proposal.layer, current.manifests);
  requireMayActivate(caller, proposal, council);
  if (isEmergency(proposal)) return;
  const { state, ballots, digest, author, impact } = proposal;
  const touched = impact?.digest === digest ? { touched: impact.touched } : {};
  const standing =
    state === 'open'
      ? `it needs ${tally({ council, ballots, digest, author, closed: false, ...touched }).needs.join('; ')}`
      : undefined;
  requireApproved(proposal, nowMs(), standing);
}

/**
 * Refuses what the log does not say was decided: what stands there is sealed, and the ballots are counted again. The row of
 * the proposal is not believed.
 *
 * @throws WitanError `proposal_not_approved`
 */
export async function requireDecided(
  { enactor, warn }: Pick<ActivateNeeds, 'enactor' | 'warn'>,
  { id, layer, digest }: Proposal,
  how: 'by_vote' | 'by_two_operators',
): Promise<void> {
  const evidence = await enactor.sealed();
  const onRecord = await evidence.proposal(id, layer);
  const claim = { layer, digest, before: Number.POSITIVE_INFINITY };
  const why = how === 'by_vote' ? whyNotApproved(onRecord, claim) : whyNotSeconded(onRecord, claim);
  if (why === undefined) return;
  warn(`proposal ${id} of \`${layer}\` was not put in force: ${why}`);
  throw new WitanError('proposal_not_approved', `proposal ${id} cannot come into force: ${why}`);
}

/**
 * Puts a proposal in force that may be. It is compiled and loaded first, beside what is in force.
 *
 * @throws WitanError `revision_moved`, `proposal_not_approved`, `audit_unavailable`, `overloaded`, `store_*`, `toolchain_*`:
 * what is in force has not changed then
 */
export async function activateProposal(
  needs: ActivateNeeds,
  proposal: Proposal,
  { reason }: { readonly reason?: string },
  acting: Acting,
): Promise<Proposal> {
  const { enactor, store, council } = needs;
  const { id, layer, digest } = proposal;
  const emergency = isEmergency(proposal);
  if (emergency) requireNoOther(layer, council.proposals());
  await recheck(needs, proposal);
  const bundle = await keptBundle(store.bundles, digest);
  if (bundle.layer !== layer) {
    throw new WitanError('store_corrupt', `the bundle of proposal ${id} is that of \`${bundle.layer}\``);
  }
  const law = await enactor.load(layer, bundle);
  const agreed = emergency ? await second(needs, proposal, reason, acting) : proposal;
  await requireDecided(needs, agreed, emergency ? 'by_two_operators' : 'by_vote');
  const activation = activationOf(needs, agreed, reason);
  const replaced = [...council.proposals()].filter(
    (each) => each.layer === layer && each.state === 'active' && each.id !== id,
  );
  await enactor.enact(
    {
      law,
      activation,
      changes: (head) =>
        [active(agreed, head, activation), ...replaced.map((each) => superseded(each, head, agreed))].map(
          (next) => ({ kind: 'put_proposal', proposal: next }),
        ),
    },
    acting,
  );
  return needs.council.existing(id);
}

function activationOf(
  { current, nowMs }: ActivateNeeds,
  proposal: Proposal,
  reason: string | undefined,
): Activation {
  const { id, layer, digest, author } = proposal;
  const previous = digestInForce({ current }, proposal);
  const what = {
    layer,
    digest,
    ...(previous !== undefined && { previous }),
    proposal: id,
    ...(reason !== undefined && { reason }),
  };
  if (!isEmergency(proposal)) return { by: 'council', ...what };
  const { breakGlassPeriod } = councilOf(layer, current.manifests);
  const revertsAt = new Date(afterTime(breakGlassPeriod, nowMs())).toISOString();
  return { by: 'break_glass', firstOperator: author, revertsAt, ...what };
}

/** Checks again what was checked with other layers than those in force now. @throws WitanError `revision_moved` */
async function recheck(needs: ActivateNeeds, proposal: Proposal): Promise<void> {
  const { council, current, examiner, store } = needs;
  requireBase(proposal, digestInForce(needs, proposal), council.proposals());
  const { revision } = current.policies;
  if (proposal.checks?.revision === revision) return;
  const { faults } = await examiner.check(await keptBundle(store.bundles, proposal.digest));
  if (faults.length === 0) return;
  throw new WitanError(
    'revision_moved',
    `proposal ${proposal.id} does not pass its checks on revision ${revision}: ${summaryOf(faults)}`,
    { faults },
  );
}

/** Puts on record that a second operator agrees. */
async function second(
  needs: ActivateNeeds,
  proposal: Proposal,
  reason: string | undefined,
  acting: Acting,
): Promise<Proposal> {
  const head = councilHead(needs, acting);
  const { break_glass } = proposal;
  const agreed =
    break_glass === undefined ? {} : { break_glass: { ...break_glass, second_operator: acting.caller.id } };
  const next = advance(proposal, agreed, timelineEntry(head, 'seconded', reason));
  await needs.commit({
    record: proposalRecord(head, 'seconded', next, reason === undefined ? {} : { reason }),
    changes: [{ kind: 'put_proposal', proposal: next }],
  });
  needs.step('seconded');
  return next;
}
