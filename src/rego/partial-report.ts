import type { Fault } from '../errors.js';

/** What is left of every policy that applies to a kind when a part of the input is known; the names are the toolchain's. */
export interface PartialReport {
  /** Faults of the bundle, as `check` reports them, or of the request; there are no policies then. */
  readonly errors: readonly Fault[];
  readonly policies: readonly PolicyResidual[];
}

export interface PolicyResidual {
  readonly name: string;
  readonly package: string;
  readonly file: string;
  readonly row: number;
  /** Of the rules that the kind reads those that the policy defines, without `requires`. */
  readonly rules: readonly RuleResidual[];
}

export interface RuleResidual {
  readonly rule: 'deny' | 'permit' | 'obligations' | 'advice';
  /** Whether the rule says something whatever the rest of the input is; `error` is a built-in that failed, which denies. */
  readonly outcome: 'always' | 'never' | 'conditional' | 'error';
  /** Each suffices for the rule to say what stands in it. */
  readonly alternatives: readonly Alternative[];
  /** Modules that conditions refer to under `data.partial`, as Rego. */
  readonly support: readonly string[];
  readonly error?: Fault;
}

export interface Alternative {
  /** What the rule says, as Rego; absent for `permit`. */
  readonly says?: string;
  /** The same as a value when nothing in it is unknown; whole numbers beyond 2^53 are bigints. */
  readonly value?: unknown;
  /** All of them must hold; none is left when the alternative holds whatever the rest of the input is. */
  readonly conditions: readonly Condition[];
}

/** One expression as Rego. A comparison of a reference with a constant comes apart, too. */
export interface Condition {
  readonly text: string;
  /** `input.subject.registered.domain`; `input.product.tags[_]` is any element. */
  readonly ref?: string;
  readonly operator?: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'defined';
  readonly value?: unknown;
  /** Then it also holds when the reference is undefined. */
  readonly negated?: boolean;
}
