import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { stepsMax } from '../../src/rego/evaluator.js';
import { hostBuiltins } from '../../src/rego/host-builtins.js';
import { engineModule } from '../../src/rego/engine-module.js';
import { memoryBytesFor, PolicyInstance } from '../../src/rego/policy-instance.js';
import { createToolchain } from '../../src/rego/toolchain.js';
import { sdk } from './sdk.js';

const toolchain = createToolchain({ wasmPath: 'build/toolchain.wasm', timeLimitMs: 60_000 });
afterAll(() => toolchain.close());

/**
 * Evaluates a query by both, on one input after the other. Where the package gives OPA's result it is a second opinion
 * on ours, on more inputs than anyone writes down. Where the module's own built-ins differ from OPA's interpreter
 * (`toolchain/native.go`) it differs from us too, and is not asked.
 */
async function bothFor(query: string, files: readonly { path: string; text: string }[], data: object) {
  const { errors, wasm, bare } = await toolchain.assemble(query, files);
  expect(errors).toEqual([]);
  const text = JSON.stringify(data);
  const instance = new PolicyInstance(engineModule(wasm), text, {
    builtins: hostBuiltins(() => 0n, undefined),
    // As the package does, which leaves a built-in that fails undefined.
    strictBuiltinErrors: false,
    stepsMax,
    memoryBytes: memoryBytesFor(text),
  });
  const policy = sdk.loadPolicySync(bare, { initial: 16, maximum: 2048 });
  policy.setData(data);
  return (input: object) => ({
    own: JSON.parse(instance.evaluate(0, Buffer.from(JSON.stringify(input)))) as unknown,
    sdk: policy.evaluate(input),
  });
}

const text = fc.string({ maxLength: 8 });
const input = fc.record({
  text,
  other: text,
  number: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  list: fc.array(fc.oneof(text, fc.integer({ min: -99, max: 99 }), fc.boolean()), { maxLength: 5 }),
  object: fc.dictionary(text, fc.oneof(text, fc.integer({ min: 0, max: 9 })), { maxKeys: 4 }),
});

test.each([
  'x = [count(input.list), count(input.text), count(input.object)]',
  'x = concat(input.other, [input.text, input.text])',
  'x = [lower(input.text), upper(input.text), trim_space(input.text), trim(input.text, input.other)]',
  'x = [contains(input.text, input.other), startswith(input.text, input.other), endswith(input.text, input.other)]',
  'x = [input.number + 1, input.number * 3, input.number - 7, input.number % 10, abs(input.number)]',
  'x = [y | some y in input.list; is_number(y); y > 0]',
  'x = {y | some y in input.list; is_string(y)}',
  'x = {k: v | some k, v in input.object; v != input.text}',
  'x = object.get(input.object, input.text, "none")',
  'x = [max(input.list), min(input.list), sort(input.list)]',
  'x = sum([y | some y in input.list; is_number(y)])',
  'x = array.slice(array.concat(input.list, input.list), 1, 3)',
  'x = object.union(input.object, {"more": input.list})',
  'every y in input.list { y != input.text }; x = true',
  'x = [p | walk(input.object, [p, _])]',
  'x = [split(input.text, ","), substring(input.text, 1, 3)]',
  'x = regex.match("^[a-z]+$", input.text)',
])('the package agrees: %s', async (query) => {
  const both = await bothFor(query, [], {});
  fc.assert(
    fc.property(input, (generated) => {
      const answers = both(generated);
      expect(answers.own).toEqual(answers.sdk);
    }),
    { numRuns: 200 },
  );
});

const workload = '../shared/bench';

test.skipIf(!existsSync(workload))(
  'the package agrees on the workload of comparisons (skipped where it is not at hand)',
  async () => {
    const rego = readFileSync(`${workload}/pol.rego`, 'utf8').replace(/^deny contains .*sprintf.*$/m, '');
    const data = JSON.parse(readFileSync(`${workload}/data.json`, 'utf8')) as object;
    const both = await bothFor('data.mesh.access = x', [{ path: 'pol.rego', text: rego }], data);
    const asked = fc.record({
      product: fc.record({
        domain: fc.constantFrom('sales', 'marketing'),
        region: fc.constantFrom('eu', 'us', 'nowhere'),
        columns: fc.array(
          fc.record(
            { name: text, classification: fc.constantFrom('pii', 'restricted', 'internal') },
            { requiredKeys: ['name'] },
          ),
          { maxLength: 6 },
        ),
      }),
      request: fc.record(
        {
          subject: fc.record({
            domain: fc.constantFrom('sales', 'marketing'),
            clearances: fc.subarray(['pii', 'restricted']),
          }),
          purpose: fc.constantFrom('analytics', 'ops', 'fun'),
          region: fc.constantFrom('eu', 'us'),
          contract: text,
        },
        { requiredKeys: ['subject'] },
      ),
    });
    fc.assert(
      fc.property(asked, (generated) => {
        const answers = both(generated);
        expect(answers.own).toEqual(answers.sdk);
      }),
      { numRuns: 500 },
    );
  },
);
