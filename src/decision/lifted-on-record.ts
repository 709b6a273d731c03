import type { DecisionRecord } from '../audit/record.js';
import type { Kind } from '../policy/kind.js';
import type { Finding } from './decision.js';
import { readHeldMessage, type Quarantine, type Quarantined } from './quarantine.js';
import type { Waivers } from './waiver.js';

/**
 * The waivers that a record says lifted something, whatever became of them since. One policy can be asked for the
 * owning and for the consuming domain, so each lifts what it lifted then and nothing else.
 */
export function waiversOnRecord(record: DecisionRecord): Waivers {
  const lifted = findingsOf(record).filter(({ waiver }) => waiver !== undefined);
  return {
    find: (refused) => {
      const found = lifted.find(
        ({ kind, layer, policy }) =>
          kind === refused.kind && layer === refused.layer && policy === refused.policy,
      );
      return found?.waiver === undefined ? undefined : { id: found.waiver };
    },
  };
}

/**
 * The quarantine as a record tells of it. A policy that went into quarantine while it was asked as one kind was not
 * asked as the next, so each kind has its own.
 */
export function quarantineOnRecord(record: DecisionRecord, kind: Kind): Quarantine {
  const digests = new Map(
    record.layers
      .filter((asked) => (asked.kind ?? record.decision_kind) === kind)
      .map(({ layer, digest }) => [layer, digest]),
  );
  const held: readonly Quarantined[] = findingsOf(record).flatMap((finding) => {
    const { policy, layer, error = '' } = finding;
    const digest = digests.get(layer);
    const told = readHeldMessage(error);
    if (finding.error_code !== 'quarantined' || finding.kind !== kind) return [];
    return policy === undefined || digest === undefined || told === undefined
      ? []
      : [{ layer, digest, policy, ...told }];
  });
  return {
    holdsAny: (digest) => held.some((each) => each.digest === digest),
    find: (digest, policy) => held.find((each) => each.digest === digest && each.policy === policy),
    put: (offender, nowMs) => ({ ...offender, untilMs: nowMs }),
    list: () => held,
    takeNew: () => [],
  };
}

function findingsOf({ findings }: DecisionRecord): readonly Finding[] {
  // INVARIANT: a record's findings were written as such; one that was tampered with matches nothing, and differs.
  return findings as readonly Finding[];
}
