import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProbe } from './probe.js';
import { createToolchain, type CompiledBundle } from './toolchain.js';

const timeLimitMs = 1000;
const toolchainPath = 'build/toolchain.wasm';
const probe = createProbe({ timeLimitMs, toolchainPath });
const toolchain = createToolchain({ wasmPath: toolchainPath, timeLimitMs: 20_000 });
afterAll(() => toolchain.close());

async function compile(rules: string): Promise<Required<CompiledBundle>> {
  const metadata = '# METADATA\n# title: T\n# description: D\n# custom:\n#   applies_to: [publish, access]\n';
  const compiled = await toolchain.compile({
    layer: 'finance',
    files: [{ path: 'policy/p.rego', text: `${metadata}package mesh.finance.policy.p\n\n${rules}\n` }],
    libraries: [],
    schema: {},
  });
  expect(compiled.errors).toEqual([]);
  return { ...compiled, wasm: compiled.wasm! };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => 8 + index);

const call = (entrypoint: string, input: object) => ({ entrypoint, input: JSON.stringify(input) });

/** Loops as often as the fourth power of the length of `input.l` says. */
let looping: Required<CompiledBundle>;
beforeAll(async () => {
  looping = await compile(
    'deny contains "x" if {\n\tsome a in input.l\n\tsome b in input.l\n\tsome c in input.l\n\tsome d in input.l\n\ta != 7\n\tb != 7\n\tc != 7\n\td == 7\n}',
  );
});

test('evaluations that end in time are fine, however they end', async () => {
  const { wasm, data } = looping;
  await probe.measure(wasm, data, []);
  await probe.measure(wasm, data, [
    call('witan/publish', { l: numbers(3) }),
    call('witan/access', { l: 'no list' }),
    call('witan/absent', {}),
  ]);
});

test('a policy that takes too many steps is refused by its name', async () => {
  // It takes no memory, which would end it sooner.
  const { wasm, data } = await compile(
    'deny contains "x" if {\n\tr := numbers.range(1, input.n)\n\tr[i] == r[j]\n\ti != j\n}',
  );
  await expect(
    probe.measure(wasm, data, [call('witan/publish', { n: 10 }), call('witan/access', { n: 100_000 })]),
  ).rejects.toMatchObject({
    code: 'policy_too_slow',
    message: expect.stringMatching(/^`p`: the evaluation took more than [0-9]+ steps$/) as string,
  });
});

test('an evaluation that takes too long for another reason is stopped in about the limit', async () => {
  // Go's own code counts no steps.
  const { wasm, data } = await compile('deny contains "x" if not graphql.is_valid(input.q, input.s)');
  const timeLimitMs = 100;
  const started = performance.now();
  const types = Array.from({ length: 3000 }, (_, index) => `type T${index} { f: String }`).join(' ');
  await expect(
    createProbe({ timeLimitMs, toolchainPath }).measure(wasm, data, [
      call('witan/publish', { q: '{ f }', s: `type Query { f: String } ${types}` }),
    ]),
  ).rejects.toMatchObject({ code: 'policy_too_slow' });
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('the limit is for each evaluation, not for all', async () => {
  const { wasm, data } = looping;
  const calls = Array.from({ length: 30 }, () => call('witan/publish', { l: numbers(20) }));
  await probe.measure(wasm, data, calls);
});

test('a policy that runs out of memory is refused by its name', async () => {
  const { wasm, data } = await compile('deny contains count(numbers.range(1, input.n))');
  // The memory is what ends it, however slow the machine is.
  const patient = createProbe({ timeLimitMs: 60_000, toolchainPath });
  await expect(
    patient.measure(wasm, data, [call('witan/publish', { n: 1_000_000_000 })]),
  ).rejects.toMatchObject({ code: 'policy_too_slow', message: '`p`: the policy ran out of memory' });
});

test('a module that cannot be made is refused with its reason', async () => {
  await expect(probe.measure(Buffer.from('no module'), '{}', [])).rejects.toMatchObject({
    code: 'evaluation_failed',
    message: expect.stringContaining('cannot be loaded') as string,
  });
});
