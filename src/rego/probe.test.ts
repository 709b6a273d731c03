import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProbe } from './probe.js';
import { createToolchain, type CompiledBundle } from './toolchain.js';

const timeLimitMs = 1000;
const probe = createProbe({ timeLimitMs });
const toolchain = createToolchain({ wasmPath: 'build/toolchain.wasm', timeLimitMs: 20_000 });
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

test('a policy that never ends is refused in about the limit', async () => {
  const { wasm, data } = looping;
  // Short, since a loop takes memory too, and ends when there is none left.
  const timeLimitMs = 150;
  const started = performance.now();
  await expect(
    createProbe({ timeLimitMs }).measure(wasm, data, [
      call('witan/publish', { l: numbers(1) }),
      call('witan/access', { l: numbers(1000) }),
    ]),
  ).rejects.toMatchObject({
    code: 'policy_too_slow',
    message: `evaluating \`witan/access\` takes longer than ${timeLimitMs} ms`,
  });
  const tookMs = performance.now() - started;
  expect(tookMs).toBeGreaterThanOrEqual(timeLimitMs);
  // The worker's start comes on top, and is not counted.
  expect(tookMs).toBeLessThan(timeLimitMs + 10_000);
});

test('the limit is for each evaluation, not for all', async () => {
  const { wasm, data } = looping;
  const calls = Array.from({ length: 30 }, () => call('witan/publish', { l: numbers(20) }));
  await probe.measure(wasm, data, calls);
});

test('a policy that runs out of memory has ended', async () => {
  const { wasm, data } = await compile('deny contains count(numbers.range(1, input.n))');
  const patient = createProbe({ timeLimitMs: 10_000 });
  await patient.measure(wasm, data, [call('witan/publish', { n: 1_000_000_000 })]);
});

test('a module that cannot be made is refused with its reason', async () => {
  const { wasm, data } = await compile('deny contains crypto.sha256(input.n)');
  await expect(probe.measure(wasm, data, [call('witan/publish', {})])).rejects.toMatchObject({
    code: 'evaluation_failed',
    message: 'built-in `crypto.sha256` is not supported yet',
  });
  await expect(probe.measure(Buffer.from('no module'), {}, [])).rejects.toMatchObject({
    code: 'evaluation_failed',
  });
});
