import { expect } from 'vitest';
import type { Builtins } from '../../builtin.js';
import { writeNotation } from '../../notation.js';
import { createOpaBuiltins } from '../../opa-builtins.js';
import { compareValues, type RegoValue } from '../../value.js';

/** What came of a call: a value, nothing, or a failure. */
type Outcome = { readonly value: RegoValue } | 'undefined' | 'failed';

/** What a call of OPA's own code says when it had no answer, which is not an answer. */
const NO_ANSWER = /took longer than|toolchain failed|longer than \d+ characters$|did not start/;

export interface OpaAgreement {
  /** Expects that a built-in does with the operands what OPA's own code does. */
  expectSame(name: string, ...operands: readonly RegoValue[]): void;
  /** What OPA's own code says; `undefined` when it is undefined. @throws Error when it fails */
  opa(name: string, ...operands: readonly RegoValue[]): RegoValue | undefined;
  close(): void;
}

/** Operands of calls by the name of the built-in. */
export type Calls = Readonly<Record<string, readonly (readonly RegoValue[])[]>>;

/** One row for each call: the name, the operands in Rego's notation, and the operands. */
export function rowsOf(calls: Calls): [string, string, readonly RegoValue[]][] {
  return Object.entries(calls).flatMap(([name, operandLists]) =>
    operandLists.map((operands): [string, string, readonly RegoValue[]] => [
      name,
      operands.map(writeNotation).join(', '),
      operands,
    ]),
  );
}

export interface AgreementOptions {
  /** Whether a built-in that is never undefined counts as failed when OPA has no result: its code then panicked. */
  readonly panics?: boolean;
}

/** Holds built-ins to OPA's own code, which the toolchain has. */
export function opaAgreement(builtins: Builtins, { panics = false }: AgreementOptions = {}): OpaAgreement {
  const opa = createOpaBuiltins({ wasmPath: 'build/toolchain.wasm', timeLimitMs: 20_000 });
  const ask = (name: string, operands: readonly RegoValue[]): RegoValue | undefined => {
    try {
      return opa.call(name, operands, 0n);
    } catch (thrown) {
      if (!(thrown instanceof Error) || !NO_ANSWER.test(thrown.message)) throw thrown;
      // Its worker was replaced.
      return opa.call(name, operands, 0n);
    }
  };
  return {
    expectSame(name, ...operands) {
      const ours = outcomeOf(() => {
        const builtin = builtins[name];
        if (builtin === undefined) throw new TypeError(`there is no built-in ${name}`);
        return builtin(...operands);
      });
      const answer = outcomeOf(() => ask(name, operands));
      const theirs = panics && answer === 'undefined' ? 'failed' : answer;
      if (!same(ours, theirs)) {
        expect([name, ...operands.map(writeNotation), textOf(ours)]).toEqual([
          name,
          ...operands.map(writeNotation),
          textOf(theirs),
        ]);
      }
    },
    opa: (name, ...operands) => ask(name, operands),
    close() {
      opa.close();
    },
  };
}

function outcomeOf(call: () => RegoValue | undefined): Outcome {
  try {
    const value = call();
    return value === undefined ? 'undefined' : { value };
  } catch (thrown) {
    // What the code itself did wrong is no failure of the built-in.
    if (!(thrown instanceof Error) || thrown.constructor !== Error || NO_ANSWER.test(thrown.message))
      throw thrown;
    return 'failed';
  }
}

function same(a: Outcome, b: Outcome): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return textOf(a) === textOf(b) || compareValues(a.value, b.value) === 0;
}

function textOf(outcome: Outcome): string {
  return typeof outcome === 'string' ? outcome : writeNotation(outcome.value);
}
