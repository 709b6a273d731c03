import type { Fault } from '../errors.js';
import type { Kind } from '../policy/kind.js';

/** What a policy says of itself in its metadata; the names are the toolchain's. */
export interface PolicyDescription {
  readonly name: string;
  readonly package: string;
  readonly title: string;
  readonly description: string;
  readonly applies_to: readonly Kind[];
  readonly controls: readonly string[];
  readonly remedy?: string;
  readonly owner?: string;
  readonly file: string;
  readonly row: number;
  readonly rules: readonly string[];
}

export interface CheckReport {
  readonly errors: readonly Fault[];
  readonly policies: readonly PolicyDescription[];
  readonly builtins: readonly {
    readonly name: string;
    readonly file: string;
    readonly row: number;
    readonly column: number;
  }[];
}

/** What is not wrong and yet most likely not meant; docs/lint.md explains every code. */
export interface Linted {
  /** None where there are errors. */
  readonly warnings: readonly Fault[];
}

export interface CompiledBundle extends CheckReport {
  /** Absent when there are errors, or no policies. */
  readonly wasm?: Uint8Array;
  /** The data document as JSON text, with its numbers as they were written. */
  readonly data: string;
}
