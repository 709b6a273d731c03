import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPolicyModule } from './evaluator.js';
import { recurring } from '../document/recurring.js';
import { moduleInput, type PolicyModule } from './policy-module.js';
import { readsOf } from './reads.js';
import { withoutReads } from './testing/without-reads.js';
import { createToolchain, type Toolchain } from './toolchain.js';
import type { SourceFile } from './toolchain-protocol.js';

let toolchain: Toolchain;
beforeAll(() => {
  toolchain = createToolchain({ wasmPath: 'build/toolchain.wasm', timeLimitMs: 120_000 });
});
afterAll(() => toolchain.close());

/** Conditions over an input whose members are `a` to `d`, in every way in which Rego reads a value. */
const CONDITIONS: readonly string[] = [
  'input.a',
  'not input.a',
  'input.a.b',
  'not input.a.b.c',
  'input.a == input.b',
  'input.a != input.b.c',
  'input.a == "x"',
  'input.a == 1',
  'input.a.b == null',
  'input.a == {}',
  'input.a == []',
  'input.a < input.b',
  'input.a[0]',
  'input.a[0].b == input.c[1].b',
  'input.a[input.b]',
  'input.a[input.b].c',
  'input.a[_].b == input.c',
  'input.a[_][_] == "x"',
  'input == {"a": 1}',
  'input[_].b == "x"',
  'some x in input.a; not x.b',
  'some k, x in input.a; k == "b"; x',
  'some k, _ in input.a; k == 1',
  'some k, x in input.a; input.b[k] == x',
  'some x in input.a; some y in x; y.b == input.c',
  'some x in input.a; x == input.b',
  '"x" in input.a',
  '"b", "x" in input.a',
  'input.a in {"x", 1}',
  'every x in input.a { x.b }',
  'every k, x in input.a { k != "b"; not x.c }',
  'count(input.a) == 2',
  'count(input.a[_]) == 1',
  '"b" in object.keys(input.a)',
  'object.get(input.a, "b", null) == null',
  'object.get(input.a, "b", {"c": 1}).c == 1',
  'object.get(input, ["a", "b"], "x") == "x"',
  'object.get(input, ["a", input.d], "x") == "x"',
  'object.get(input.a, input.d, input.b).c',
  'is_object(input.a)',
  'is_array(input.a.b)',
  'type_name(input.a.b) == "array"',
  '[x, y] := input.a; x.b == y',
  '[x, _] = input.a; x',
  '{"b": x} := input.a; x.c',
  '{"b": x, "c": _} = input.a; x',
  'walk(input.a, [path, "x"]); count(path) > 0',
  'json.marshal(input.a) == `{"b":1}`',
  'sprintf("%v", [input.a.b]) == "1"',
  'concat("", [input.a, input.b]) == "xx"',
  'sum([x.b | some x in input.a; is_number(x.b)]) > 1',
  'count({x | some x in input.a}) == 1',
  'found := {k: x.b | some k, x in input.a}; found[input.d]',
  'object.union(input.a, {"c": 1}).b',
  'json.filter(input.a, ["b"]) == {"b": 1}',
  'object.remove(input.a, ["b"]) == {}',
  'x := input.a; y := x.b; y.c',
  'x := input; x.a.b',
  'named(input.a) == "x"',
  'named(named(input.a))',
  'either(input.a).c',
  'chosen.c',
  'preset.b',
  'whole.b == "x"',
  'gathered[_].c',
  '"x" in gathered',
  'by_name[input.d].b',
  'data.mesh.finance.data[input.d].deny',
  'whole.b with input as {"a": input.c}',
  'whole.b with input as input.c',
  'whole.b with input.a.b as input.c',
  'whole.c with input.a.b as input.c',
  'named(input.a) with input.a as input.b',
  'count(input.a) > 1 with input.a.b as 1',
  'input.a.b with input.a as [1]',
  'some x in input.c; whole.b with input as x',
  'some x in input.c; count(gathered) > 1 with input.a as x',
];

/** What the conditions call. */
const RULES = `
named(thing) := thing.b

either(thing) := thing.b if thing.a == "x"

either(thing) := thing.c if thing.b == "x"

chosen := input.a if {
	input.a.b
} else := input.b if {
	input.b.c
}

default preset := {"b": 1}

preset := input.c if input.c.b

whole := input.a

gathered contains x.b if some x in input.a

by_name[x.c] := x if some x in input.c
`;

function policy(name: string, condition: string): SourceFile {
  const metadata = ['METADATA', 'title: T', 'description: D', 'custom:', '  applies_to: [publish, access]'];
  const body = condition.replaceAll('; ', '\n\t');
  const text = `${metadata.map((line) => `# ${line}`).join('\n')}\npackage mesh.finance.policy.${name}\n\ndeny contains "x" if {\n\t${body}\n}\n${RULES}`;
  return { path: `policy/${name}.rego`, text };
}

/** Values that the conditions tell apart: few names and texts, every type, and whole numbers that JavaScript rounds. */
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>('x', 'b', 'c', '', 0, 1, 2.5, true, false, null, 2n ** 70n, undefined),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', '0', '1', 'x', '__proto__'), tie('value'), {
      maxKeys: 4,
    }),
  ),
})).value;
const anyInput = fc.record({ a: value, b: value, c: value, d: value, e: value }, { requiredKeys: [] });

describe('an evaluation of what is read', () => {
  let projected: PolicyModule;
  let whole: PolicyModule;
  const forms = CONDITIONS.map((condition, index) => ({ name: `p${index}`, condition }));

  beforeAll(async () => {
    const files = forms.map(({ name, condition }) => policy(name, condition));
    files.push({ path: 'data/x.json', text: '{"deny": true}' });
    const compiled = await toolchain.compile({ layer: 'finance', files, libraries: [], schema: {} });
    expect(compiled.errors).toEqual([]);
    const wasm = compiled.wasm!;
    projected = createPolicyModule(wasm, compiled.data);
    whole = createPolicyModule(withoutReads(wasm), compiled.data);
  });

  test('is one of the whole input, whatever is read and in whatever way', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const names = ['witan/publish', 'witan/access', ...forms.map(({ name }) => `witan/policy/${name}`)];
        const apart = moduleInput(input, ['a', 'b', 'c']);
        for (const each of [input.a, input.b]) if (typeof each === 'object' && each !== null) recurring(each);
        for (const name of names) {
          const expected = whole.evaluate(name, moduleInput(input), 0);
          expect({ name, said: projected.evaluate(name, moduleInput(input), 0) }).toEqual({
            name,
            said: expected,
          });
          // The second time what recurs is there already.
          for (let turn = 0; turn < 2; turn += 1) {
            expect({ name, said: projected.evaluate(name, apart, 0) }).toEqual({ name, said: expected });
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('each condition is met by some of the inputs, so that the property says something', () => {
    const met = new Set<string>();
    for (const input of fc.sample(anyInput, { numRuns: 3000, seed: 7 })) {
      for (const { name } of forms) {
        if (met.has(name)) continue;
        const said = whole.evaluate(`witan/policy/${name}`, moduleInput(input), 0);
        if (said.ok && JSON.stringify(said.value).includes('deny')) met.add(name);
      }
    }
    expect(met.size).toBeGreaterThan(forms.length * 0.75);
  });
});

describe('what an entrypoint does not read', () => {
  test('does not reach the module, however large it is', async () => {
    const files = [policy('p', 'input.a.b == "x"')].map((file) => ({
      ...file,
      text: file.text.replace(RULES, ''),
    }));
    const { wasm, data } = await toolchain.compile({ layer: 'finance', files, libraries: [], schema: {} });
    const module = createPolicyModule(wasm!, data);
    const contracts = [{ text: 'x'.repeat(10_000_000) }];
    const said = { ok: true, value: { p: { deny: ['x'] } } };
    const input = { a: { b: 'x', c: contracts }, contracts };
    expect(module.evaluate('witan/access', moduleInput(input), 0)).toEqual(said);
    // More than the memory of a module would hold.
    const huge = { ...input, contracts: Array.from({ length: 40 }, () => contracts) };
    expect(module.evaluate('witan/access', moduleInput(huge), 0)).toEqual(said);
    expect(
      createPolicyModule(withoutReads(wasm!), data).evaluate('witan/access', moduleInput(huge), 0),
    ).toMatchObject({
      ok: false,
      error: { code: 'memory_exhausted' },
    });
    expect(readsOf(new WebAssembly.Module(withoutReads(wasm!))).size).toBe(0);
  });
});
