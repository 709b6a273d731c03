import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCheck } from './check.js';
import { EXIT } from './terminal.js';
import { bench, folderOf, SMALL_POLICIES } from './testing/bench.js';

const support = SMALL_POLICIES['global/policy/support.rego'] ?? '';
const fine = folderOf(SMALL_POLICIES);
const faulty = folderOf({
  ...SMALL_POLICIES,
  'global/policy/support.rego': `${support}\nx if y == 2\n`,
  'domains/sales/manifest.yaml': 'layer: sales\n',
});
const doubtful = folderOf({
  ...SMALL_POLICIES,
  'global/policy/support.rego': `${support.replace('#   owner: the house\n', '')}\ndeny contains "%" if input.kind == "acces"\n`,
});
const misspelt = folderOf({
  ...SMALL_POLICIES,
  'global/policy/support.rego': `${support}\ndeny contains "x" if strings.revers(input.product.nam) == ""\n`,
});
afterAll(() => {
  for (const folder of [fine, faulty, doubtful, misspelt]) folder.remove();
});

const check = async (
  policies: string,
  format: Parameters<typeof runCheck>[0]['format'] = 'pretty',
  strict = false,
) => {
  const needs = bench();
  const code = await runCheck({ policies, format, strict }, needs);
  return { code, out: needs.out(), err: needs.err() };
};

describe('witan check', () => {
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
      '<testcase classname="witan check" name="global"><failure',
    );
    expect(JSON.parse((await check(faulty.path, 'json')).out).layers).toHaveLength(2);
  });

  it('says what a slip was probably meant for', async () => {
    const { out } = await check(misspelt.path);
    expect(out).toContain('undefined function strings.revers; did you mean `strings.reverse`?');
  });

  it('finds a policy that takes for ever, with its place', async () => {
    const columns = (name: string) =>
      `\tsome ${name} in [column.name | some table in input.contracts[0].schema; some column in table.properties]\n`;
    const slow = folderOf({
      ...SMALL_POLICIES,
      'global/policy/support.rego': `${support}\ndeny contains {"message": "twice"} if {\n${columns('a')}${columns('b')}${columns('c')}\ta == b\n\tb == c\n\ta == "none"\n}\n`,
    });
    const { code, out } = await check(slow.path);
    slow.remove();
    expect(code).toBe(EXIT.no);
    expect(out).toMatch(
      /global\/policy\/support\.rego:9: the evaluation took more than \d+ steps \[policy_too_slow\]/,
    );
  });

  it('refuses a folder that does not exist', async () => {
    await expect(check(join(fine.path, 'nowhere'))).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('warnings of witan check', () => {
  const file = relative('', join(doubtful.path, 'global/policy/support.rego'));

  it('are shown, and change nothing', async () => {
    const { code, out, err } = await check(doubtful.path);
    expect({ code, err }).toEqual({
      code: EXIT.fine,
      err: 'fine: 2 policies in 1 bundle, no faults, 2 warnings\n',
    });
    expect(out.split('\n')).toEqual([
      expect.stringMatching(
        /^.*:8:1: warning: the metadata name no `custom\.owner`: .*\[lint_owner_missing\]$/,
      ),
      `${file}:18:22: warning: \`acces\` is none of the values that \`input.kind\` may have: publish, access, consume; did you mean \`access\`? [lint_enum_value]`,
      '',
    ]);
  });

  it('are an answer of no when they are to be', async () => {
    expect(await check(doubtful.path, 'pretty', true)).toMatchObject({
      code: EXIT.no,
      err: '2 warnings: 2 policies in 1 bundle\n',
    });
    expect((await check(fine.path, 'pretty', true)).code).toBe(EXIT.fine);
  });

  it('are annotations at the line they are about', async () => {
    const { out } = await check(doubtful.path, 'github');
    expect(out).toContain(`::warning file=${file},line=18,col=22::`);
    expect(out).not.toContain('::error');
  });

  it('stand beside a case that passes, and fail it when they are to', async () => {
    const lenient = (await check(doubtful.path, 'junit')).out;
    expect(lenient).toContain('failures="0"');
    expect(lenient).toMatch(/name="global"><system-out>.*lint_enum_value/s);
    const strict = (await check(doubtful.path, 'junit', true)).out;
    expect(strict).toContain('failures="1"');
    expect(strict).toMatch(/name="global"><failure message="the metadata name.*lint_enum_value/s);
  });

  it('are data', async () => {
    const { warnings, faults } = JSON.parse((await check(doubtful.path, 'json')).out);
    expect(faults).toEqual([]);
    expect(warnings).toEqual([
      expect.objectContaining({ code: 'lint_owner_missing', file, row: 8, column: 1 }),
      expect.objectContaining({ code: 'lint_enum_value', file, row: 18, column: 22 }),
    ]);
  });
});
