import type { ShadowRecord } from '../audit/record.js';
import { canonicalJson } from '../document/json.js';
import type { PoliciesInForce } from '../policy/in-force.js';
import type { Decision } from './decision.js';
import { decisionEntry } from './decision-entry.js';
import type { Observed } from './decision-point.js';
import { judge } from './judge.js';
import { createQuarantine, type Quarantine } from './quarantine.js';

/** What a proposed bundle would have decided, as it may stand in the log. */
export type WouldBe = Pick<ShadowRecord, 'decision' | 'code' | 'reasons' | 'obligations'>;

/** The law as it would be with a proposed bundle. */
export interface ShadowLaw {
  readonly policies: PoliciesInForce;
  /** `sha256:<hex>` of the proposed bundle. */
  readonly digest: string;
  /** Which policies of the proposed bundle are not asked; no decision ever reads it. */
  readonly quarantine: Quarantine;
}

/** A shadow's own quarantine: what the proposed bundle exhausts must not keep a policy in force from being asked. */
export function shadowLaw(policies: PoliciesInForce, digest: string): ShadowLaw {
  return { policies, digest, quarantine: createQuarantine() };
}

/**
 * What a decision would have been with a proposed bundle: the same matter, gathered when it was decided, with the same
 * waivers, and nothing is recorded or changed by it.
 *
 * @returns `undefined` where decision, code, reasons and obligations are the same
 */
export function divergence(
  { evaluation, decided, nowMs, basis }: Observed,
  law: ShadowLaw,
): WouldBe | undefined {
  const { matter, decision } = decided;
  const judged = judge(evaluation, matter, {
    policies: law.policies,
    nowMs,
    waivers: basis.waivers,
    quarantine: () => besideLive(law, basis.quarantine),
  });
  if (told(judged.decision) === told(decision)) return undefined;
  // What is masked now stays masked, also where the proposed bundle would mask less.
  const mask = [...new Set([...basis.policies.mask, ...law.policies.mask])];
  const { id, caller } = decided.entry.record;
  const call = { id, caller, salt: () => new Uint8Array(16) };
  const { record } = decisionEntry(matter, judged, call, { ...law.policies, mask });
  return {
    decision: record.decision,
    code: record.code,
    reasons: record.reasons,
    obligations: record.obligations,
  };
}

function told({ decision, code, reasons, obligations }: Decision): string {
  return canonicalJson({ decision, code, reasons, obligations });
}

/** Policies in force are asked or not as they were for the decision; those of the proposed bundle by its own quarantine. */
function besideLive({ digest, quarantine }: ShadowLaw, live: Quarantine): Quarantine {
  const of = (bundle: string): Quarantine => (bundle === digest ? quarantine : live);
  return {
    holdsAny: (bundle, nowMs) => of(bundle).holdsAny(bundle, nowMs),
    find: (bundle, policy, nowMs) => of(bundle).find(bundle, policy, nowMs),
    put: (offender, nowMs) => {
      const quarantined = quarantine.put(offender, nowMs);
      quarantine.takeNew();
      return quarantined;
    },
    list: (nowMs) => quarantine.list(nowMs),
    takeNew: () => [],
  };
}
