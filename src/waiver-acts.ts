import { headOf, type Acting } from './audit/act.js';
import type { WaiverRecord } from './audit/record.js';
import type { Commit } from './commit.js';
import type { CouncilActs } from './proposing/council-acts.js';
import { councilOf, type Council } from './council/council.js';
import type { InMemoryCouncil } from './council/in-memory-council.js';
import { requireMayDecide, requireMayRevoke } from './council/waiver-authority.js';
import type { WaiverRequest } from './council/waiver-request.js';
import {
  askForWaiver,
  decideWaiver,
  hasEnded,
  revokeWaiver,
  waiverRecord,
  type WaiverAsk,
  type WaiverStep,
} from './council/waivers.js';
import { WitanError } from './errors.js';
import { requireRole } from './identity/grant.js';
import type { InTurn } from './in-turn.js';
import type { CurrentPolicies } from './policy/current-policies.js';
import type { Layer } from './policy/layer.js';
import type { Registry } from './registry/registry.js';

/** What is done with waivers. Acts come in the council's turn; each is recorded together with what it changes. */
export interface WaiverActs {
  /** @throws WitanError `forbidden` for who is no steward of the domain; `invalid_request`; `too_many_items`; `audit_unavailable` */
  ask(ask: WaiverAsk, acting: Acting): Promise<WaiverRequest>;
  /** @throws WitanError `not_found`; `forbidden` (`requireMayDecide`); `waiver_closed`; `audit_unavailable` */
  decide(
    id: string,
    decision: { readonly decision: 'grant' | 'refuse'; readonly reason: string },
    acting: Acting,
  ): Promise<WaiverRequest>;
  /** @throws WitanError `not_found`; `forbidden` (`requireMayRevoke`); `waiver_closed`; `audit_unavailable` */
  revoke(id: string, reason: { readonly reason: string }, acting: Acting): Promise<WaiverRequest>;
}

/** What acts on waivers are made with; an `App` has it all. */
export interface WaiverNeeds {
  readonly council: InMemoryCouncil;
  readonly councilActs: Pick<CouncilActs, 'requireUndisputed'>;
  readonly current: CurrentPolicies;
  readonly registry: Registry;
  readonly commit: Commit;
  readonly councilTurn: InTurn;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  /** UUIDv7. */
  readonly newId: () => string;
}

/** A domain whose requests nobody decides must not fill the memory with more. */
const UNDECIDED_MAX = 1000;

export function createWaiverActs(needs: WaiverNeeds): WaiverActs {
  const { council, councilActs, current, registry, commit, councilTurn, nowMs } = needs;
  const deciding = ({ layer }: { readonly layer: Layer }): Council => councilOf(layer, current.manifests);
  const known = (id: string): WaiverRequest => {
    const waiver = council.waiver(id);
    if (waiver === undefined) throw new WitanError('not_found', `there is no waiver \`${id}\``);
    return waiver;
  };
  const keep = async (
    waiver: WaiverRequest,
    event: WaiverRecord['event'],
    reason: string,
    acting: Acting,
    atMs: number,
  ): Promise<WaiverRequest> => {
    const head = headOf({ ...needs, nowMs: () => atMs, law: () => current.policies }, acting);
    const record = waiverRecord(head, event, waiver, reason);
    await commit({ record, changes: [{ kind: 'put_waiver', waiver }] });
    return waiver;
  };
  return {
    ask: (ask, acting) =>
      councilTurn(() => {
        requireRole(acting.caller, 'steward', ask.domain);
        requireRoom(council, ask.domain, nowMs());
        const step = { id: council.nextWaiverId(), by: acting.caller.id, nowMs: nowMs() };
        const waiver = askForWaiver(ask, step, { policies: current.policies, registry });
        return keep(waiver, 'requested', ask.reason, acting, step.nowMs);
      }),
    decide: (id, { decision, reason }, acting) =>
      councilTurn(async () => {
        const waiver = known(id);
        requireMayDecide(waiver, acting.caller, deciding(waiver));
        await councilActs.requireUndisputed(waiver.layer);
        const step: WaiverStep = { by: acting.caller.id, nowMs: nowMs(), reason };
        const decided = decideWaiver(waiver, decision, step, current.policies);
        return keep(decided, decision === 'grant' ? 'granted' : 'refused', reason, acting, step.nowMs);
      }),
    revoke: (id, { reason }, acting) =>
      councilTurn(() => {
        const waiver = known(id);
        requireMayRevoke(waiver, acting.caller, deciding(waiver));
        const step: WaiverStep = { by: acting.caller.id, nowMs: nowMs(), reason };
        return keep(revokeWaiver(waiver, step), 'revoked', reason, acting, step.nowMs);
      }),
  };
}

function requireRoom(council: InMemoryCouncil, asking: string, atMs: number): void {
  let undecided = 0;
  for (const waiver of council.waivers()) {
    if (waiver.domain === asking && waiver.state === 'requested' && !hasEnded(waiver, atMs)) undecided++;
  }
  if (undecided < UNDECIDED_MAX) return;
  throw new WitanError(
    'too_many_items',
    `${UNDECIDED_MAX} waivers that \`${asking}\` asked for are not decided yet: withdraw some first`,
  );
}
