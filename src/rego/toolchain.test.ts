import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToolchain, type Toolchain } from './toolchain.js';
import type { ToolchainSource } from './toolchain-protocol.js';

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
    const some = await toolchain.test(tested, 'pass$');
    expect(some.results.map(({ name }) => name)).toEqual(['test_pass']);
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
