import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPolicyModule } from './evaluator.js';
import { createOpaBuiltins } from './opa-builtins.js';
import { moduleInput, type PolicyModule } from './policy-module.js';
import { createToolchain, type CompiledBundle, type Toolchain } from './toolchain.js';
import type { SourceFile } from './toolchain-protocol.js';

let toolchain: Toolchain;
const opaBuiltins = createOpaBuiltins({ wasmPath: 'build/toolchain.wasm' });
beforeAll(() => {
  toolchain = createToolchain({ wasmPath: 'build/toolchain.wasm', timeLimitMs: 20_000 });
});
afterAll(() => {
  opaBuiltins.close();
  return toolchain.close();
});

function policy(name: string, rules: string, appliesTo = 'publish, access'): SourceFile {
  const metadata = ['METADATA', 'title: T', 'description: D', 'custom:', `  applies_to: [${appliesTo}]`];
  const text = `${metadata.map((line) => `# ${line}`).join('\n')}\npackage mesh.finance.policy.${name}\n\n${rules}\n`;
  return { path: `policy/${name}.rego`, text };
}

async function compile(...files: SourceFile[]): Promise<Required<CompiledBundle>> {
  const compiled = await toolchain.compile({ layer: 'finance', files, libraries: [], schema: {} });
  expect(compiled.errors).toEqual([]);
  if (compiled.wasm === undefined) throw new Error('nothing was compiled');
  return { ...compiled, wasm: compiled.wasm };
}

async function moduleOf(...files: SourceFile[]): Promise<PolicyModule> {
  const { wasm, data } = await compile(...files);
  return createPolicyModule(wasm, data, { opaBuiltins });
}

const evaluate = (module: PolicyModule, entrypoint: string, input: unknown, nowMs = 0) =>
  module.evaluate(entrypoint, moduleInput(input), nowMs);

describe('entrypoints', () => {
  let module: PolicyModule;
  beforeAll(async () => {
    module = await moduleOf(
      policy('named', 'deny contains "no name" if not input.name', 'publish'),
      policy('owned', 'permit if input.owner == "me"\n\nadvice contains "ask" if not input.owner', 'access'),
    );
  });

  test('one for each kind that is met and one for each policy', () => {
    expect([...module.entrypoints].sort()).toEqual([
      'witan/access',
      'witan/policy/named',
      'witan/policy/owned',
      'witan/publish',
    ]);
  });

  test.each<[string, string, unknown, unknown]>([
    ['what one denies', 'witan/publish', {}, { named: { deny: ['no name'] } }],
    ['what is silent is left out', 'witan/publish', { name: 'n' }, {}],
    ['a permit', 'witan/access', { owner: 'me' }, { owned: { permit: true } }],
    ['advice', 'witan/access', {}, { owned: { advice: ['ask'] } }],
    ['neither permit nor advice', 'witan/access', { owner: 'you' }, {}],
    ['one policy alone', 'witan/policy/named', {}, { deny: ['no name'] }],
    ['another alone', 'witan/policy/owned', { owner: 'me' }, { permit: true }],
    ['one policy that is silent', 'witan/policy/owned', { owner: 'you' }, {}],
  ])('%s', (_, entrypoint, input, value) => {
    expect(evaluate(module, entrypoint, input)).toEqual({ ok: true, value });
  });

  test('one that is not there is an error, and the next evaluation works', () => {
    expect(evaluate(module, 'witan/consume', {})).toMatchObject({ ok: false });
    expect(evaluate(module, 'witan/publish', { name: 'n' })).toEqual({ ok: true, value: {} });
  });
});

describe('evaluation', () => {
  test('reads the data document, which stays what it is from one evaluation to the next', async () => {
    const module = await moduleOf(
      policy(
        'p',
        'deny contains name if {\n\tsome name in data.mesh.finance.data.names\n\tname != input.name\n}',
      ),
      { path: 'data/names.json', text: '["å", "b"]' },
    );
    for (let turn = 0; turn < 3; turn += 1) {
      expect(evaluate(module, 'witan/publish', { name: 'b' })).toEqual({
        ok: true,
        value: { p: { deny: ['å'] } },
      });
    }
  });

  test('the clock is the moment that the caller gives', async () => {
    const module = await moduleOf(policy('p', 'deny contains time.now_ns() if input.name'));
    for (const ms of [0, 1_700_000_000_001]) {
      expect(evaluate(module, 'witan/publish', { name: 'n' }, ms)).toEqual({
        ok: true,
        value: { p: { deny: [ms === 0 ? 0 : BigInt(ms) * 1_000_000n] } },
      });
    }
  });

  test('a built-in that cannot answer is an error of the policy, named, and of this evaluation alone', async () => {
    const module = await moduleOf(policy('p', 'deny contains time.parse_rfc3339_ns(input.name)'));
    expect(evaluate(module, 'witan/publish', { name: '2023-02-29T00:00:00Z' })).toEqual({
      ok: false,
      error: expect.objectContaining({
        code: 'builtin_failed',
        message: expect.stringMatching(/^the built-in `time\.parse_rfc3339_ns` failed: (?!.*2023)/) as string,
      }) as Error,
    });
    expect(evaluate(module, 'witan/publish', { name: '1970-01-01T00:00:00Z' })).toEqual({
      ok: true,
      value: { p: { deny: [0] } },
    });
  });

  test('an error of a policy that was asked alone names it', async () => {
    const module = await moduleOf(policy('p', 'deny contains 1 / input.n'));
    expect(evaluate(module, 'witan/policy/p', { n: 0 })).toMatchObject({
      ok: false,
      error: { name: 'EvaluationError', code: 'builtin_failed', policy: 'p' },
    });
  });

  test('two values for one rule are an error', async () => {
    const module = await moduleOf(policy('p', 'permit if input.a\n\npermit := false if input.b', 'access'));
    expect(evaluate(module, 'witan/access', { a: 1, b: 1 })).toMatchObject({ ok: false });
    expect(evaluate(module, 'witan/access', { a: 1 })).toEqual({ ok: true, value: { p: { permit: true } } });
  });

  test('numbers.range beyond the memory is an error, and the next evaluation works', async () => {
    const module = await moduleOf(
      policy('p', 'deny contains count(numbers.range(1, input.n)) if input.n > 0'),
    );
    for (let turn = 0; turn < 2; turn += 1) {
      expect(evaluate(module, 'witan/publish', { n: 100_000_000 })).toEqual({
        ok: false,
        error: expect.objectContaining({ code: 'memory_exhausted' }) as Error,
      });
      expect(evaluate(module, 'witan/publish', { n: 3 })).toEqual({
        ok: true,
        value: { p: { deny: [3] } },
      });
    }
  });

  test('what an evaluation needs is given back: three hundred that need 1 MB each', async () => {
    const module = await moduleOf(
      policy('p', 'deny contains count(numbers.range(1, input.n)) if input.n > 0'),
    );
    for (let turn = 0; turn < 300; turn += 1) {
      const result = evaluate(module, 'witan/publish', { n: 10_000 });
      if (!result.ok) throw new Error(`turn ${turn}: ${result.error.message}`);
    }
  });

  test('an input of 1 MiB is read', async () => {
    const module = await moduleOf(policy('p', 'deny contains count(input.name) if input.name'));
    expect(evaluate(module, 'witan/publish', { name: 'x'.repeat(1024 * 1024) })).toEqual({
      ok: true,
      value: { p: { deny: [1024 * 1024] } },
    });
  });

  test('a policy with much text of its own is made', async () => {
    const text = 'a rather long constant, '.repeat(100_000);
    const module = await moduleOf(policy('p', `deny contains "x" if input.name != "${text}"`));
    expect(evaluate(module, 'witan/publish', { name: 'x' })).toEqual({
      ok: true,
      value: { p: { deny: ['x'] } },
    });
  });
});

describe('refusals', () => {
  test('built-ins that are not here, every one by its name', async () => {
    const { wasm, data } = await compile(
      policy(
        'p',
        'deny contains crypto.x509.parse_certificates(input.name)\n\nadvice contains graphql.parse_query(input.name)',
      ),
    );
    expect(() => {
      createPolicyModule(wasm, data).warm();
    }).toThrow(
      expect.objectContaining({
        code: 'evaluation_failed',
        faults: [
          { code: 'rego_builtin_unsupported', message: 'crypto.x509.parse_certificates' },
          { code: 'rego_builtin_unsupported', message: 'graphql.parse_query' },
        ],
      }) as Error,
    );
  });

  test('what is not WebAssembly', () => {
    expect(() => {
      createPolicyModule(Buffer.from('package x'), '{}').warm();
    }).toThrow(expect.objectContaining({ code: 'evaluation_failed' }) as Error);
  });
});
