import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EXIT } from './terminal.js';
import { runTest } from './test.js';
import { bench, folderOf, SMALL_POLICIES } from './testing/bench.js';

const rule = (tests: string): string =>
  `package mesh.global.test.support\n\nimport data.mesh.global.policy.support\n\n${tests}`;
const some = folderOf(SMALL_POLICIES);
const failing = folderOf({
  ...SMALL_POLICIES,
  'global/test/support_test.rego': rule(
    'test_without if {\n\tcount(support.deny) == 2 with input as {"product": {}}\n}\n',
  ),
});
const complete = folderOf({
  ...SMALL_POLICIES,
  'global/test/support_test.rego': rule(`test_without if {
	count(support.deny) == 1 with input as {"product": {}}
	count(support.advice) == 0 with input as {"product": {}}
}

test_with if {
	count(support.deny) == 0 with input as {"product": {"support": [{"channel": "#x"}], "status": "draft"}}
	count(support.advice) == 1 with input as {"product": {"support": [{"channel": "#x"}], "status": "draft"}}
}
`),
  'global/test/season_test.rego': `package mesh.global.test.season

import data.mesh.global.policy.season

test_in_may if {
	season.permit with input as {"now": "2026-05-01T00:00:00Z"}
	count(season.obligations) == 1 with input as {"now": "2026-05-01T00:00:00Z"}
}

test_in_june if {
	not season.permit with input as {"now": "2026-06-01T00:00:00Z"}
	count(season.obligations) == 0 with input as {"now": "2026-06-01T00:00:00Z"}
}
`,
});
afterAll(() => {
  for (const folder of [some, failing, complete]) folder.remove();
});

const test = async (policies: string, options: Partial<Parameters<typeof runTest>[0]> = {}) => {
  const needs = bench();
  const given = { policies, format: 'pretty', verbose: false, strict: false, coverage: false } as const;
  const code = await runTest({ ...given, ...options }, needs);
  return { code, out: needs.out(), err: needs.err() };
};

describe('witan test', () => {
  it('counts what passed', async () => {
    const { code, out, err } = await test(complete.path, { verbose: true });
    expect(code).toBe(EXIT.fine);
    expect(out).toMatch(/^pass mesh\.global\.test\.season\.test_in_may .*\npass .*test_in_june .*\npass /);
    expect(out).toMatch(/global +4 +0 +0 +0 /);
    expect(err).toBe('4 tests, none failed\n');
  });

  it('says no when tests fail, and where', async () => {
    const { code, out } = await test(failing.path);
    expect(code).toBe(EXIT.no);
    expect(out).toMatch(/^fail mesh\.global\.test\.support\.test_without\n {2}.*support_test\.rego:6:2: /);
    const file = relative('', join(failing.path, 'global/test/support_test.rego'));
    expect((await test(failing.path, { format: 'github' })).out).toContain(
      `::error file=${file},line=6,col=2,title=mesh.global.test.support.test_without::`,
    );
    const junit = (await test(failing.path, { format: 'junit' })).out;
    expect(junit).toMatch(/<testsuites name="witan test" tests="2" failures="1" errors="0"/);
  });

  it('says no when none ran', async () => {
    expect(await test(some.path, { filter: 'nothing_such' })).toMatchObject({
      code: EXIT.no,
      err: 'no tests ran\n',
    });
  });

  it('refuses a filter that is no regular expression', async () => {
    await expect(test(some.path, { filter: '(' })).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('outcomes that no test sees', () => {
  const policy = (name: string): string => relative('', join(some.path, `global/policy/${name}.rego`));

  it('are warned of at the rule, and change nothing', async () => {
    const { code, out, err } = await test(some.path);
    expect({ code, err }).toEqual({ code: EXIT.fine, err: '1 test, none failed, 4 warnings\n' });
    expect(out.split('\n').filter((line) => line.includes('warning'))).toEqual([
      `${policy('season')}:11:1: warning: no test asks \`permit\` [lint_outcome_untested]`,
      `${policy('season')}:13:1: warning: no test asks \`obligations\` [lint_outcome_untested]`,
      `${policy('support')}:11:1: warning: no test sees that \`deny\` says nothing [lint_outcome_untested]`,
      `${policy('support')}:15:1: warning: no test asks \`advice\` [lint_outcome_untested]`,
    ]);
  });

  it('are an answer of no when they are to be', async () => {
    expect((await test(some.path, { strict: true })).code).toBe(EXIT.no);
    expect((await test(complete.path, { strict: true })).code).toBe(EXIT.fine);
    const junit = (await test(some.path, { strict: true, format: 'junit' })).out;
    expect(junit).toContain(
      '<testcase classname="global" name="lint"><failure message="no test asks `permit`">',
    );
  });

  it('are annotations', async () => {
    const { out } = await test(some.path, { format: 'github' });
    expect(out).toContain(
      `::warning file=${policy('season')},line=11,col=1::no test asks \`permit\` [lint_outcome_untested]\n`,
    );
  });

  it('are not asked for when a filter leaves tests out', async () => {
    expect((await test(some.path, { filter: 'test_without' })).err).toBe('1 test, none failed\n');
  });
});

describe('coverage', () => {
  const season = relative('', join(some.path, 'global/policy/season.rego'));

  it('is shown by file with the lines that no test reaches', async () => {
    const { code, out, err } = await test(some.path, { coverage: true });
    expect(code).toBe(EXIT.fine);
    const [, table = ''] = out.split('\n\n');
    expect(table.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '))).toEqual([
      'file | covered | lines that no test reaches',
      `${season} | 0.0 % | 11, 13-14`,
      `${relative('', join(some.path, 'global/policy/support.rego'))} | 50.0 % | 15-16`,
      'total | 28.5 %',
      '',
    ]);
    expect(err).toBe('1 test, none failed, 4 warnings, 28.5 % covered\n');
    expect((await test(some.path)).out).not.toContain('covered');
  });

  it('is data', async () => {
    const { coverage, layers } = JSON.parse((await test(some.path, { coverage: true, format: 'json' })).out);
    expect(coverage).toEqual({ percent: expect.closeTo(200 / 7), covered_lines: 2, not_covered_lines: 5 });
    expect(layers[0].coverage.files[0]).toEqual({
      file: season,
      percent: 0,
      covered: [],
      not_covered: [
        { from: 11, to: 11 },
        { from: 13, to: 14 },
      ],
    });
  });

  it('is noticed in annotations', async () => {
    const { out } = await test(some.path, { coverage: true, format: 'github' });
    expect(out).toContain(`::notice file=${season},line=13::no test reaches the lines 13-14\n`);
  });

  it('is an answer of no below what it must be', async () => {
    expect(await test(some.path, { coverage: true, coverageMin: 28.6 })).toMatchObject({
      code: EXIT.no,
      err: expect.stringMatching(/at least 28\.6 % must be covered\n$/),
    });
    expect((await test(some.path, { coverage: true, coverageMin: 28.5 })).code).toBe(EXIT.fine);
    expect((await test(complete.path, { coverage: true, coverageMin: 100 })).code).toBe(EXIT.fine);
  });
});
