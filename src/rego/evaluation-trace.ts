import type { Fault } from '../errors.js';

/** What OPA's interpreter makes of one input, for every policy of a layer that applies to a kind; the names are the toolchain's. */
export interface EvaluationReport {
  /** Faults of the bundle, as `check` reports them, or of the request; there are no policies then. */
  readonly errors: readonly Fault[];
  readonly policies: readonly PolicyTrace[];
  /** Whether events or lines were left out, since there were too many: what is `not_reached` may have been. */
  readonly truncated: boolean;
}

/** What one policy said, and how it came to say it. Files are named as the bundle names them. */
export interface PolicyTrace {
  readonly name: string;
  readonly package: string;
  readonly file: string;
  readonly row: number;
  /** By rule, whole: only the rules that the policy defines and the kind reads, and of those only what is defined. */
  readonly said: Readonly<Record<string, unknown>>;
  /** The first built-in that failed, or the conflict that ended the evaluation. */
  readonly error?: Fault;
  /** The policy's own definitions in the order of the file, then those of libraries in the order of being reached. */
  readonly rules: readonly RuleTrace[];
}

/** One definition of a rule or function. */
export interface RuleTrace {
  readonly name: string;
  readonly package: string;
  readonly file: string;
  readonly row: number;
  readonly end_row: number;
  /** The head as it is written, in one line. */
  readonly head: string;
  readonly outcome: 'held' | 'not_held' | 'not_reached';
  /** Distinct computations: a result that OPA has kept is not computed again. */
  readonly times_entered: number;
  readonly times_held: number;
  /** What it came to, each value once, at most ten; without `true`. */
  readonly gave?: readonly unknown[];
  readonly lines: readonly LineTrace[];
}

/** What an expression read when it was evaluated, by what the file calls it. Long values are cut, and end with `…`. */
export interface Reading {
  readonly values: Readonly<Record<string, unknown>>;
  /** What it read that was not there. */
  readonly undefined?: readonly string[];
}

/** One expression of a body, with what it read in the solution that held first, or where the body came furthest. */
export interface LineTrace extends Reading {
  readonly row: number;
  readonly column: number;
  /** 0 in the body of the rule, one more in each comprehension, `every` or `not { … }` around it. */
  readonly depth: number;
  /** Whether the expression is what the head computes: the value, or the message of a denial. */
  readonly head?: boolean;
  readonly text: string;
  readonly outcome: 'true' | 'undefined_or_false' | 'not_reached';
  readonly times_true: number;
  readonly times_false: number;
  /** Other readings with the same outcome, at most four. */
  readonly further?: readonly Reading[];
  /** The rules and functions that it refers to, as `<package>.<name>`. */
  readonly reads?: readonly string[];
}
