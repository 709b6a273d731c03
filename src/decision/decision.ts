import type { Enforcement } from '../policy/manifest.js';
import type { Kind } from '../policy/kind.js';
import type { EvaluationErrorCode } from '../rego/policy-module.js';

/** Why an evaluation was answered as it was. */
export type DecisionCode = 'permitted' | 'forbidden' | 'not_permitted' | 'policy_error';

/** One denial, error or missing grant, with the rule that it comes from and what to do about it. */
export interface Reason {
  /** Absent where no single policy speaks: nothing permits, or a layer as a whole cannot vouch. */
  readonly policy?: string;
  readonly layer: string;
  readonly enforcement: Enforcement;
  readonly message: string;
  /** JSON pointer into the policy's input. */
  readonly path?: string;
  readonly code?: string;
  readonly remedy?: string;
}

/** What the enforcement point must do when it lets the request through; one that it cannot do means deny. */
export interface Obligation {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What is worth knowing and never blocks. */
export interface Advice {
  readonly policy?: string;
  readonly layer: string;
  readonly message: string;
  readonly path?: string;
  readonly code?: string;
  readonly remedy?: string;
  /** Set where the advice is a denial that does not bind: who waived it, or when it will bind. */
  readonly enforcement?: Enforcement;
  readonly waiver?: string;
  readonly enforced_from?: string;
}

/** A denial or a piece of advice as the policy said it. */
export interface Said {
  readonly message: string;
  readonly path?: string;
  readonly code?: string;
  readonly remedy?: string;
}

export const OUTCOMES = ['error', 'deny', 'permit', 'abstain'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/**
 * What kind of error a finding is: one of the evaluation itself, or
 * - `quarantined`: the policy was not asked, since it took too much before
 * - `output_malformed`: it said something of the wrong shape
 * - `input_missing`: input that it requires is not there
 * - `layer_unavailable`: its layer is unregistered, without a bundle, or not loaded
 */
export type FindingErrorCode =
  EvaluationErrorCode | 'quarantined' | 'output_malformed' | 'input_missing' | 'layer_unavailable';

/** What one policy said about one evaluation. */
export interface Finding {
  /** Absent when the layer as a whole is in error: unregistered, without a bundle, or not loaded. */
  readonly policy?: string;
  readonly layer: string;
  readonly kind: Kind;
  readonly enforcement: Enforcement;
  /** Whether the policy binds: hard or soft, and in force now. */
  readonly binding: boolean;
  readonly outcome: Outcome;
  /** Of an error. */
  readonly error?: string;
  readonly error_code?: FindingErrorCode;
  readonly denials?: readonly Said[];
  readonly obligations?: readonly Obligation[];
  readonly advice?: readonly Said[];
  /** Id of the waiver that lifts the denial or error. */
  readonly waiver?: string;
  /** What the policy's metadata advise, of a denial or error. */
  readonly remedy?: string;
  /** RFC 3339; the policy binds from then on. */
  readonly enforced_from?: string;
}

/** Permit or deny, with everything that led to it. Equal evaluations, bundles and time give byte-equal decisions. */
export interface Decision {
  readonly decision: boolean;
  readonly code: DecisionCode;
  readonly reasons: readonly Reason[];
  readonly obligations: readonly Obligation[];
  readonly advice: readonly Advice[];
  readonly findings: readonly Finding[];
}
