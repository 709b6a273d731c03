import type { Kind } from '../policy/kind.js';

/** A time-bound exemption from a soft policy, as it stands when a decision is made. */
export interface Waiver {
  readonly id: string;
  readonly layer: string;
  readonly policy: string;
  /** The domain that has it: it lifts only what is refused to that domain itself, never for another one. */
  readonly domain: string;
  /** Ids of resources that it covers; every resource of the domain when absent. */
  readonly resources?: readonly string[];
  /** Ids of subjects that it covers; every subject when absent. */
  readonly subjects?: readonly string[];
  /** Unix time in milliseconds, half-open: `fromMs` ≤ now < `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** One refusal of one policy, for which a waiver is looked for. */
export interface Refused {
  readonly layer: string;
  readonly policy: string;
  /** As which kind the policy was asked. */
  readonly kind: Kind;
  /**
   * Whom the refusal concerns: the consuming domain for `consume`, else the domain that the resource belongs to.
   * Without one nothing is waived.
   */
  readonly domain: string | undefined;
  readonly subject: string;
  readonly resource: string;
  readonly nowMs: number;
}

/** The waivers that decisions are made with. */
export interface Waivers {
  /** The waiver in force that covers the refusal; the first by id when several do. */
  find(refused: Refused): Pick<Waiver, 'id'> | undefined;
}

/** For those who decide without any. */
export const NO_WAIVERS: Waivers = Object.freeze({ find: () => undefined });

/** Whether the waiver lifts the refusal. */
export function covers(waiver: Waiver, refused: Refused): boolean {
  return (
    waiver.policy === refused.policy &&
    waiver.layer === refused.layer &&
    waiver.domain === refused.domain &&
    waiver.fromMs <= refused.nowMs &&
    refused.nowMs < waiver.toMs &&
    (waiver.resources === undefined || waiver.resources.includes(refused.resource)) &&
    (waiver.subjects === undefined || waiver.subjects.includes(refused.subject))
  );
}
