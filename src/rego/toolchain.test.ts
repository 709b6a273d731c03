import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToolchain, type Toolchain } from './toolchain.js';
import type { SourceFile, ToolchainSource } from './toolchain-protocol.js';

const wasmPath = 'build/toolchain.wasm';

const METADATA = [
  '# METADATA',
  '# title: Title',
  '# description: Description.',
  '# custom:',
  '#   applies_to: [publish]',
].join('\n');

/** A bundle of the domain `finance` with one policy `p`, and tests. */
function source(rules: string, tests?: string): ToolchainSource {
  return {
    layer: 'finance',
    files: [
      { path: 'policy/p.rego', text: `${METADATA}\npackage mesh.finance.policy.p\n${rules}\n` },
      ...(tests === undefined
        ? []
        : [{ path: 'test/p_test.rego', text: `package mesh.finance.test.p\n\n${tests}\n` }]),
    ],
    libraries: [],
    schema: { type: 'object', additionalProperties: false, properties: { name: { type: 'string' } } },
  };
}

/** The same file for a policy that applies to access. */
const forAccess = ({ path, text }: SourceFile): SourceFile => ({
  path,
  text: text.replace('[publish]', '[access]'),
});

const denying = source('deny contains "no name" if not input.name');

/** Counts to 10^10 without keeping what it counted. */
const ENDLESS = [
  'test_endless if {',
  '  some a in numbers.range(1, 100000)',
  '  some b in numbers.range(1, 100000)',
  '  a + b == 0',
  '}',
].join('\n');

describe('the toolchain', () => {
  let toolchain: Toolchain;
  beforeAll(() => {
    toolchain = createToolchain({ wasmPath, timeLimitMs: 60_000 });
  });
  afterAll(() => toolchain.close());

  test('names what it is made of', async () => {
    expect(await toolchain.version()).toEqual({ opa: '1.22.2', toolchain: '1' });
  });

  test('checks a bundle: faults with their place, policies, built-ins', async () => {
    const report = await toolchain.check(source('deny contains "x" if input.nme == ""'));
    expect(report.errors).toEqual([
      expect.objectContaining({ code: 'rego_type_error', file: 'policy/p.rego', row: 7, column: 22 }),
    ]);
    expect(report.errors[0]?.message).toContain('want (one of): ["name"]');
    expect(report.policies).toEqual([
      expect.objectContaining({ name: 'p', applies_to: ['publish'], row: 6 }),
    ]);
    expect(report.builtins).toEqual([{ name: 'equal', file: 'policy/p.rego', row: 7, column: 32 }]);
  });

  test('runs tests, and only those that a filter names', async () => {
    const tested = source(
      'deny contains "no name" if not input.name',
      'test_pass if count(data.mesh.finance.policy.p.deny) == 1\n\ntest_fail if count(data.mesh.finance.policy.p.deny) == 2',
    );
    const all = await toolchain.test(tested);
    expect(all.errors).toEqual([]);
    expect(all.results.map(({ name, outcome, row }) => [name, outcome, row])).toEqual([
      ['test_pass', 'pass', 3],
      ['test_fail', 'fail', 5],
    ]);
    const some = await toolchain.test(tested, { filter: 'pass$' });
    expect(some.results.map(({ name }) => name)).toEqual(['test_pass']);
  });

  test('lints a bundle, with places, and says what was probably meant', async () => {
    const { errors, warnings } = await toolchain.check(source('deny contains "x" if false'));
    expect(errors).toEqual([]);
    expect(warnings.map(({ code, row }) => [code, row])).toEqual([
      ['lint_controls_missing', 6],
      ['lint_owner_missing', 6],
      ['lint_remedy_missing', 6],
      ['lint_never_true', 7],
    ]);
    const { errors: slips } = await toolchain.check(source('deny contains "x" if input.nme == ""'));
    expect(slips[0]?.message).toMatch(/; did you mean `name`\?$/);
  });

  test('tells which lines tests reach and which outcomes they see, when asked', async () => {
    const tested = source(
      'deny contains "no name" if not input.name\n\npermit if input.name == "a"',
      'test_pass if count(data.mesh.finance.policy.p.deny) == 1',
    );
    const { coverage, warnings } = await toolchain.test(
      { ...tested, files: tested.files.map(forAccess) },
      { coverage: true },
    );
    expect(coverage).toEqual({
      percent: 50,
      covered_lines: 1,
      not_covered_lines: 1,
      files: [
        {
          file: 'policy/p.rego',
          percent: 50,
          covered: [{ from: 7, to: 7 }],
          not_covered: [{ from: 9, to: 9 }],
        },
      ],
    });
    expect(warnings.map(({ message, row }) => [message, row])).toEqual([
      ['no test sees that `deny` says nothing', 7],
      ['no test asks `permit`', 9],
    ]);
    expect((await toolchain.test(denying)).coverage).toBeUndefined();
  });

  test("formats Rego as OPA's formatter does, wherever it stands", async () => {
    const report = await toolchain.format([
      { path: 'b.rego', text: 'package b\nx:=1\n' },
      { path: 'some/where/a.rego', text: 'package a\n\nx := 1\n' },
      { path: 'broken.rego', text: 'package' },
      { path: 'data.json', text: '{' },
    ]);
    expect(report.files).toEqual([
      { path: 'b.rego', text: 'package b\n\nx := 1\n', differs: true },
      { path: 'some/where/a.rego', text: 'package a\n\nx := 1\n', differs: false },
    ]);
    expect(report.errors).toEqual([
      expect.objectContaining({ code: 'rego_parse_error', file: 'broken.rego', row: 1, column: 7 }),
    ]);
  });

  test('evaluates as far as what is known goes, with every digit', async () => {
    const rules = 'deny contains {"message": "x", "is": input.age} if not input.name == "a"';
    const schema = { type: 'object', properties: { name: { type: 'string' }, age: {} } };
    const input = '{"now": "2026-06-01T12:00:00Z", "age": 12345678901234567890}';
    const partial = (...unknowns: readonly string[]) =>
      toolchain.partial({ ...source(rules), schema }, 'publish', input, unknowns);
    expect((await partial('input.name')).policies[0]).toMatchObject({
      name: 'p',
      rules: [
        {
          rule: 'deny',
          outcome: 'conditional',
          alternatives: [
            {
              value: { message: 'x', is: 12345678901234567890n },
              conditions: [
                {
                  text: 'not input.name == "a"',
                  ref: 'input.name',
                  operator: '==',
                  value: 'a',
                  negated: true,
                },
              ],
            },
          ],
          support: [],
        },
      ],
    });
    expect((await partial('input.other')).policies[0]?.rules[0]?.outcome).toBe('always');
    expect((await partial()).errors).toEqual([expect.objectContaining({ code: 'bad_request' })]);
    await expect(toolchain.partial(source(rules), 'publish', '{', ['input.name'])).rejects.toMatchObject({
      code: 'malformed_json',
    });
  });

  test('compiles to WebAssembly, the same bytes each time', async () => {
    const [first, second] = await Promise.all([toolchain.compile(denying), toolchain.compile(denying)]);
    expect(first.errors).toEqual([]);
    expect(first.wasm?.subarray(0, 4)).toEqual(Buffer.from('\0asm'));
    expect(second.wasm).toEqual(first.wasm);
  });

  test('gives no WebAssembly of a bundle with a fault', async () => {
    const { wasm, errors } = await toolchain.compile(source('deny if input.name'));
    expect(wasm).toBeUndefined();
    expect(errors).toEqual([expect.objectContaining({ code: 'policy_rule_shape', row: 7 })]);
  });

  test('evaluates by the interpreter: what a policy says, and what became of each line', async () => {
    const rules =
      'deny contains {"message": "x", "n": input.n} if {\n\tinput.n > 9007199254740992\n\tnot input.name\n}';
    const traced = source(rules);
    const { errors, policies, truncated } = await toolchain.evaluate(
      { ...traced, schema: {} },
      'publish',
      '{"now": "2026-05-01T12:00:00Z", "n": 9007199254740993}',
    );
    expect({ errors, truncated }).toEqual({ errors: [], truncated: false });
    expect(policies).toMatchObject([
      {
        name: 'p',
        package: 'mesh.finance.policy.p',
        file: 'policy/p.rego',
        said: { deny: [{ message: 'x', n: 9007199254740993n }] },
        rules: [{ name: 'deny', outcome: 'held', times_entered: 1, times_held: 1 }],
      },
    ]);
    expect(policies[0]?.rules[0]?.lines).toMatchObject([
      { row: 7, head: true, outcome: 'true' },
      { row: 8, outcome: 'true', values: { 'input.n': 9007199254740993n } },
      { row: 9, text: 'not input.name', outcome: 'true', values: {}, undefined: ['input.name'] },
    ]);
  });

  test('evaluates nothing of a bundle with a fault, and refuses an input that is not JSON', async () => {
    const { errors, policies } = await toolchain.evaluate(source('deny if input.name'), 'publish', '{}');
    expect(errors).toEqual([expect.objectContaining({ code: 'policy_rule_shape', row: 7 })]);
    expect(policies).toEqual([]);
    await expect(toolchain.evaluate(denying, 'publish', '{}, "op": "version"')).rejects.toMatchObject({
      code: 'malformed_json',
    });
  });

  test('text beyond ASCII arrives whole', async () => {
    const name = 'Ærøskøbing 数据 🦉';
    const { results } = await toolchain.test(
      source('deny contains "x" if not input.name', `test_x if { print("${name}"); false }`),
    );
    expect(results[0]?.message).toBe(name);
  });

  test('answers calls made at once, each its own', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `name${index}`);
    const reports = await Promise.all(
      names.map((name) => toolchain.check(source(`deny contains "x" if input.${name}`))),
    );
    reports.forEach(({ errors }, index) => {
      expect(errors[0]?.message).toContain(`input.name${index}`);
    });
  });
});

describe('limits', () => {
  test('a test that runs on is stopped at the time limit; calls that wait and later ones are answered', async () => {
    const timeLimitMs = 3000;
    const toolchain = createToolchain({ wasmPath, timeLimitMs });
    try {
      await toolchain.version();
      const started = performance.now();
      const endless = toolchain.test(source('deny contains "x" if not input.name', ENDLESS));
      const waiting = toolchain.version();
      await expect(endless).rejects.toMatchObject({
        code: 'toolchain_timeout',
        message: `the toolchain took longer than ${timeLimitMs} ms for \`test\` and was stopped`,
      });
      const tookMs = performance.now() - started;
      expect(tookMs).toBeGreaterThanOrEqual(timeLimitMs - 50);
      expect(tookMs).toBeLessThan(timeLimitMs + 2000);
      expect(await waiting).toMatchObject({ opa: '1.22.2' });
      expect((await toolchain.check(denying)).errors).toEqual([]);
    } finally {
      await toolchain.close();
    }
  });

  test('a test that wants more memory than there is fails alone', async () => {
    const toolchain = createToolchain({
      wasmPath,
      timeLimitMs: 60_000,
      memoryBytesMax: 128 * 1024 * 1024,
    });
    try {
      const hungry = 'test_hungry if { all := numbers.range(1, 100000000); count(all) == 0 }';
      await expect(
        toolchain.test(source('deny contains "x" if not input.name', hungry)),
      ).rejects.toMatchObject({
        code: 'toolchain_failed',
      });
      expect((await toolchain.check(denying)).errors).toEqual([]);
    } finally {
      await toolchain.close();
    }
  });

  test('less memory than the toolchain needs is an error of every call, and ends nothing', async () => {
    const toolchain = createToolchain({ wasmPath, timeLimitMs: 60_000, memoryBytesMax: 65_536 });
    await expect(toolchain.version()).rejects.toMatchObject({
      code: 'toolchain_failed',
      message: expect.stringMatching(/needs \d+ pages of memory, 1 are allowed/) as string,
    });
    await toolchain.close();
  });

  test('a reactor that is not there is an error of every call', async () => {
    const toolchain = createToolchain({ wasmPath: 'build/absent.wasm', timeLimitMs: 60_000 });
    await expect(toolchain.version()).rejects.toMatchObject({
      code: 'toolchain_failed',
      message: expect.stringContaining('no such file') as string,
    });
    await expect(toolchain.version()).rejects.toMatchObject({ code: 'toolchain_failed' });
    await toolchain.close();
  });

  test('more than 256 calls in waiting are refused at once', async () => {
    const toolchain = createToolchain({ wasmPath, timeLimitMs: 60_000 });
    const calls = Array.from({ length: 257 }, () => toolchain.version());
    const outcomes = await Promise.allSettled(calls);
    await toolchain.close();
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(256);
    expect(outcomes[256]).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } });
  });

  test('closed in the middle of a call, that call and every later one is refused', async () => {
    const toolchain = createToolchain({ wasmPath, timeLimitMs: 60_000 });
    await toolchain.version();
    const call = toolchain.test(source('deny contains "x" if not input.name', ENDLESS));
    const refused = expect(call).rejects.toMatchObject({ code: 'toolchain_failed' });
    const waiting = expect(toolchain.version()).rejects.toMatchObject({ code: 'stopping' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await toolchain.close();
    await refused;
    await waiting;
    await expect(toolchain.version()).rejects.toMatchObject({ code: 'stopping' });
  });
});
