import type { AuditEntry } from '../audit/log.js';
import type { DecisionRecord } from '../audit/record.js';
import type { PoliciesInForce } from '../policy/in-force.js';
import type { NormalForm } from '../product/metadata.js';
import type { Registry } from '../registry/registry.js';
import { decisionEntry } from './decision-entry.js';
import { judge, type Judged } from './judge.js';
import type { Quarantine } from './quarantine.js';
import type { Evaluation } from './request.js';
import { gather, type SubjectMatter } from './subject-matter.js';
import type { Waiver } from './waiver.js';

/** What a decision is made from; nothing else is read. */
export interface DecisionBasis {
  readonly policies: PoliciesInForce;
  readonly registry: Registry;
  readonly waivers: readonly Waiver[];
  /** Which policies are not asked for a while; a decision may add to it. */
  readonly quarantine: Quarantine;
}

/** Who asks, and what ties the answer to the caller's own records. */
export interface Asking {
  readonly caller: DecisionRecord['caller'];
  readonly correlation?: DecisionRecord['correlation'];
  /** Metadata that were read already and stand for those of the request. */
  readonly metadata?: NormalForm;
}

/** Who asks, when, and under which id the answer is recorded. */
export interface DecisionCall extends Asking {
  /** UUIDv7. */
  readonly id: string;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
  /** 16 random bytes, for each value that is masked. */
  readonly salt: () => Uint8Array;
}

export interface Decided extends Pick<Judged, 'decision' | 'question' | 'asked'> {
  readonly revision: number;
  /** What it was about, as it was gathered. */
  readonly matter: SubjectMatter;
  /** What goes into the log before the decision is answered. */
  readonly entry: AuditEntry & { readonly record: DecisionRecord };
}

/**
 * Decides one evaluation, synchronously: gathers what it is about, asks every layer, combines, and makes the
 * record. Equal evaluations, policies, registry and moment give byte-equal decisions.
 *
 * @throws WitanError `invalid_request` and `descriptor_*` for metadata that cannot be read; never for what a policy does.
 */
export function decide(basis: DecisionBasis, evaluation: Evaluation, call: DecisionCall): Decided {
  const { policies, registry, waivers, quarantine } = basis;
  const matter = gather(evaluation, registry, call.metadata);
  const judged = judge(evaluation, matter, {
    policies,
    nowMs: call.nowMs,
    waivers,
    quarantine: () => quarantine,
  });
  const { decision, question, asked } = judged;
  return {
    decision,
    revision: policies.revision,
    matter,
    question,
    asked,
    entry: decisionEntry(matter, judged, call, policies),
  };
}
