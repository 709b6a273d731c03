import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runComply } from './comply.js';
import { EXIT } from './terminal.js';
import { bench, folderOf, SMALL_POLICIES } from './testing/bench.js';

const policies = folderOf(SMALL_POLICIES);
const descriptors = folderOf({
  'fine.yaml':
    'apiVersion: v1.0.0\nkind: DataProduct\nid: fine\nname: Fine\nstatus: draft\nteam: { name: Kin }\nsupport:\n  - channel: chat\n    url: https://chat.example\n',
  'faulty.yaml':
    'apiVersion: v1.0.0\nkind: DataProduct\nid: faulty\nname: Faulty & "<co>"\nstatus: active\nteam: { name: Kin }\n',
  'broken.json': '{\n  "kind": "DataProduct",\n  "id" 1\n}\n',
  'empty.jsonl': '\n',
  'lines.jsonl': [
    '',
    '{"file":"a.json","descriptor":{"apiVersion":"v1.0.0","kind":"DataProduct","id":"a","status":7}}',
    '{"file":"b.json","text":"{\\n \\"id\\": }"}',
    '{"apiVersion":"v1.0.0","kind":"DataProduct","id":"c","status":"active"}',
    '{"apiVersion":',
  ].join('\n'),
});
const at = (name: string): string => join(descriptors.path, name);

afterAll(() => {
  policies.remove();
  descriptors.remove();
});

const comply = async (
  files: readonly string[],
  options: Partial<Parameters<typeof runComply>[0]> = {},
  stdin = '',
) => {
  const needs = bench(stdin);
  const given = { files, policies: policies.path, seed: 'none', format: 'json', verbose: false } as const;
  const code = await runComply({ ...given, ...options }, needs);
  return { code, out: needs.out(), err: needs.err() };
};

describe('witan comply', () => {
  it('is fine with what keeps the rules, and says nothing on standard error', async () => {
    const { code, out, err } = await comply([at('fine.yaml')]);
    expect(code).toBe(EXIT.fine);
    expect(err).toBe('');
    const { products, summary } = JSON.parse(out);
    expect(summary).toMatchObject({ descriptors: 1, compliant: 1, faulty: 0, unreadable: 0 });
    expect(products).toMatchObject([
      { file: at('fine.yaml'), product: 'fine', format: 'bitol-odps', compliant: true, code: 'permitted' },
    ]);
    expect(products[0].advice).toMatchObject([{ policy: 'support', message: 'it is on its way' }]);
  });

  it('shows the summary first, then counts, then what to mend', async () => {
    const { code, out } = await comply([descriptors.path], { format: 'table' });
    expect(code).toBe(EXIT.no);
    expect(out).toMatch(/^3 descriptors, 1 compliant, 1 with faults, 1 unreadable\nreading .* \(slowest\)/);
    expect(out).toMatch(/global\/support +hard +binds +1 {2}█{10}░{10} {2}50 %/);
    expect(out).toMatch(/Kin +1 +1\n/);
    expect(out).toMatch(/broken\.json:3:8: .*\[descriptor_malformed\]/);
    expect(out).toMatch(
      /✗ global\/support: nowhere to ask\n.*faulty\.yaml:1:1 \/product\/support\n +remedy: Mend it\./,
    );
  });

  it('reads lines that hold a descriptor, one with its file, or the text of one; places are true', async () => {
    const { code, out } = await comply([at('lines.jsonl')]);
    expect(code).toBe(EXIT.no);
    const { products, summary } = JSON.parse(out);
    expect(summary).toMatchObject({ descriptors: 4, products: 1, unreadable: 3 });
    const byFile = Object.fromEntries(products.map((one: { file: string }) => [one.file, one]));
    expect(byFile[`${at('lines.jsonl')}:4`]).toMatchObject({ product: 'c', code: 'forbidden' });
    expect(byFile['a.json'].error.faults).toMatchObject([{ file: at('lines.jsonl'), row: 2, column: 84 }]);
    expect(byFile['b.json'].error.faults).toMatchObject([{ file: 'b.json', row: 2 }]);
    expect(byFile[`${at('lines.jsonl')}:5`].error.faults).toMatchObject([{ row: 5 }]);
  });

  it.each<[string, string, string]>([
    ['YAML', 'apiVersion: v1.0.0\nkind: DataProduct\nid: x\nstatus: active\n', '(stdin)'],
    ['JSON', '{\n"apiVersion":"v1.0.0","kind":"DataProduct","id":"x","status":"active"}', '(stdin)'],
    ['NDJSON', '{"apiVersion":"v1.0.0","kind":"DataProduct","id":"x","status":"active"}\n', '(stdin):1'],
  ])('reads %s from standard input', async (_, stdin, file) => {
    const { out } = await comply(['-'], {}, stdin);
    expect(JSON.parse(out).products).toMatchObject([{ file, product: 'x', compliant: false }]);
  });

  it('takes a domain that nobody registered for an error', async () => {
    const { code, out } = await comply([at('fine.yaml')], { domain: 'sales' });
    expect(code).toBe(EXIT.no);
    expect(JSON.parse(out).products[0]).toMatchObject({
      code: 'policy_error',
      reasons: [{ layer: 'sales', message: 'the domain `sales` is not registered' }],
    });
  });

  it('writes SARIF with the policies as rules and true places', async () => {
    const { out } = await comply([descriptors.path], { format: 'sarif' });
    const log = JSON.parse(out);
    const [{ tool, results }] = log.runs;
    expect(log.version).toBe('2.1.0');
    expect(tool.driver).toMatchObject({ name: 'witan', semanticVersion: '1.2.3' });
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    const advice = results.find(({ level }: { level: string }) => level === 'note');
    expect(advice.locations[0].physicalLocation).toMatchObject({
      artifactLocation: { uri: `file://${at('fine.yaml')}` },
      region: { startLine: 5, startColumn: 1 },
    });
  });

  it('writes annotations and JUnit', async () => {
    const github = await comply([descriptors.path], { format: 'github' });
    expect(github.out).toMatch(/^::error file=.*broken\.json,line=3,col=8::/m);
    expect(github.out).toMatch(
      /^::error file=.*faulty\.yaml,line=1,col=1::\/product\/support nowhere to ask/m,
    );
    expect(github.out).toMatch(/^::warning file=.*fine\.yaml,line=5,col=1::/m);
    const junit = await comply([descriptors.path], { format: 'junit' });
    expect(junit.out).toContain('<testsuites name="witan comply" tests="3" failures="1" errors="1"');
  });

  it.each<[string, readonly string[], object, string]>([
    ['no file', [], {}, 'invalid_request'],
    ['a file without a line', [at('empty.jsonl')], {}, 'invalid_request'],
    ['a file that does not exist', ['nowhere.yaml'], {}, 'not_found'],
    ['a domain that cannot be one', ['-'], { domain: 'A b' }, 'invalid_request'],
    ['policies that do not exist', [at('fine.yaml')], { policies: 'nowhere' }, 'not_found'],
  ])('refuses %s', async (_, files, options, code) => {
    await expect(comply(files, options)).rejects.toMatchObject({ name: 'WitanError', code });
  });

  const corpus = '../shared/corpus';
  it.skipIf(!existsSync(corpus))(
    'reads the corpus of 767 descriptors (skipped without ../shared)',
    async () => {
      const good = JSON.parse((await comply([`${corpus}/open-data-products.jsonl`])).out);
      expect(good.summary).toMatchObject({ descriptors: 729, products: 729, unreadable: 0 });
      const broken = JSON.parse((await comply([`${corpus}/broken-descriptors.jsonl`])).out);
      expect(broken.summary).toMatchObject({ descriptors: 38, products: 0, unreadable: 38 });
      for (const { error } of broken.products)
        expect(error.faults[0]).toMatchObject({ row: expect.any(Number) });
    },
  );
});
