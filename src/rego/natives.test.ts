import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Builtins } from './builtin.js';
import { opaAgreement } from './builtins/testing/opa-agreement.js';
import { EvaluationError } from './evaluation-error.js';
import { hostBuiltins } from './host-builtins.js';
import { readNotation, writeNotation } from './notation.js';
import { engineModule } from './engine-module.js';
import { memoryBytesFor, PolicyInstance } from './policy-instance.js';
import { declaredOperands, operandsFor, type DeclaredType } from './testing/declared-operands.js';
import { createToolchain } from './toolchain.js';
import { integerOf, objectOf, type RegoObject, type RegoSet, type RegoValue } from './value.js';

/** How often each built-in is called. */
const RUNS = Number(process.env['WITAN_FUZZ_RUNS'] ?? 40);

const declared = declaredOperands();
const typesOf = (name: string): readonly DeclaredType[] => declared?.get(name) ?? [];
const source = readFileSync('toolchain/native.go', 'utf8');
const NATIVES = Array.from(source.matchAll(/^\t"([a-z0-9_.]+)":\s+\{function/gm), ([, name = '']) => name);

interface Difference {
  readonly reason: string;
  readonly applies: (...operands: readonly RegoValue[]) => boolean;
}

const RANGE_LENGTH_MAX = 1_000_000n;
const SHIFT_MAX = 10_000n;

function newerLetters(): Difference {
  return {
    reason: "cases of letters that are newer than the module's Unicode 12",
    applies: (letters) =>
      typeof letters === 'string' && /[\u2c2f\u2c5f\ua7c0-\ua7f6\u{10570}-\u{105bc}]/u.test(letters),
  };
}

/** Where a built-in does not do what OPA's own code does. */
const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'bits.lsh': {
    reason: 'OPA takes all memory that it can get for a large shift, of which only the lowest 64 bits count',
    applies: (_, shift = null) => BigInt.asUintN(64, integerOf(shift) ?? 0n) > SHIFT_MAX,
  },
  'numbers.range': {
    reason: 'a range of more than a million numbers is refused',
    applies(from = null, to = null) {
      const length = (integerOf(to) ?? 0n) - (integerOf(from) ?? 0n);
      return length > RANGE_LENGTH_MAX || length < -RANGE_LENGTH_MAX;
    },
  },
  lower: newerLetters(),
  upper: newerLetters(),
  to_number: {
    reason: 'OPA keeps the text of a number as it is, even where JSON does not allow it',
    applies: (text) =>
      typeof text === 'string' &&
      /^[+-]?[0-9._]/.test(text) &&
      !/^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(text),
  },
};

/** One module with a rule for each built-in, so that it is compiled once. */
function moduleOf(names: readonly string[]): string {
  const rules = names.map((name) => {
    const operands = typesOf(name).map((_, index) => `input.operands[${index}]`);
    return `x := ${name}(${operands.join(', ')}) if input.name == "${name}"`;
  });
  return `package natives\n\n${rules.join('\n')}\n`;
}

const wasmPath = 'build/toolchain.wasm';
const toolchain = createToolchain({ wasmPath, timeLimitMs: 60_000 });
let instance: PolicyInstance;

/** Built-ins as a policy calls them. */
const inModule: Builtins = Object.fromEntries(
  NATIVES.map((name) => [name, (...operands: RegoValue[]) => evaluate(name, operands)]),
);
const agreement = opaAgreement(inModule);

beforeAll(async () => {
  if (declared === undefined) return;
  const files = [{ path: 'natives.rego', text: moduleOf(NATIVES) }];
  const { errors, wasm } = await toolchain.assemble('x = data.natives.x', files);
  expect(errors).toEqual([]);
  instance = new PolicyInstance(engineModule(wasm), '{}', {
    builtins: hostBuiltins(() => 0n, undefined),
    strictBuiltinErrors: true,
    stepsMax: () => 10_000_000,
    memoryBytes: memoryBytesFor('{}'),
  });
});
afterAll(async () => {
  agreement.close();
  await toolchain.close();
});

function evaluate(name: string, operands: readonly RegoValue[]): RegoValue | undefined {
  const input = writeNotation(
    objectOf([
      ['name', name],
      ['operands', operands],
    ]),
  );
  try {
    const results = readNotation(instance.evaluate(0, Buffer.from(input), 'notation')) as RegoSet;
    return (results.items[0] as RegoObject | undefined)?.get('x');
  } catch (thrown) {
    if (thrown instanceof EvaluationError && thrown.code === 'builtin_failed') {
      throw new Error(thrown.message, { cause: thrown });
    }
    instance.renew();
    throw thrown;
  }
}

test('the built-ins of the module are found in the toolchain', () => {
  expect(NATIVES.length).toBeGreaterThan(60);
});

if (declared === undefined) {
  test.skip('compares with OPA: the Go module cache has no OPA 1.22.2', () => undefined);
} else {
  test.each(NATIVES)('%s in a module does what OPA does', (name) => {
    const differs = DIFFERENCES[name]?.applies ?? (() => false);
    fc.assert(
      fc.property(operandsFor(typesOf(name)), (operands) => {
        fc.pre(!differs(...operands));
        agreement.expectSame(name, ...operands);
      }),
      { numRuns: RUNS },
    );
  });
}
