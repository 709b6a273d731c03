import type { Fault } from '../errors.js';
import type { Linted } from './check-report.js';

export interface TestResult {
  readonly package: string;
  readonly name: string;
  readonly file: string;
  readonly row: number;
  readonly outcome: 'pass' | 'fail' | 'error' | 'skip';
  readonly duration_ns: number;
  readonly message?: string;
  /** The expression that was not true, and where it stands. */
  readonly failed_at?: Fault;
}

export interface TestReport extends Linted {
  readonly errors: readonly Fault[];
  readonly results: readonly TestResult[];
  /** Where it was asked for and there are no errors. */
  readonly coverage?: Coverage;
}

export interface TestOptions {
  /** Regular expression over `data.<package>.<name>`; with it there are no warnings, since other tests did not run. */
  readonly filter?: string | undefined;
  readonly coverage?: boolean;
}

/**
 * Which lines of a bundle's policies and libraries its tests reached; the names are the toolchain's. Lines that hold
 * nothing to evaluate, such as comments and imports, do not count.
 */
export interface Coverage {
  /** From 0 to 100. */
  readonly percent: number;
  readonly covered_lines: number;
  readonly not_covered_lines: number;
  readonly files: readonly FileCoverage[];
}

/** A line that was reached in part is not covered. */
export interface FileCoverage {
  readonly file: string;
  readonly percent: number;
  readonly covered: readonly Lines[];
  readonly not_covered: readonly Lines[];
}

/** From the first line to the last, from 1, both included. */
export interface Lines {
  readonly from: number;
  readonly to: number;
}
