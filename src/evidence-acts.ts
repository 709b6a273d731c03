import type { Acting } from './audit/act.js';
import { eraseValues, type Erasure, type ErasureRequest } from './audit/erase-values.js';
import type { Hold } from './audit/evidence.js';
import { placeHold, releaseHold } from './audit/holds.js';
import { pruneLog, retentionOfLog, type PruneNeeds, type Retention } from './audit/prune-log.js';
import { beforeTime } from './policy/duration.js';
import { inTurns } from './in-turn.js';
import { retentionOf } from './policy/retention.js';
import type { PoliciesInForce } from './policy/in-force.js';

/** Acts on the log itself. They come one after the other, so that none overtakes a hold. */
export interface EvidenceActs {
  erase(request: ErasureRequest, acting: Acting): Promise<Erasure>;
  placeHold(hold: { readonly query: string; readonly reason: string }, acting: Acting): Promise<Hold>;
  releaseHold(release: { readonly id: string; readonly reason: string }, acting: Acting): Promise<void>;
  retention(): Promise<Retention>;
  /** @returns `undefined` when nothing has ended its time */
  prune(reason: { readonly reason: string }, acting: Acting): Promise<Retention | undefined>;
}

type Needs = Omit<PruneNeeds, 'keptFor'> & { readonly policies: () => PoliciesInForce };

export function createEvidenceActs({ policies, ...rest }: Needs): EvidenceActs {
  const needs: PruneNeeds = {
    ...rest,
    keptFor: (domains, nowMs) => {
      const kept = retentionOf(policies(), domains, nowMs);
      return kept && { ...kept, sinceMs: beforeTime(kept.duration, nowMs) };
    },
  };
  const inTurn = inTurns();
  return {
    erase: (request, acting) => inTurn(() => eraseValues(needs, request, acting)),
    placeHold: (hold, acting) => inTurn(() => placeHold(needs, hold, acting)),
    releaseHold: (release, acting) => inTurn(() => releaseHold(needs, release, acting)),
    retention: () => retentionOfLog(needs),
    prune: (reason, acting) => inTurn(() => pruneLog(needs, reason, acting)),
  };
}
