import { afterAll, describe, expect, it } from 'vitest';
import { createBundleCheck } from './check-bundle.js';
import { sampleRegistry } from '../decision/testing/sample-mesh.js';
import { testToolchain } from '../decision/testing/load-for-test.js';
import { createBundle, type Bundle, type BundleFile } from '../policy/bundle.js';
import { CurrentPolicies } from '../policy/current-policies.js';
import { policiesInForce } from '../policy/in-force.js';
import { readBundles } from '../policy/read-bundles.js';
import { createToolchain } from '../rego/toolchain.js';

const toolchain = testToolchain();
const AT = '2026-06-01T12:00:00.000Z';
afterAll(() => toolchain.close());

/** Checks against what is in force, which nothing here evaluates. */
const checkOf = (inForce: readonly Bundle[], by = toolchain) =>
  createBundleCheck({
    toolchain: by,
    evaluationMsMax: 10_000,
    registry: sampleRegistry(),
    current: new CurrentPolicies({
      policies: policiesInForce(7, []),
      bundles: new Map(inForce.map((bundle) => [bundle.layer, bundle])),
    }),
    nowMs: () => Date.parse(AT),
  });

type Files = Readonly<Record<string, string>>;
const filesOf = (files: Files): readonly BundleFile[] =>
  Object.entries(files).map(([path, text]) => ({ path, text }));
const bundleOf = (files: Files): Bundle => createBundle(filesOf(files));

const policyOf = (layer: string, name: string, rules: string): string => `# METADATA
# title: ${name}
# description: a policy of a test
# custom:
#   applies_to: [access]
#   controls: [house rules]
#   remedy: Mend it.
#   owner: the house
package mesh.${layer.replaceAll('/', '.')}.policy.${name}

${rules}
`;

const LIB = `package mesh.global.lib.words

greeting := "hello"
`;
const TEST = `package mesh.global.test.open

import data.mesh.global.policy.open

test_open_permits if {
	open.permit with input as {"subject": {"id": "ada"}}
}

test_open_is_silent_otherwise if {
	not open.permit with input as {"subject": {"id": "eve"}}
}
`;
const global: Files = {
  'manifest.yaml': `layer: global
version: 1.0.0
policies:
  open: { enforcement: hard }
delegations:
  days_max:
    default: 30
    schema: { type: integer, minimum: 1, maximum: 365 }
council:
  members: { finance: [ada], marketing: [bob] }
`,
  'policy/open.rego': policyOf('global', 'open', 'permit if input.subject.id == "ada"'),
  'lib/words.rego': LIB,
  'data/limits.json': '{ "most": 3 }',
  'test/open_test.rego': TEST,
};
const finance: Files = {
  'manifest.yaml': `layer: finance
version: 1.0.0
policies:
  polite: { enforcement: soft }
parameters:
  days_max: 200
`,
  'policy/polite.rego': policyOf(
    'finance',
    'polite',
    `import data.mesh.global.lib.words

deny contains {"message": "say hello"} if input.context.greeting != words.greeting`,
  ),
  'test/polite_test.rego': `package mesh.finance.test.polite

import data.mesh.finance.policy.polite

test_hello_is_polite if {
	count(polite.deny) == 0 with input as {"context": {"greeting": "hello"}}
}

test_hi_is_not if {
	count(polite.deny) == 1 with input as {"context": {"greeting": "hi"}}
}
`,
};
const risk: Files = {
  'manifest.yaml': 'layer: finance/risk\nversion: 1.0.0\npolicies: {}\nparameters: { days_max: 100 }\n',
};
const inForce = [global, finance, risk].map(bundleOf);
const checking = checkOf(inForce);
const check = (bundle: Bundle) => checking.check(bundle);
const checkFiles = (layer: string, files: readonly BundleFile[]) => checking.checkFiles(layer, files);
const edited = (files: Files, path: string, from: string | RegExp, to: string): Bundle => {
  const text = (files[path] ?? '').replace(from, to);
  expect(text).not.toBe(files[path]);
  return bundleOf({ ...files, [path]: text });
};

describe('the checks of a bundle', () => {
  it('pass what is right, and say what tests reach', async () => {
    const report = await check(bundleOf(global));
    expect(report).toEqual({
      at: AT,
      revision: 7,
      faults: [],
      warnings: [],
      tests: { passed: 2, failed: 0 },
      coverage: expect.closeTo(0.5, 0),
    });
  });

  it.each([
    ['what does not parse', 'policy/open.rego', /permit if.*/, 'permit if {', 'rego_parse_error', 12],
    ['a type that is wrong', 'policy/open.rego', 'subject.id', 'subject.idd', 'rego_type_error', 11],
    [
      'a package of another layer',
      'policy/open.rego',
      'mesh.global.policy.open',
      'mesh.sales.policy.open',
      'rego_root_error',
      9,
    ],
    [
      'a built-in that is not allowed',
      'policy/open.rego',
      'input.subject.id == "ada"',
      'http.send({"method": "get", "url": input.subject.id})',
      'rego_builtin_refused',
      11,
    ],
    ['what is not formatted', 'policy/open.rego', 'permit if', 'permit   if', 'not_formatted', 11],
    ['a test that fails', 'test/open_test.rego', '"ada"', '"bob"', 'tests_failed', 6],
  ])('find %s', async (_, path, from, to, code, row) => {
    const { faults } = await check(edited(global, path, from, to));
    expect(faults[0]).toMatchObject({ file: path, code, row });
  });

  it('say how to mend a file that is not formatted', async () => {
    const { faults } = await check(
      edited(global, 'test/open_test.rego', 'test_open_permits if', 'test_open_permits   if'),
    );
    expect(faults).toEqual([
      {
        file: 'test/open_test.rego',
        row: 5,
        code: 'not_formatted',
        message: "differs from what OPA's formatter writes; `witan format --write` mends it",
      },
    ]);
  });

  it('find a value outside of what the layers above delegate, at its line', async () => {
    const { faults } = await check(edited(finance, 'manifest.yaml', '200', '400'));
    expect(faults).toMatchObject([
      {
        file: 'manifest.yaml',
        row: 6,
        pointer: '/parameters/days_max',
        code: 'parameter_out_of_bounds',
        message: '400 (set by `finance`) lies outside what `global` delegates: days_max must be <= 365',
      },
    ]);
  });

  it('find tests that never end', async () => {
    const hasty = createToolchain({ wasmPath: toolchain.wasmPath, timeLimitMs: 3000 });
    const numbers = 'some x in numbers.range(1, 100000)';
    const slow = bundleOf({
      ...global,
      'test/slow_test.rego': `package mesh.global.test.slow\n\ntest_slow if {\n\t${numbers}\n\tsome y in numbers.range(1, 100000)\n\tx + y == 0\n}\n`,
    });
    const { faults, tests } = await checkOf(inForce, hasty).check(slow);
    await hasty.close();
    expect(faults).toMatchObject([{ code: 'tests_failed', message: /^the tests did not end in time/ }]);
    expect(tests).toEqual({ passed: 0, failed: 0 });
  });

  it('point out a bundle without tests, one of no domain, and the name of a global policy', async () => {
    const sales = {
      'manifest.yaml': 'layer: sales\nversion: 1.0.0\npolicies: { open: { enforcement: soft } }\n',
      'policy/open.rego': policyOf('sales', 'open', 'permit if input.subject.id == "ada"'),
    };
    const { faults, warnings, tests } = await check(bundleOf(sales));
    expect(faults).toEqual([]);
    expect(tests).toEqual({ passed: 0, failed: 0 });
    expect(warnings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['no_tests', 'domain_not_registered', 'policy_name_of_global']),
    );
  });

  it('find a council that nobody would be left in', async () => {
    const { faults } = await check(edited(global, 'manifest.yaml', /council:[^]*/, ''));
    expect(faults).toMatchObject([{ file: 'manifest.yaml', code: 'council_empty' }]);
  });
});

describe('layers below the bundle', () => {
  it.each([
    [
      'bounds are tightened',
      'maximum: 365',
      'maximum: 150',
      '/delegations/days_max',
      '`finance` could not stay in force for its `days_max`: 200 (set by `finance`) lies outside what `global` delegates: days_max must be <= 150',
      ['finance'],
    ],
    [
      'bounds are tightened for more than one',
      'maximum: 365',
      'maximum: 60',
      '/delegations/days_max',
      /^`finance` .*: 200 .*must be <= 60$/,
      ['finance', 'finance/risk'],
    ],
    [
      'a delegation is taken away',
      'days_max:',
      'hours_max:',
      '/delegations',
      '`finance` could not stay in force for its `days_max`: no layer above delegates `days_max`; delegated are: `hours_max`',
      ['finance', 'finance/risk'],
    ],
  ])('are named when %s', async (_, from, to, pointer, message, layers) => {
    const { faults } = await check(edited(global, 'manifest.yaml', from, to));
    expect(faults[0]).toMatchObject({ file: 'manifest.yaml', pointer, row: expect.any(Number) });
    expect(faults[0]?.message).toMatch(message);
    expect(faults.map(({ message: words }) => /^`([^`]*)`/.exec(words)?.[1])).toEqual(layers);
  });

  it('are named with the place when a library that they use is gone', async () => {
    const { 'lib/words.rego': _, ...rest } = global;
    const { faults } = await check(bundleOf(rest));
    expect(faults).toEqual([
      {
        file: 'finance/policy/polite.rego',
        row: 11,
        code: 'library_missing',
        message:
          '`finance` no longer works with this bundle: it uses `data.mesh.global.lib.words`, and `lib/words.rego` is gone',
      },
    ]);
  });

  it('are named with the place when a rule that they read is gone, and tests would fail', async () => {
    const { faults, warnings } = await check(edited(global, 'lib/words.rego', 'greeting', 'salutation'));
    expect(faults).toMatchObject([
      {
        file: 'finance/policy/polite.rego',
        row: 13,
        code: 'library_missing',
        message: expect.stringMatching(/no longer has it$/),
      },
    ]);
    expect(warnings.map(({ code }) => code)).toContain('inner_tests_failed');
  });

  it('are named with the place when a function that they call is gone', async () => {
    const calling = edited(finance, 'policy/polite.rego', 'words.greeting', 'words.greet("ada")');
    const offering = edited(
      global,
      'lib/words.rego',
      'greeting := "hello"',
      'greet(name) := concat(" ", ["hello", name])',
    );
    const { faults } = await checkOf([offering, calling]).check(bundleOf(global));
    expect(faults).toMatchObject([
      {
        file: 'finance/policy/polite.rego',
        row: 13,
        code: 'rego_type_error',
        message: expect.stringMatching(/^`finance` no longer works with this bundle: undefined function /),
      },
    ]);
  });

  it('are named when their tests fail with what a library says now, which may be meant', async () => {
    const { faults, warnings } = await check(edited(global, 'lib/words.rego', 'hello', 'good day'));
    expect(faults).toEqual([]);
    expect(warnings.filter(({ code }) => code === 'inner_tests_failed')).toMatchObject([
      {
        file: 'finance/test/polite_test.rego',
        message: /^a test of `finance` fails with this bundle: test_/,
      },
    ]);
  });
});

describe('files that are checked', () => {
  it('have the digest of their bundle in the report', async () => {
    const report = await checkFiles('finance', filesOf(finance));
    expect(report).toMatchObject({ digest: inForce[1]?.digest, faults: [], tests: { passed: 2, failed: 0 } });
  });

  it('are reported when they make no bundle', async () => {
    const report = await checkFiles('finance', filesOf({ ...finance, 'notes.md': '' }));
    expect(report).toEqual({
      at: AT,
      revision: 7,
      faults: [expect.objectContaining({ file: 'notes.md', code: 'bundle_invalid' })],
      warnings: [],
      tests: { passed: 0, failed: 0 },
    });
    expect((await checkFiles('global', filesOf(finance))).faults).toMatchObject([
      { file: 'manifest.yaml', pointer: '/layer', code: 'manifest_invalid' },
    ]);
    expect((await checkFiles('finance', [])).faults).toMatchObject([{ code: 'manifest_invalid' }]);
  });

  it('are refused when there are too many', async () => {
    const many = Array.from({ length: 2001 }, (_, at) => ({ path: `data/d${at}.json`, text: '{}' }));
    await expect(checkFiles('finance', many)).rejects.toMatchObject({ code: 'bundle_too_large' });
  });
});

it('the default mesh stands up to the checks', async () => {
  const bundles = await readBundles('policies');
  const [law] = bundles;
  if (law === undefined) throw new Error('there is no bundle');
  const report = await checkOf(bundles).check(law);
  expect(report.faults).toEqual([]);
  expect(report.tests.passed).toBeGreaterThan(100);
  expect(report.coverage).toBeGreaterThan(0.9);
});
