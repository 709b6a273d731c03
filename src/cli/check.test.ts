import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCheck } from './check.js';
import { EXIT } from './terminal.js';
import { runTest } from './test.js';
import { bench, folderOf, SMALL_POLICIES } from './testing/bench.js';

const fine = folderOf(SMALL_POLICIES);
const support = SMALL_POLICIES['global/policy/support.rego'] ?? '';
const faulty = folderOf({
  ...SMALL_POLICIES,
  'global/policy/support.rego': `${support}\nx if y == 2\n`,
  'domains/sales/manifest.yaml': 'layer: sales\n',
});
const failing = folderOf({
  ...SMALL_POLICIES,
  'global/test/support_test.rego':
    'package mesh.global.test.support\n\nimport data.mesh.global.policy.support\n\ntest_without if {\n\tcount(support.deny) == 2 with input as {"product": {}}\n}\n',
});

afterAll(() => {
  for (const folder of [fine, faulty, failing]) folder.remove();
});

describe('witan check', () => {
  const check = async (policies: string, format: Parameters<typeof runCheck>[0]['format'] = 'pretty') => {
    const needs = bench();
    const code = await runCheck({ policies, format }, needs);
    return { code, out: needs.out(), err: needs.err() };
  };

  it('is fine with bundles that are', async () => {
    const { code, out, err } = await check(fine.path);
    expect({ code, out, err }).toEqual({
      code: EXIT.fine,
      out: '',
      err: 'fine: 2 policies in 1 bundle, no faults\n',
    });
  });

  it('reports a bundle that cannot be read and checks the others', async () => {
    const { code, out, err } = await check(faulty.path);
    expect(code).toBe(EXIT.no);
    expect(out).toMatch(/domains\/sales\/manifest\.yaml:1:1: .*\[manifest_invalid\]/);
    expect(out).toMatch(/global\/policy\/support\.rego:\d+:6: var y is unsafe \[rego_unsafe_var_error\]/);
    expect(err).toMatch(/^\d faults: 2 policies in 2 bundles\n$/);
  });

  it('writes annotations, JUnit and JSON', async () => {
    expect((await check(faulty.path, 'github')).out).toMatch(
      /^::error file=.*support\.rego,line=\d+,col=6::/m,
    );
    expect((await check(faulty.path, 'junit')).out).toContain(
      '<testcase classname="witan check" name="global">',
    );
    expect(JSON.parse((await check(faulty.path, 'json')).out).layers).toHaveLength(2);
  });

  it('refuses a folder that does not exist', async () => {
    await expect(check(join(fine.path, 'nowhere'))).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('witan test', () => {
  const test = async (policies: string, options: Partial<Parameters<typeof runTest>[0]> = {}) => {
    const needs = bench();
    const code = await runTest({ policies, format: 'pretty', verbose: false, ...options }, needs);
    return { code, out: needs.out(), err: needs.err() };
  };

  it('counts what passed and names policies without a test', async () => {
    const { code, out, err } = await test(fine.path, { verbose: true });
    expect(code).toBe(EXIT.fine);
    expect(out).toMatch(/^pass mesh\.global\.test\.support\.test_without .*\n/);
    expect(out).toMatch(/global +1 +0 +0 +0 /);
    expect(err).toBe('no test names the policy global/season\n1 test, none failed\n');
  });

  it('says no when tests fail, and where', async () => {
    const { code, out } = await test(failing.path);
    expect(code).toBe(EXIT.no);
    expect(out).toMatch(/^fail mesh\.global\.test\.support\.test_without\n {2}.*support_test\.rego:[56]/);
    expect((await test(failing.path, { format: 'github' })).out).toMatch(/^::error file=.*,line=[56],/);
    const junit = (await test(failing.path, { format: 'junit' })).out;
    expect(junit).toContain('tests="1" failures="1" errors="0"');
  });

  it('says no when none ran', async () => {
    expect(await test(fine.path, { filter: 'nothing_such' })).toMatchObject({
      code: EXIT.no,
      err: 'no tests ran\n',
    });
  });

  it('refuses a filter that is no regular expression', async () => {
    await expect(test(fine.path, { filter: '(' })).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
