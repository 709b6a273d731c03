import { activateProposal, requireActivatable, type ActivateNeeds } from './activate-proposal.js';
import type { Acting } from '../audit/act.js';
import { isToRevert } from '../council/coming-into-force.js';
import type { Examiner } from '../council/examiner.js';
import type { Proposal } from '../council/proposal.js';
import { activateDue, giveUp, isDue, scheduleActivation, takeBack } from './due-activations.js';
import { createEnactor, type EnactNeeds } from './enact.js';
import { WitanError } from '../errors.js';
import type { InTurn } from '../in-turn.js';
import { endShadow, isShadowOver, runInShadow } from './run-in-shadow.js';
import type { ShadowRuns } from './shadow-runs.js';

export interface ActivationRequest {
  /** RFC 3339: comes into force by itself then. */
  readonly at?: string;
  /** Is evaluated beside the bundle in force instead, without effect; until a time (RFC 3339) or for as long as it may. */
  readonly shadow?: { readonly until?: string };
  readonly reason?: string;
  /** `sha256:<hex>` of the bundle that the caller has seen; without it, whichever is proposed now. */
  readonly digest?: string;
}

/** Puts in force what was decided. */
export interface Activation {
  /**
   * Puts a proposal in force, now or at a time to come, or runs it in shadow. An emergency is put in force by this, where another operator than
   * the one who handed it in asks for it.
   *
   * @throws WitanError `not_found`; `forbidden`; `ballot_outdated` for another bundle than was seen; `proposal_not_approved`, also where the ballots in the log do not approve
   * it; `revision_moved` when another bundle of the layer came between, or it does not pass its checks on the other layers
   * as they are now; `invalid_request`; `audit_unavailable`, `overloaded`, `store_*`, `toolchain_*`. What is in force has
   * not changed then
   */
  activate(id: string, request: ActivationRequest, acting: Acting): Promise<Proposal>;
  /**
   * Does what has come due: takes back emergencies that were not ratified, puts in force what was scheduled, and ends shadow
   * runs.
   */
  readonly tick: () => Promise<void>;
  /** When that is due next, in Unix milliseconds; `undefined` for no time that is known. */
  readonly nextDueMs: () => number | undefined;
}

export interface ActivationNeeds extends EnactNeeds {
  readonly councilTurn: InTurn;
  readonly examiner: Pick<Examiner, 'check'>;
  readonly shadows: Pick<ShadowRuns, 'reload'>;
}

/** What came due and could not be done is tried again after so long, in milliseconds. */
const AGAIN_AFTER_MS = 30_000;

export function createActivation(given: ActivationNeeds): Activation {
  const { council, councilTurn, nowMs } = given;
  /** By the ids of proposals: Unix time in milliseconds before which nothing is tried again. */
  const notBeforeMs = new Map<string, number>();
  const needs: ActivateNeeds = { ...given, enactor: createEnactor(given) };
  const each = async (
    is: (proposal: Proposal) => boolean,
    act: (needs: ActivateNeeds, proposal: Proposal) => Promise<void>,
  ): Promise<void> => {
    for (const { id } of [...council.proposals()].filter(is)) {
      await councilTurn(async () => {
        const proposal = needs.council.existing(id);
        // What came due may have been withdrawn, edited or ratified since.
        if (!is(proposal) || nowMs() < (notBeforeMs.get(id) ?? 0)) return;
        try {
          await act(needs, proposal);
          notBeforeMs.delete(id);
        } catch (thrown) {
          if (!(thrown instanceof WitanError)) throw thrown;
          notBeforeMs.set(id, nowMs() + AGAIN_AFTER_MS);
          await giveUp(needs, proposal, thrown);
        }
      });
    }
  };
  return {
    activate: (id, { at, shadow, digest, ...request }, acting) =>
      councilTurn(async () => {
        const proposal = needs.council.existing(id);
        if (digest !== undefined && digest !== proposal.digest) {
          throw new WitanError(
            'ballot_outdated',
            `what was seen is \`${digest}\`, but proposal ${id} is \`${proposal.digest}\` now: look at it again`,
          );
        }
        if (at !== undefined && shadow !== undefined) {
          throw new WitanError('invalid_request', '`at` and `shadow` exclude each other');
        }
        if (shadow !== undefined) {
          const running = await runInShadow(needs, proposal, { ...shadow, ...request }, acting);
          await given.shadows.reload();
          return running;
        }
        if (at !== undefined) return scheduleActivation(needs, proposal, { at, ...request }, acting);
        requireActivatable(needs, proposal, acting);
        return activateProposal(needs, proposal, request, acting);
      }),
    tick: async () => {
      await each((proposal) => isToRevert(proposal, nowMs()), takeBack);
      await each((proposal) => isDue(proposal, nowMs()), activateDue);
      await each((proposal) => isShadowOver(proposal, nowMs()), endShadow);
    },
    nextDueMs: () => {
      let next: number | undefined;
      for (const proposal of council.proposals()) {
        const due = dueMs(proposal, notBeforeMs.get(proposal.id));
        if (due !== undefined && (next === undefined || due < next)) next = due;
      }
      return next;
    },
  };
}

/** When something is to be done about a proposal, in Unix milliseconds; not before a time where it failed. */
function dueMs({ state, activate_at, shadow, break_glass }: Proposal, notBeforeMs = 0): number | undefined {
  const times = [
    ...(state === 'active' && break_glass?.ratified_at === undefined ? [break_glass?.reverts_at] : []),
    ...(state === 'approved' || state === 'shadow' ? [activate_at] : []),
    ...(state === 'shadow' ? [shadow?.until] : []),
  ].flatMap((time) => (time === undefined ? [] : [Math.max(Date.parse(time), notBeforeMs)]));
  return times.length === 0 ? undefined : Math.min(...times);
}
