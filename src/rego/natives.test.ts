import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Builtins } from './builtin.js';
import { opaAgreement } from './builtins/testing/opa-agreement.js';
import { EvaluationError } from './evaluation-error.js';
import { hostBuiltins } from './host-builtins.js';
import { readNotation, writeNotation } from './notation.js';
import { memoryBytesFor, PolicyInstance } from './policy-instance.js';
import { createToolchain } from './toolchain.js';
import {
  integerOf,
  numberOf,
  objectOf,
  setOf,
  type RegoObject,
  type RegoSet,
  type RegoValue,
} from './value.js';

/** How often each built-in is called. */
const RUNS = Number(process.env['WITAN_FUZZ_RUNS'] ?? 40);

/** A type as OPA declares it. */
interface Type {
  readonly type: string;
  readonly of?: Type | readonly Type[];
  readonly static?: readonly Type[];
  readonly dynamic?: Type & { readonly key?: Type; readonly value?: Type };
}

/** What OPA says of its built-ins; `undefined` when Go's module cache does not have it. */
function capabilities(): ReadonlyMap<string, readonly Type[]> | undefined {
  const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
  const path = join(cache, 'github.com/open-policy-agent/opa@v1.22.2/capabilities.json');
  if (!existsSync(path)) return undefined;
  const { builtins } = JSON.parse(readFileSync(path, 'utf8')) as {
    builtins: readonly { name: string; decl: { args: readonly Type[] } }[];
  };
  return new Map(builtins.map(({ name, decl }) => [name, decl.args]));
}

const operandTypes = capabilities();
const source = readFileSync('toolchain/native.go', 'utf8');
const NATIVES = Array.from(source.matchAll(/^\t"([a-z0-9_.]+)":\s+\{function/gm), ([, name = '']) => name);

interface Difference {
  readonly reason: string;
  readonly applies: (...operands: readonly RegoValue[]) => boolean;
}

const RANGE_LENGTH_MAX = 1_000_000n;
const SHIFT_MAX = 10_000n;

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
  to_number: {
    reason: 'OPA keeps the text of a number as it is, even where JSON does not allow it',
    applies: (text) =>
      typeof text === 'string' && !/^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(text),
  },
};

const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[
        '',
        'a',
        'ab',
        'abc',
        'aa',
        'A',
        ' a b\n',
        'å',
        'ß',
        'İ',
        'ǆ',
        '😀',
        'a😀b',
        '\0',
        '\u2028',
        '"',
        '%',
      ],
      ...['1', '-1', '1.5', '1e3', '1e400', '+5', '.5', '5.', '1_0', '0x10', ' 1', 'NaN', 'inf', 'null'],
      ...['aGk=', 'aGk', 'a-_', 'a\nGk=', '{"a":1}', '[1,2,', '{"a":{"b":"\\ud800"}}'],
      ...['10.0.0.0/8', '10.1.2.3', '10.0.0.0/33', '::/0', 'fe80::1', '::ffff:10.0.0.0/104'],
      ...[
        'a/b',
        '/a/0',
        'a~1b',
        '0',
        '^a+$',
        '[',
        '(a)(b)?',
        '(',
        '*',
        '**',
        '{a,b}',
        'a.*',
        '?',
        '[!a]',
        '\\',
      ],
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
);
const number = fc.oneof(
  fc
    .constantFrom(
      ...[
        '0',
        '1',
        '-1',
        '2',
        '7',
        '10',
        '16',
        '1.0',
        '3.00',
        '1e2',
        '1e-2',
        '-0.0',
        '1e30',
        '1e-30',
        '1e400',
      ],
      ...[
        '0.1',
        '0.2',
        '0.7',
        '-0.5',
        '0.5',
        '1.5',
        '-1.5',
        '2.5',
        '4.35',
        '123456789.987654321',
        '1234567.5',
      ],
      ...[
        '2147483648',
        '9007199254740993',
        '9223372036854775808',
        '-9223372036854775808',
        '18446744073709551617',
      ],
      ...['0.49999999999999999999999', '0.99999999999999999999999'],
    )
    .map(numberOf),
  fc.integer({ min: -100, max: 100 }),
);
const scalar = fc.oneof(fc.constantFrom(null, true, false), number, text);
const { any } = fc.letrec<{ any: RegoValue }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.array(tie('any'), { maxLength: 3 }).map(setOf),
    fc.array(fc.tuple(fc.oneof(text, scalar), tie('any')), { maxLength: 3 }).map(objectOf),
  ),
}));

function operandOf(type: Type | undefined): fc.Arbitrary<RegoValue> {
  switch (type?.type) {
    case 'string':
      return text;
    case 'number':
      return number;
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'any':
      return Array.isArray(type.of) ? fc.oneof(...type.of.map(operandOf)) : any;
    case 'array':
      return type.static === undefined
        ? fc.array(operandOf(type.dynamic), { maxLength: 4 })
        : fc.tuple(...type.static.map(operandOf));
    case 'set':
      return fc.array(operandOf(type.of as Type), { maxLength: 4 }).map(setOf);
    case 'object': {
      const member = fc.tuple(operandOf(type.dynamic?.key), operandOf(type.dynamic?.value));
      return fc.array(member, { maxLength: 4 }).map(objectOf);
    }
    default:
      return any;
  }
}

/** Mostly of the types that OPA declares. */
function operandsOf(name: string): fc.Arbitrary<RegoValue[]> {
  const types = operandTypes?.get(name) ?? [];
  return fc.tuple(
    ...types.map((type) =>
      fc.oneof({ weight: 9, arbitrary: operandOf(type) }, { weight: 1, arbitrary: any }),
    ),
  );
}

/** One module with a rule for each built-in, so that it is compiled once. */
function moduleOf(names: readonly string[]): string {
  const rules = names.map((name) => {
    const operands = (operandTypes?.get(name) ?? []).map((_, index) => `input.operands[${index}]`);
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
  if (operandTypes === undefined) return;
  const files = [{ path: 'natives.rego', text: moduleOf(NATIVES) }];
  const { errors, wasm } = await toolchain.assemble('x = data.natives.x', files);
  expect(errors).toEqual([]);
  instance = new PolicyInstance(new WebAssembly.Module(wasm), '{}', {
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

if (operandTypes === undefined) {
  test.skip('compares with OPA: the Go module cache has no OPA 1.22.2', () => undefined);
} else {
  test.each(NATIVES)('%s in a module does what OPA does', (name) => {
    const differs = DIFFERENCES[name]?.applies ?? (() => false);
    fc.assert(
      fc.property(operandsOf(name), (operands) => {
        fc.pre(!differs(...operands));
        agreement.expectSame(name, ...operands);
      }),
      { numRuns: RUNS },
    );
  });
}
