import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { writeJson } from '../document/json.js';
import { recurring } from '../document/recurring.js';
import type { Builtins } from './builtin.js';
import { EvaluationError } from './evaluation-error.js';
import { readNotation, writeNotation } from './notation.js';
import { hostBuiltins } from './host-builtins.js';
import { engineModule } from './engine-module.js';
import { memoryBytesFor, PolicyInstance } from './policy-instance.js';
import { anyValue } from './testing/any-value.js';
import { createToolchain } from './toolchain.js';
import { compareValues, Decimal, type RegoValue } from './value.js';

const toolchain = createToolchain({ wasmPath: 'build/toolchain.wasm', timeLimitMs: 60_000 });
afterAll(() => toolchain.close());

interface Given {
  readonly builtins?: Builtins;
  readonly strict?: boolean;
  readonly stepsMax?: number;
  readonly data?: string;
  readonly modules?: readonly string[];
}

async function instanceOf(query: string, given: Given = {}): Promise<PolicyInstance> {
  const {
    builtins = hostBuiltins(() => 0n, undefined),
    strict = true,
    stepsMax = 10_000_000,
    data = '{}',
    modules = [],
  } = given;
  const files = modules.map((text, index) => ({ path: `m${index}.rego`, text }));
  const { errors, wasm } = await toolchain.assemble(query, files);
  expect(errors).toEqual([]);
  return new PolicyInstance(engineModule(wasm), data, {
    builtins,
    strictBuiltinErrors: strict,
    stepsMax: () => stepsMax,
    memoryBytes: memoryBytesFor(data),
  });
}

/** The value of `x` in the only result; `undefined` when there is none. */
function valueOfX(instance: PolicyInstance, input?: string): RegoValue | undefined {
  const results = readNotation(
    instance.evaluate(0, input === undefined ? undefined : Buffer.from(input), 'notation'),
  );
  const items =
    'items' in (results as object) ? (results as { items: RegoValue[] }).items : (results as RegoValue[]);
  const [bindings] = items as { get: (name: string) => RegoValue }[];
  return bindings?.get('x');
}

function errorOf(run: () => unknown): EvaluationError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof EvaluationError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('values on their way', () => {
  test('any input comes back as it went in', async () => {
    const instance = await instanceOf('x = input');
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(compareValues(valueOfX(instance, writeNotation(value))!, value)).toBe(0);
      }),
    );
  });

  test('an operand of the host is what the module holds, and its result what the host gave', async () => {
    let seen: RegoValue | undefined;
    const builtins: Builtins = {
      'yaml.marshal': (operand) => {
        seen = operand;
        return operand;
      },
    };
    const instance = await instanceOf('x = yaml.marshal(input)', { builtins });
    fc.assert(
      fc.property(anyValue, (value) => {
        const result = valueOfX(instance, writeNotation(value));
        expect(compareValues(seen!, value)).toBe(0);
        expect(compareValues(result!, value)).toBe(0);
      }),
    );
  });

  test.each(['null', 'false', '0', '""', '[]'])('the input %s is an input', async (input) => {
    const instance = await instanceOf('x = input');
    expect(valueOfX(instance, input)).toEqual(readNotation(input));
    expect(valueOfX(instance)).toBeUndefined();
  });

  test('numbers beyond 2^53 are exact in arithmetic, data and results', async () => {
    const instance = await instanceOf('x = [input.a + 1, data.big, input.a * input.a]', {
      data: '{"big": 123456789012345678901234567890}',
    });
    expect(valueOfX(instance, '{"a": 9007199254740993}')).toEqual([
      9007199254740994n,
      123456789012345678901234567890n,
      9007199254740993n ** 2n,
    ]);
    expect(valueOfX(await instanceOf('x = 0.1 + 0.2'))).toEqual(0.3);
    expect(valueOfX(await instanceOf('x = input'), '1.0')).toEqual(new Decimal('1.0'));
  });
});

describe('what goes wrong is an EvaluationError with a code', () => {
  test.each<[string, string, string, RegExp]>([
    ['builtin_failed', 'x = to_number(input)', '"secret"', /^the built-in `to_number` failed: /],
    ['builtin_failed', 'x = 1 / input', '0', /^the built-in `div` failed/],
    [
      'builtin_failed',
      'x = startswith(input, "a")',
      '1',
      /^the built-in `startswith` failed: .*number, string/,
    ],
    ['conflict', 'x = {k: v | some k in [1, 1]; some v in [input, 2]}', '3', /conflict/],
    ['memory_exhausted', 'x = count(numbers.range(1, input))', '100000000', /out of memory/],
    [
      'budget_exhausted',
      'r = numbers.range(1, input); r[i] == r[j]; i != j; x = 1',
      '50000',
      /more than 10000000 steps/,
    ],
    ['input_malformed', 'x = input', '"\\ud800"', /illegal/],
  ])('%s: %s', async (code, query, input, message) => {
    const instance = await instanceOf(query);
    const error = errorOf(() => valueOfX(instance, input));
    expect(error).toMatchObject({ name: 'EvaluationError', code });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
  });

  test('a native built-in that has no result asks the host', async () => {
    const builtins: Builtins = { lower: (operand) => (operand === 12 ? 'dozen' : undefined) };
    const instance = await instanceOf('x = lower(input)', { builtins });
    expect(valueOfX(instance, '"A"')).toBe('a');
    expect(valueOfX(instance, '12')).toBe('dozen');
    expect(valueOfX(instance, '144')).toBeUndefined();
  });

  test('a built-in whose result the module cannot take has failed', async () => {
    const builtins: Builtins = { 'yaml.marshal': () => Number.POSITIVE_INFINITY };
    const instance = await instanceOf('x = yaml.marshal(input)', { builtins });
    expect(errorOf(() => valueOfX(instance, '1'))).toMatchObject({
      code: 'builtin_failed',
      message: 'the built-in `yaml.marshal` failed: its result is no value',
    });
  });

  test('a built-in that fails is undefined where OPA leaves it so', async () => {
    const instance = await instanceOf('x = to_number(input)', { strict: false });
    expect(valueOfX(instance, '"a"')).toBeUndefined();
  });

  test('an instance is sound after a built-in failed, and after it was renewed', async () => {
    const instance = await instanceOf('x = [data.a, to_number(input)]', { data: '{"a": [1, {"b": "å"}]}' });
    for (let turn = 0; turn < 100; turn += 1) {
      expect(errorOf(() => valueOfX(instance, '"a"')).code).toBe('builtin_failed');
      expect(errorOf(() => valueOfX(instance, '"\\ud800"')).code).toBe('input_malformed');
      instance.renew();
      expect(writeNotation(valueOfX(instance, '"7"')!)).toBe('[[1,{"b":"å"}],7]');
    }
  });
});

describe('the budget', () => {
  const pairs = 'x = count([1 | some a in input; some b in input; a == b])';

  test('the same evaluation takes the same steps, in any instance', async () => {
    const first = await instanceOf(pairs);
    const second = await instanceOf(pairs);
    const input = JSON.stringify(Array.from({ length: 50 }, (_, index) => index));
    const steps = [first, first, second].map((instance) => {
      valueOfX(instance, input);
      return instance.steps();
    });
    expect(new Set(steps).size).toBe(1);
    expect(steps[0]).toBeGreaterThan(2500);
  });

  test('ends at the same step on every machine: enough is enough, one less is not', async () => {
    const input = JSON.stringify([1, 2, 3, 4, 5]);
    const measured = await instanceOf(pairs);
    valueOfX(measured, input);
    const stepsMax = measured.steps();
    expect(valueOfX(await instanceOf(pairs, { stepsMax }), input)).toBe(5);
    const short = await instanceOf(pairs, { stepsMax: stepsMax - 1 });
    expect(errorOf(() => valueOfX(short, input)).code).toBe('budget_exhausted');
  });

  test.each<[string, string, readonly string[]]>([
    ['loops over data', 'r = numbers.range(1, 30000); r[i] == r[j]; i != j; x = 1', []],
    ['one text looked for in another', 'x = contains(input.long, input.longer)', []],
    [
      'functions that call functions twice',
      'x = data.m.f20(1)',
      [
        `package m\n\nf0(x) := x\n${Array.from({ length: 20 }, (_, n) => `f${n + 1}(x) := f${n}(x) + f${n}(x + 1)\n`).join('')}`,
      ],
    ],
  ])('is taken by %s', async (_, query, modules) => {
    const instance = await instanceOf(query, { modules, stepsMax: 1_000_000 });
    const input = JSON.stringify({ long: 'a'.repeat(500_000), longer: `${'a'.repeat(250_000)}b` });
    const started = performance.now();
    expect(errorOf(() => valueOfX(instance, input)).code).toBe('budget_exhausted');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('is taken by the host for the size of what it reads', async () => {
    const builtins: Builtins = { 'yaml.marshal': () => 'x' };
    const query = 'x = count([y | some i in numbers.range(1, 100); y := yaml.marshal(input)])';
    const instance = await instanceOf(query, { builtins, stepsMax: 2_000_000 });
    expect(valueOfX(instance, '"short"')).toBe(100);
    expect(errorOf(() => valueOfX(instance, JSON.stringify('long'.repeat(50_000)))).code).toBe(
      'budget_exhausted',
    );
  });
});

describe('memory', () => {
  test('a data document of 10 MB is parsed once: a renewed instance has it again in a fraction of the time', async () => {
    const items = Array.from({ length: 200_000 }, (_, id) => ({ id, name: `product ${id} of the mesh` }));
    const data = JSON.stringify({ items });
    expect(data.length).toBeGreaterThan(9_000_000);
    const started = performance.now();
    const instance = await instanceOf('x = data.items[input].id', { data });
    const parsedMs = performance.now() - started;
    expect(valueOfX(instance, '199999')).toBe(199_999);
    const before = performance.now();
    instance.renew();
    expect(performance.now() - before).toBeLessThan(parsedMs);
    expect(valueOfX(instance, '123456')).toBe(123_456);
  });

  test('data that do not fit are refused', async () => {
    const data = JSON.stringify({ items: Array.from({ length: 10_000_000 }, () => [0]) });
    await expect(instanceOf('x = data.items[0]', { data })).rejects.toMatchObject({
      code: 'memory_exhausted',
    });
    await expect(instanceOf('x = 1', { data: '{' })).rejects.toMatchObject({ code: 'input_malformed' });
  });

  test('an input that does not fit is refused', async () => {
    const instance = await instanceOf('x = 1');
    const input = Buffer.alloc(200 * 1024 * 1024, ' ');
    expect(errorOf(() => instance.evaluate(0, input)).code).toBe('memory_exhausted');
  });

  test('members that stand apart are where the others are, also in a fresh instance over the same memory', async () => {
    const instance = await instanceOf('x = input');
    const [a, b] = [recurring({ n: [1, 'two', null] }), recurring(['a', { b: 'c' }])];
    const apart = ({ a: one, b: other }: { a: unknown; b: unknown }) => ({
      text: '{"c":true}',
      apart: [
        { name: 'a', value: one, write: writeJson },
        { name: 'b', value: other, write: writeJson },
      ],
    });
    const seen = (members: { a: unknown; b: unknown }): unknown =>
      JSON.parse(instance.evaluate(0, apart(members)));
    const all = [
      { a, b },
      { a: b, b: a },
      { a: { not: 'kept' }, b },
      { a: 1, b: 'text' },
    ];
    for (let turn = 0; turn < 3; turn += 1) {
      for (const members of all) expect(seen(members)).toEqual([{ x: { ...members, c: true } }]);
      instance.renew();
    }
  });

  test('a renewed instance evaluates in the same memory and in as many steps as a fresh one', async () => {
    const instance = await instanceOf('x = [data.n, count(input)]', { data: '{"n": [1, "a"]}' });
    const evaluated = () => [
      instance.evaluate(0, '[1, 2, 3]'),
      instance.steps(),
      instance.touchedBytes(),
      instance.evaluate(0, '{"a": 1e2}'),
      instance.steps(),
      instance.touchedBytes(),
    ];
    const fresh = evaluated();
    for (let turn = 0; turn < 3; turn += 1) {
      instance.renew();
      expect(evaluated()).toEqual(fresh);
    }
  });

  test('a member that does not fit is refused, and the next one is not', async () => {
    const instance = await instanceOf('x = count(input.a)');
    const apart = (write: () => string) => ({ text: '{}', apart: [{ name: 'a', value: {}, write }] });
    const wide = `[${'[0],'.repeat(3_000_000)}[0]]`;
    expect(
      errorOf(() =>
        instance.evaluate(
          0,
          apart(() => wide),
        ),
      ).code,
    ).toBe('memory_exhausted');
    instance.renew();
    const long = `"${'x'.repeat(200 * 1024 * 1024)}"`;
    expect(
      errorOf(() =>
        instance.evaluate(
          0,
          apart(() => long),
        ),
      ).code,
    ).toBe('memory_exhausted');
    expect(
      JSON.parse(
        instance.evaluate(
          0,
          apart(() => '[1,2]'),
        ),
      ),
    ).toEqual([{ x: 2 }]);
  });

  test('a million evaluations leave the memory as it was', async () => {
    const instance = await instanceOf('x = [count(input.list), concat(",", input.list), data.a]', {
      data: '{"a": {"b": [1, 2, 3]}}',
    });
    const input = Buffer.from('{"list": ["a", "b", "c"]}');
    const want = instance.evaluate(0, input);
    const run = (times: number): void => {
      for (let turn = 0; turn < times; turn += 1) instance.evaluate(0, input);
    };
    run(100_000);
    const before = process.memoryUsage();
    run(900_000);
    const after = process.memoryUsage();
    expect(instance.evaluate(0, input)).toBe(want);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(10 * 1024 * 1024);
    expect(after.rss - before.rss).toBeLessThan(60 * 1024 * 1024);
  });
});

describe('the result of a rule', () => {
  const modules = ['package m\n\nslow := count([1 | some n in numbers.range(1, 1000); n > input.n])\n'];
  const input = '{"n": 0}';

  test('is computed once in an evaluation, and again in the next', async () => {
    const once = await instanceOf('x = [data.m.slow]', { modules });
    const often = await instanceOf('x = [data.m.slow | some _ in numbers.range(1, 10)]', { modules });
    expect(valueOfX(once, input)).toEqual([1000]);
    for (const [n, result] of [
      [0, 1000],
      [900, 100],
      [0, 1000],
    ]) {
      expect(valueOfX(often, `{"n": ${n}}`)).toEqual(Array.from({ length: 10 }, () => result));
    }
    expect(often.steps()).toBeLessThan(once.steps() * 1.5);
  });

  test('is another one under `with`, at any depth, and the same as before after it', async () => {
    const instance = await instanceOf(
      'x = [data.m.slow, data.m.twice, data.m.slow] with input.n as 999; data.m.slow == 1000',
      {
        modules: [
          `${modules[0]}\ntwice := [slow, inner, slow]\n\ninner := n if n := slow with input.n as 500\n`,
        ],
      },
    );
    expect(valueOfX(instance, input)).toEqual([1, [1, 500, 1], 1]);
  });

  test('takes no table for each `with`, so that many of them fit into the memory', async () => {
    const names = Array.from({ length: 2000 }, (_, index) => `r${index}`);
    const rules = names.map((name, index) => `${name} := input.n + ${index}`);
    const unasked = `none if {\n\tinput.never\n\tcount([${names.join(', ')}]) > 0\n}\n`;
    const instance = await instanceOf(
      'x = count([n | some n in numbers.range(1, 20000); data.m.r0 == n with input.n as n]); not data.m.none',
      { modules: [`package m\n\n${rules.join('\n\n')}\n\n${unasked}`], stepsMax: 1_000_000_000 },
    );
    expect(valueOfX(instance, input)).toBe(20_000);
  });
});
