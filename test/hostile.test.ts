import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inputSchema } from '../src/decision/input.js';
import { sourceOf } from '../src/policy/load.js';
import { readBundles } from '../src/policy/read-bundles.js';
import { EvaluationError } from '../src/rego/evaluation-error.js';
import { stepsMax } from '../src/rego/evaluator.js';
import { hostBuiltins } from '../src/rego/host-builtins.js';
import { createOpaBuiltins } from '../src/rego/opa-builtins.js';
import { engineModule } from '../src/rego/engine-module.js';
import { memoryBytesFor, PolicyInstance } from '../src/rego/policy-instance.js';
import { createToolchain } from '../src/rego/toolchain.js';
import type { ToolchainSource } from '../src/rego/toolchain-protocol.js';

/** How many generated cases each property has: `npm run test:fuzz` sets many. */
const RUNS = Number(process.env['WITAN_FUZZ_RUNS'] ?? 40);
/** Beyond it something hangs; what an evaluation may take is far less, but a busy machine takes its time. */
const HANGS_MS = 8000;

const wasmPath = 'build/toolchain.wasm';
const toolchain = createToolchain({ wasmPath, timeLimitMs: 30_000 });
const opaBuiltins = createOpaBuiltins({ wasmPath });
afterAll(() => {
  opaBuiltins.close();
  return toolchain.close();
});

const metadata =
  '# METADATA\n# title: T\n# description: D\n# custom:\n#   applies_to: [publish, access]\npackage mesh.finance.policy.p\n\n';

function bundleOf(rules: string, more: readonly { path: string; text: string }[] = []): ToolchainSource {
  return {
    layer: 'finance',
    files: [{ path: 'policy/p.rego', text: `${metadata}${rules}\n` }, ...more],
    libraries: [],
    schema: {},
  };
}

async function within<T>(work: () => Promise<T> | T): Promise<T> {
  const started = performance.now();
  const result = await work();
  expect(performance.now() - started).toBeLessThan(HANGS_MS);
  return result;
}

describe('bundles that mean harm', () => {
  const nested = (open: string, close: string, depth: number): string =>
    `${open.repeat(depth)}1${close.repeat(depth)}`;

  test.each<[string, ToolchainSource, RegExp | 'compiles']>([
    [
      'arrays in arrays, 20,000 deep',
      bundleOf(`permit if input.x == ${nested('[', ']', 20_000)}`),
      /nested too deeply/,
    ],
    ['parentheses, 20,000 deep', bundleOf(`permit if ${nested('(', ')', 20_000)}`), /nested too deeply/],
    ['a text of 4 MB', bundleOf(`deny contains "${'a'.repeat(4_000_000)}" if input.x`), 'compiles'],
    [
      '10,000 rules',
      bundleOf(`permit := true\n${Array.from({ length: 10_000 }, (_, n) => `r${n} := ${n}`).join('\n')}`),
      'compiles',
    ],
    ['a rule that needs itself', bundleOf('permit if not permit'), /recursive/],
    ['a number of 200,000 digits', bundleOf(`permit if input.x == ${'9'.repeat(200_000)}`), /number|big/],
    ['a number with a huge exponent', bundleOf('permit if input.x == 1e999999999'), /big/],
    ['no UTF-8 worth the name', bundleOf('deny contains "\u0000\ufffd" if input.x'), /./],
    [
      'data, 100,000 deep',
      bundleOf('permit := true', [{ path: 'data/d.json', text: nested('[', ']', 100_000) }]),
      /depth/,
    ],
    [
      'data with a member twice',
      bundleOf('permit := true', [{ path: 'data/d.json', text: '{"a": 1, "a": 2}' }]),
      /twice/,
    ],
  ])('%s', async (_, source, outcome) => {
    const compiled = await within(() => toolchain.compile(source));
    if (outcome === 'compiles') {
      expect(compiled.errors).toEqual([]);
      return;
    }
    expect(compiled.errors[0]).toMatchObject({ message: expect.stringMatching(outcome) as string });
    expect(compiled.wasm).toBeUndefined();
  });

  test('what takes the compiler for ever is stopped, and the next call works', async () => {
    const impatient = createToolchain({ wasmPath, timeLimitMs: 2000 });
    const source = bundleOf(`permit if ${nested('count([x | x := ', '])', 25)} == 1`);
    await expect(within(() => impatient.compile(source))).rejects.toMatchObject({
      code: 'toolchain_timeout',
    });
    expect((await impatient.compile(bundleOf('permit := true'))).errors).toEqual([]);
    await impatient.close();
  });

  test('real policies with a piece broken out, doubled or exchanged: faults with their place, or none', async () => {
    const bundles = await readBundles('policies');
    const byLayer = new Map(bundles.map((bundle) => [bundle.layer, bundle]));
    const sources = bundles.map((bundle) => sourceOf(bundle, byLayer, inputSchema));
    const change = fc.record({
      source: fc.constantFrom(...sources),
      file: fc.nat(),
      at: fc.nat(),
      length: fc.integer({ min: 1, max: 60 }),
      by: fc.oneof(
        fc.constant(''),
        fc.constantFrom('{', '}', '[', '"', '`', '#', '\n', 'not ', 'every ', '\u0000'),
        fc.string(),
      ),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ source, file, at, length, by }) => {
        const index = file % source.files.length;
        const files = source.files.map((each, position) => {
          if (position !== index) return each;
          const start = at % Math.max(each.text.length, 1);
          return { ...each, text: `${each.text.slice(0, start)}${by}${each.text.slice(start + length)}` };
        });
        const { errors } = await within(() => toolchain.check({ ...source, files }));
        for (const fault of errors) {
          expect(fault.message).not.toBe('');
          expect(fault.file).toBeDefined();
          expect(fault.row).toBeGreaterThan(0);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('evaluations that mean harm end, with a value or an EvaluationError', () => {
  const long = 'a'.repeat(500_000);
  const doubled = Array.from({ length: 40 }, (_, n) => `x${n + 1} := concat("", [x${n}, x${n}])`).join('; ');

  test.each<[string, string, unknown]>([
    [
      'every pair of pairs',
      'some a in input; some b in input; some c in input; some d in input; [a, b] == [c, d]; a != c',
      Array.from({ length: 500 }, (_, n) => n),
    ],
    [
      'all subsets as sets',
      'x := {[a, b, c, d] | some a in input; some b in input; some c in input; some d in input}',
      Array.from({ length: 100 }, (_, n) => n),
    ],
    ['a text that doubles', `x0 := "a"; ${doubled}`, null],
    [
      'one text looked for in another',
      'indexof(input, concat("", [substring(input, 0, 250000), "b"])) == 3',
      long,
    ],
    ['all places of a text', 'count(indexof_n(input, "a")) == 1', long],
    ['a text counted', 'strings.count(input, "aa") == 1', long],
    ['a text replaced by a longer one', 'x := replace(input, "a", input)', long],
    ['a text split and joined', 'x := concat(input, split(input, ""))', 'a'.repeat(20_000)],
    ['an exponential regular expression', 'regex.match("^(a+)+$", concat("", [input, "b"]))', long],
    ['a regular expression of many', 'regex.match("((a{0,100}){0,100}){0,100}", input)', long],
    ['every match', 'count(regex.find_n("a*?", input, -1)) == 1', long],
    ['a replacement for every match', 'x := regex.replace(input, "", input)', long],
    ['a template of expressions', 'regex.template_match("{.*}{.*}{.*}", input, "{", "}")', long],
    ['globs that meet', 'regex.globs_match("[a-z]*[a-z]*[a-z]*[a-z]*b", "[a-z]*[a-z]*[a-z]*c")', null],
    ['a glob of many alternatives', `glob.match("${'{a,b,c}'.repeat(200)}", [], input)`, long],
    ['a width of a milliard', 'x := sprintf("%1000000000d", [1])', null],
    ['a precision of a milliard', 'x := sprintf("%.1000000000f", [1.5])', null],
    ['a range of a billion', 'x := numbers.range(1, 1000000000000)', null],
    ['a range in tiny steps', 'x := numbers.range_step(0, 100000000, 1)', null],
    ['a shift by a milliard', 'x := bits.lsh(1, 1000000000)', null],
    ['a huge exponent', 'x := to_number("1e999999999") * 2', null],
    ['huge exponents compared', 'to_number("1e99999999") < to_number("1e99999998")', null],
    ['a huge exponent rounded', 'x := round(to_number("1e99999999"))', null],
    ['a huge number formatted', 'x := format_int(to_number("1e100000"), 2)', null],
    [
      'numbers of 200,000 digits multiplied',
      'x := to_number(input) * to_number(input); y := x * x; y > 3',
      '9'.repeat(200_000),
    ],
    ['units beyond measure', 'x := units.parse("1e999999999E")', null],
    ['bytes beyond measure', 'x := units.parse_bytes("1e999999999PB")', null],
    [
      'a date in a milliard years',
      'x := time.add_date(time.now_ns(), 1000000000, 1000000000, 1000000000)',
      null,
    ],
    ['a network with all addresses', 'x := net.cidr_expand("::/0")', null],
    [
      'networks merged',
      'x := net.cidr_merge([c | some i in numbers.range(0, 20000); c := sprintf("10.%d.%d.0/24", [floor(i / 256), i % 256])])',
      null,
    ],
    ['JSON text nested deeply', 'x := json.unmarshal(input)', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    [
      'YAML of aliases',
      'x := yaml.unmarshal(input)',
      [
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...'bcdefgh'
          .split('')
          .map(
            (name, n) =>
              `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefg'.charAt(n)}`).join(',')}]`,
          ),
      ].join('\n'),
    ],
    [
      'a patch that copies what it patches',
      'x := json.patch(input, [{"op": "copy", "from": "", "path": sprintf("/%d", [i])} | some i in numbers.range(0, 60)])',
      [],
    ],
    [
      'a template without end',
      'x := strings.render_template("{{range .l}}{{range $.l}}{{range $.l}}x{{end}}{{end}}{{end}}", {"l": input})',
      Array.from({ length: 1000 }, (_, n) => n),
    ],
    [
      'walking everything while walking everything',
      'walk(input, [p, v]); walk(input, [q, w]); walk(input, [r, u]); v == w; w == u; p != q; q != r',
      Array.from({ length: 300 }, (_, n) => [n]),
    ],
    [
      'paths of a full graph',
      'x := graph.reachable_paths({s: input | some s in input}, ["0"])',
      Array.from({ length: 12 }, (_, n) => String(n)),
    ],
    [
      'unions of unions',
      'x := object.union_n([object.union({k: v}, input) | some k, v in input])',
      Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`k${n}`, n])),
    ],
  ])('%s', async (_, query, input) => {
    const { errors, wasm } = await toolchain.assemble(query, []);
    expect(errors).toEqual([]);
    const instance = new PolicyInstance(engineModule(wasm), '{}', {
      builtins: hostBuiltins(() => 1_700_000_000_000_000_000n, opaBuiltins),
      strictBuiltinErrors: true,
      stepsMax,
      memoryBytes: memoryBytesFor('{}'),
    });
    const bytes = Buffer.from(JSON.stringify(input));
    await within(() => {
      try {
        instance.evaluate(0, bytes);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(EvaluationError);
      }
    });
    // Whatever happened, the instance can be used again.
    instance.renew();
    expect(() => instance.evaluate(0, Buffer.from('null'))).not.toThrow(TypeError);
  });
});

describe('inputs that mean harm', () => {
  let instance: PolicyInstance;
  beforeAll(async () => {
    const { wasm } = await toolchain.assemble('x = [input.text, count(input.list), input]', []);
    instance = new PolicyInstance(engineModule(wasm), '{}', {
      builtins: {},
      strictBuiltinErrors: true,
      stepsMax,
      memoryBytes: memoryBytesFor('{}'),
    });
  });

  test('any bytes are read as JSON, or refused', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.tuple(fc.json(), fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
        const broken = Buffer.from(text);
        broken[at % Math.max(broken.length, 1)] = byte;
        return broken;
      }),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (input) => {
        await within(() => {
          try {
            instance.evaluate(0, input);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(EvaluationError);
            instance.renew();
          }
        });
      }),
      { numRuns: RUNS * 20 },
    );
  });

  test.each([
    ['nesting without end', `{"list": ${'['.repeat(300_000)}`],
    ['a number of a million digits', `{"list": [${'9'.repeat(1_000_000)}]}`],
    ['lone surrogates', '{"text": "\\ud800", "list": []}'],
    ['a surrogate and no other', '{"text": "\\ud800x", "list": []}'],
    ['a member twice', '{"text": 1, "text": 2, "list": []}'],
    ['an object where a list is read', '{"text": "", "list": {}}'],
  ])('%s', async (_, text) => {
    await within(() => {
      try {
        instance.evaluate(0, Buffer.from(text));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(EvaluationError);
        instance.renew();
      }
    });
    expect(instance.evaluate(0, Buffer.from('{"text": "a", "list": [1]}'))).toContain('"a",1');
  });
});
