import type { Acting } from './audit/act.js';
import type { ActivationRecord } from './audit/record.js';
import {
  active,
  isEmergency,
  isToRevert,
  requireApproved,
  requireBase,
  reverted,
  scheduled,
  superseded,
  unscheduled,
  type Activation as Enacted,
} from './council/coming-into-force.js';
import { advance, proposalRecord, timelineEntry } from './council/advance.js';
import { councilOf } from './council/council.js';
import { whyNotApproved, whyNotSeconded } from './council/decided-law.js';
import type { Examiner } from './council/examiner.js';
import { requireMayActivate } from './council/may-activate.js';
import type { Proposal } from './council/proposal.js';
import { tally } from './council/tally.js';
import { createEnactor, type EnactNeeds, type Enactor } from './enact.js';
import { summaryOf, WitanError } from './errors.js';
import { SERVICE_CALLER } from './identity/caller.js';
import type { InTurn } from './in-turn.js';
import { keptBundle } from './bundle-on-record.js';
import { afterTime } from './policy/duration.js';

export interface ActivationRequest {
  /** RFC 3339: comes into force by itself then. */
  readonly at?: string;
  readonly reason?: string;
}

/** Puts in force what was decided. */
export interface Activation {
  /**
   * Puts a proposal in force, now or at a time to come.
   *
   * @throws WitanError `not_found`; `forbidden`; `proposal_not_approved`, also where the ballots in the log do not approve
   * it; `revision_moved` when another bundle of the layer came between, or it does not pass its checks on the other layers
   * as they are now; `invalid_request`; `audit_unavailable`, `overloaded`, `store_*`, `toolchain_*`. Nothing has changed then
   */
  activate(id: string, request: ActivationRequest, acting: Acting): Promise<Proposal>;
  /** Does what has come due: puts in force what was scheduled, and takes back emergencies that were not ratified. */
  tick(): Promise<void>;
  /** When something comes due next, in Unix milliseconds; `undefined` when nothing does. */
  nextDueMs(): number | undefined;
}

export interface ActivationNeeds extends EnactNeeds {
  readonly councilTurn: InTurn;
  readonly examiner: Pick<Examiner, 'check'>;
}

const BY_THE_CLOCK: Acting = { caller: SERVICE_CALLER };

export function createActivation(needs: ActivationNeeds): Activation {
  const { council, councilTurn } = needs;
  const acts = activationActs(needs, createEnactor(needs));
  const due = async (act: (proposal: Proposal) => Promise<unknown>, is: (proposal: Proposal) => boolean) => {
    for (const { id } of [...council.proposals()].filter(is)) {
      await councilTurn(async () => {
        // What came due may have been withdrawn, edited or ratified since.
        const proposal = council.proposal(id);
        if (proposal === undefined || !is(proposal)) return;
        try {
          await act(proposal);
        } catch (thrown) {
          if (!(thrown instanceof WitanError)) throw thrown;
          await acts.failed(proposal, thrown);
        }
      });
    }
  };
  return {
    activate: (id, request, acting) =>
      councilTurn(async () => {
        const proposal = council.proposal(id);
        if (proposal === undefined) throw new WitanError('not_found', `there is no proposal \`${id}\``);
        return request.at === undefined
          ? acts.activate(proposal, request, acting)
          : acts.schedule(proposal, { ...request, at: request.at }, acting);
      }),
    async tick() {
      const nowMs = needs.nowMs();
      await due(acts.revert, (proposal) => isToRevert(proposal, nowMs));
      await due(acts.activateDue, (proposal) => isDue(proposal, nowMs));
    },
    nextDueMs() {
      const dues = [...council.proposals()].flatMap((proposal) => dueMs(proposal) ?? []);
      return dues.length === 0 ? undefined : Math.min(...dues);
    },
  };
}

/** When a proposal comes into force by itself, or is taken back. */
function dueMs(proposal: Proposal): number | undefined {
  const { activate_at: activateAt, break_glass: breakGlass } = proposal;
  if (activateAt !== undefined && isDue(proposal, Date.parse(activateAt))) return Date.parse(activateAt);
  const revertsAt = breakGlass?.reverts_at;
  if (revertsAt !== undefined && isToRevert(proposal, Date.parse(revertsAt))) return Date.parse(revertsAt);
  return undefined;
}

/** What is to come into force by now. */
function isDue({ state, activate_at }: Proposal, nowMs: number): boolean {
  return (
    (state === 'approved' || state === 'shadow') &&
    activate_at !== undefined &&
    nowMs >= Date.parse(activate_at)
  );
}

/** The acts themselves; each within the council's turn. */
function activationActs(needs: ActivationNeeds, enactor: Enactor) {
  const { council, current, commit, store, nowMs, warn, examiner, step } = needs;
  const show = (id: string): Proposal => {
    const proposal = council.proposal(id);
    // INVARIANT: a proposal that was committed is shown, and none is ever deleted.
    if (proposal === undefined) throw new Error(`proposal ${id} is gone`);
    return proposal;
  };
  const councilFor = ({ layer }: Proposal) => councilOf(layer, current.manifests);
  const inForce = ({ layer }: Proposal): string | undefined => current.law.bundles.get(layer)?.digest;

  /** Refuses what may not come into force now or later. */
  const require = (proposal: Proposal, { caller }: Acting): void => {
    const deciding = councilFor(proposal);
    requireMayActivate(caller, proposal, deciding);
    if (isEmergency(proposal)) return;
    const { ballots, digest, author, impact } = proposal;
    const touched = impact?.digest === digest ? { touched: impact.touched } : {};
    const vote = { council: deciding, ballots, digest, author, closed: false, ...touched };
    const standing = proposal.state === 'open' ? `it needs ${tally(vote).needs.join('; ')}` : undefined;
    requireApproved(proposal, nowMs(), standing);
  };

  /** Checks again what was checked with other layers than those in force now. */
  const recheck = async (proposal: Proposal): Promise<void> => {
    requireBase(proposal, inForce(proposal), council.proposals());
    if (proposal.checks?.revision === current.policies.revision) return;
    const { faults } = await examiner.check(await keptBundle(store.bundles, proposal.digest));
    if (faults.length === 0) return;
    throw new WitanError(
      'revision_moved',
      `proposal ${proposal.id} does not pass its checks on revision ${current.policies.revision}: ${summaryOf(faults)}`,
      { faults },
    );
  };

  const bringIntoForce = async (
    proposal: Proposal,
    { reason }: ActivationRequest,
    acting: Acting,
  ): Promise<Proposal> => {
    await recheck(proposal);
    const { id, layer, digest } = proposal;
    const bundle = await keptBundle(store.bundles, digest);
    if (bundle.layer !== layer) {
      throw new WitanError('store_corrupt', `the bundle of proposal ${id} is that of \`${bundle.layer}\``);
    }
    const law = await enactor.load(layer, bundle);
    const emergency = isEmergency(proposal);
    const agreed = emergency ? await second(proposal, reason, acting) : proposal;
    await requireDecided(agreed, emergency);
    const previous = inForce(proposal);
    const { breakGlassPeriod } = councilFor(proposal);
    const activation: Enacted = {
      by: emergency ? 'break_glass' : 'council',
      layer,
      digest,
      ...(previous !== undefined && { previous }),
      proposal: id,
      ...(emergency && {
        firstOperator: proposal.author,
        revertsAt: new Date(afterTime(breakGlassPeriod, nowMs())).toISOString(),
      }),
      ...(reason !== undefined && { reason }),
    };
    await enactor.enact(
      {
        law,
        activation,
        changes: (head) => [
          { kind: 'put_proposal', proposal: active(agreed, head, activation) },
          ...[...council.proposals()]
            .filter((each) => each.layer === layer && each.state === 'active' && each.id !== id)
            .map((each) => ({ kind: 'put_proposal' as const, proposal: superseded(each, head, agreed) })),
        ],
      },
      acting,
    );
    return show(id);
  };

  /** Puts on record that a second operator agrees. */
  const second = async (
    proposal: Proposal,
    reason: string | undefined,
    acting: Acting,
  ): Promise<Proposal> => {
    const head = enactor.headOf(acting);
    const { break_glass } = proposal;
    const next = advance(
      proposal,
      break_glass === undefined ? {} : { break_glass: { ...break_glass, second_operator: acting.caller.id } },
      timelineEntry(head, 'seconded', reason),
    );
    await commit({
      record: proposalRecord(head, 'seconded', next, reason === undefined ? {} : { reason }),
      changes: [{ kind: 'put_proposal', proposal: next }],
    });
    step('seconded');
    return next;
  };

  /** The log decides, not the row of the proposal: what stands there is sealed and counted again. */
  const requireDecided = async ({ id, layer, digest }: Proposal, emergency: boolean): Promise<void> => {
    const evidence = await enactor.sealed();
    const onRecord = await evidence.proposal(id, layer);
    const claim = { layer, digest, before: Number.POSITIVE_INFINITY };
    const why = emergency ? whyNotSeconded(onRecord, claim) : whyNotApproved(onRecord, claim);
    if (why === undefined) return;
    warn(`proposal ${id} of \`${layer}\` was not put in force: ${why}`);
    throw new WitanError('proposal_not_approved', `proposal ${id} cannot come into force: ${why}`);
  };

  return {
    async activate(proposal: Proposal, request: ActivationRequest, acting: Acting): Promise<Proposal> {
      require(proposal, acting);
      return bringIntoForce(proposal, request, acting);
    },
    activateDue: (proposal: Proposal): Promise<Proposal> => {
      requireApproved(proposal, nowMs());
      return bringIntoForce(proposal, {}, BY_THE_CLOCK);
    },
    async schedule(
      proposal: Proposal,
      { at, reason }: ActivationRequest & { readonly at: string },
      acting: Acting,
    ): Promise<Proposal> {
      if (isEmergency(proposal)) {
        throw new WitanError('invalid_request', 'an emergency comes into force now, or not at all');
      }
      require(proposal, acting);
      requireBase(proposal, inForce(proposal), council.proposals());
      const { activate_by } = proposal;
      const [atMs, byMs] = [Date.parse(at), Date.parse(activate_by ?? '')];
      if (!(atMs > nowMs()) || atMs >= byMs) {
        const until = activate_by === undefined ? '' : ` and before ${activate_by}`;
        throw new WitanError('invalid_request', `\`at\` is ${at}; expected a time to come${until}`);
      }
      await requireDecided(proposal, false);
      const head = enactor.headOf(acting);
      const next = scheduled(proposal, head, new Date(atMs).toISOString());
      const more = { activate_at: next.activate_at ?? at, ...(reason !== undefined && { reason }) };
      await commit({
        record: proposalRecord(head, 'scheduled', next, more),
        changes: [{ kind: 'put_proposal', proposal: next }],
      });
      return show(proposal.id);
    },
    /** Goes back to what the log says was in force before the emergency. */
    async revert(proposal: Proposal): Promise<void> {
      const { id, layer } = proposal;
      const evidence = await enactor.sealed();
      const { acts } = await evidence.proposal(id, layer);
      const enacted = acts.findLast(({ record, sealed }) => sealed && record.kind === 'activation')
        ?.record as ActivationRecord | undefined;
      if (enacted?.by !== 'break_glass' || enacted.layer !== layer) {
        throw new WitanError('law_not_decided', `the log has no emergency of proposal ${id}`);
      }
      const { digest, previous } = enacted;
      const bundle = previous === undefined ? undefined : await keptBundle(store.bundles, previous);
      const law = await enactor.load(layer, bundle);
      const activation: Enacted = {
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
    },
    /** Says why what came due did not happen. What cannot come into force any more is not tried again. */
    async failed(proposal: Proposal, { code, message }: WitanError): Promise<void> {
      warn(`proposal ${proposal.id}, which came due, was not put in force or taken back: ${message}`);
      if (code !== 'revision_moved' && code !== 'proposal_not_approved') return;
      const head = enactor.headOf(BY_THE_CLOCK);
      const next = unscheduled(proposal, head, message);
      await commit({
        record: proposalRecord(head, 'scheduled', next, { reason: message }),
        changes: [{ kind: 'put_proposal', proposal: next }],
      });
    },
  };
}
