import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  jsonOf,
  post,
  root,
  runShell,
  startService,
  temporaryFolder,
  type RunningService,
} from './service.js';
import { recordHead } from '../src/store/sqlite/record-index/record-head.js';
import { witan } from './served-mesh.js';
import { fetchAuthorized } from './tokens.js';

const dataDir = join(temporaryFolder(), 'data');
const requestOf = (name: string) =>
  JSON.parse(readFileSync(join(root, 'fixtures/requests', `${name}.json`), 'utf8'));
let service: RunningService;
let refusedId: string;

beforeAll(async () => {
  service = await startService({ WITAN_DATA_DIR: dataDir });
  const ask = (name: string) => jsonOf(post(`${service.url}/access/v1/evaluation`, requestOf(name)));
  refusedId = (await ask('global-refusal')).context.id;
  for (let count = 0; count < 4; count += 1) await ask('mask');
});
afterAll(() => service.stop());

const get = (path: string) => fetchAuthorized(`${service.url}${path}`);
const put = (name: string, body: object) =>
  fetchAuthorized(`${service.url}/v1/queries/${name}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
const audit = (line: string) => witan('audit', ...line.split(' '));

describe('over HTTP', () => {
  test('records are found by what a finding says, and by the words of the reasons', async () => {
    const { record } = await jsonOf(get(`/v1/records/${refusedId}`));
    const denial = record.findings.find(({ outcome }: { outcome: string }) => outcome === 'deny');
    const found = await jsonOf(
      get(
        `/v1/records?policy=${denial.policy}&layer=${denial.layer}&outcome=deny&enforcement=${denial.enforcement}`,
      ),
    );
    expect(found.records.map((each: any) => each.record.id)).toEqual([refusedId]);
    const [reason] = record.reasons;
    const said = await jsonOf(get(`/v1/records?text=${encodeURIComponent(reason.message.toUpperCase())}`));
    expect(said.records.map((each: any) => each.record.id)).toEqual([refusedId]);
    const none = await jsonOf(get(`/v1/records?policy=${denial.policy}&outcome=error`));
    expect(none.records).toEqual([]);
  });

  test('decisions are written as the index reads them quickest', async () => {
    const { records } = await jsonOf(get('/v1/records?kind=decision'));
    for (const { record } of records) expect(recordHead(JSON.stringify(record))).toBeDefined();
  });

  test('counts, in all and by a field', async () => {
    expect(await jsonOf(get('/v1/records/counts?kind=decision'))).toMatchObject({ total: 5 });
    const counts = await jsonOf(get('/v1/records/counts?kind=decision&by=decision'));
    expect(counts.by).toEqual({
      field: 'decision',
      values: [
        { value: 'true', count: 4 },
        { value: 'false', count: 1 },
      ],
      values_total: 2,
    });
    const refused = await get('/v1/records/counts?by=time');
    expect(refused.status).toBe(400);
    expect((await jsonOf(refused)).detail).toMatch(/`by` is `time`; expected kind, /);
  });

  test('a sample is on record, and is drawn again by what the record says', async () => {
    const drawn = await jsonOf(
      post(`${service.url}/v1/records/samples`, { query: 'decision=true', size: 2 }),
    );
    expect(drawn).toMatchObject({ size: 2, population: 4 });
    expect(drawn.records).toHaveLength(2);
    const { record } = await jsonOf(get(`/v1/records/${drawn.id}`));
    const { seed, size, population, log_size } = drawn;
    expect(record).toMatchObject({
      kind: 'sample',
      query: 'decision=true',
      seed,
      size,
      population,
      log_size,
    });
    const again = await jsonOf(
      post(`${service.url}/v1/records/samples`, { query: 'decision=true', seed, size }),
    );
    expect(again.records).toEqual(drawn.records);
    for (const body of [{ query: 'decision=maybe', size: 1 }, { query: '', size: 0 }, { size: 1 }]) {
      expect((await post(`${service.url}/v1/records/samples`, body)).status).toBe(400);
    }
  });

  test('a query is saved, run, narrowed and removed, and that is on record', async () => {
    const created = await put('refused', {
      query: 'kind=decision&decision=false',
      title: 'What was refused',
    });
    expect(created.status).toBe(201);
    const saved = await jsonOf(created);
    expect(saved).toMatchObject({ name: 'refused', query: 'decision=false&kind=decision' });
    expect(await jsonOf(get('/v1/queries'))).toEqual({ queries: [saved] });
    expect(await jsonOf(get('/v1/queries/refused'))).toEqual(saved);
    const run = await jsonOf(get('/v1/records?saved=refused&limit=10'));
    expect(run.records.map((each: any) => each.record.id)).toEqual([refusedId]);
    expect((await jsonOf(get('/v1/records?saved=refused&code=permitted'))).records).toEqual([]);
    expect(await jsonOf(get('/v1/records/counts?saved=refused'))).toMatchObject({ total: 1 });
    const contradicting = await get('/v1/records?saved=refused&decision=true');
    expect(contradicting.status).toBe(400);
    expect((await jsonOf(contradicting)).detail).toMatch(/the query asks for `false` already/);
    expect((await put('refused', { query: 'decision=false' })).status).toBe(200);
    expect((await fetchAuthorized(`${service.url}/v1/queries/refused`, { method: 'DELETE' })).status).toBe(
      204,
    );
    expect((await fetchAuthorized(`${service.url}/v1/queries/refused`, { method: 'DELETE' })).status).toBe(
      404,
    );
    expect((await get('/v1/records?saved=refused')).status).toBe(404);
    const { records } = await jsonOf(get('/v1/records?kind=saved_query&order=oldest'));
    expect(records.map(({ record }: any) => [record.event, record.name, record.query])).toEqual([
      ['saved', 'refused', 'decision=false&kind=decision'],
      ['saved', 'refused', 'decision=false'],
      ['deleted', 'refused', undefined],
    ]);
  });

  test.each([
    ['Refused', { query: '' }],
    ['refused', { query: 'polcy=x' }],
    ['refused', { query: 'policy=x', title: '' }],
    ['refused', {}],
  ])('saving %s as %j is refused', async (name, body) => {
    expect((await put(name, body)).status).toBe(400);
  });
});

describe('witan audit query and show', () => {
  const sources = [
    ['a folder', () => `--data-dir ${dataDir}`],
    ['a service', () => `--server ${service.url}`],
  ] as const;

  test.each(sources)('of %s: a table, NDJSON, counts and one record', async (_, source) => {
    const shown = await audit(`query ${source()} --kind decision --decision false`);
    expect(shown.code, shown.err).toBe(0);
    expect(shown.out).toMatch(/^ {2}time +decision +code +action +resource +subject +domain +id\n/);
    expect(shown.out).toMatch(new RegExp(` deny +forbidden .* ${refusedId}\n`));
    expect(shown.err).toBe('1 record\n');

    const lines = await audit(`query ${source()} --kind decision --json --order oldest`);
    const records = lines.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toHaveLength(5);
    expect(records[0].record.id).toBe(refusedId);

    const page = await audit(`query ${source()} --kind decision --limit 2`);
    const cursor = /--cursor (\S+), or --all/.exec(page.err)?.[1];
    const rest = await audit(`query ${source()} --kind decision --limit 3 --cursor ${cursor} --json`);
    expect(rest.out.trimEnd().split('\n')).toHaveLength(3);

    const counts = await audit(`query ${source()} --kind decision --counts decision`);
    expect(counts.out).toBe(
      '  decision  records\n  true            4\n  false           1\n5 records in all\n',
    );

    const one = await audit(`show ${source()} ${refusedId}`);
    expect(one.out).toMatch(/^DENY forbidden\n/);
    expect(one.out).toMatch(/reasons\n {2}global\/\w+ \((hard|soft)\): /);
    const json = await audit(`show ${source()} ${refusedId} --json`);
    expect(JSON.parse(json.out)).toEqual(await jsonOf(get(`/v1/records/${refusedId}`)));
    const none = await audit(`show ${source()} none`);
    expect([none.code, none.err]).toEqual([2, 'witan: there is no record `none` [not_found]\n']);
  });

  test.each([
    ['query --decision maybe', /`decision` is `maybe`; expected true or false/],
    ['query --subject a --subject b', /`subject` is given more than once/],
    ['query --limit 0', /`--limit` is `0`/],
    ['query --counts time', /Allowed choices are/],
    ['query --polcy x', /unknown option/],
  ])('witan audit %s is refused', async (line, message) => {
    const { code, stderr } = await runShell(`node dist/cli/main.js audit ${line} --data-dir ${dataDir}`);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
