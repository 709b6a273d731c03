import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { openCsv } from '../src/audit/export/csv-export.js';
import type { ExportFormat, ExportSource, OpenedExport } from '../src/audit/export/export-format.js';
import { openNdjson } from '../src/audit/export/ndjson-export.js';
import { openParquet } from '../src/audit/export/open-parquet.js';
import type { RecordFilter } from '../src/audit/query.js';
import { writeFilter } from '../src/audit/record-filter.js';
import { isInScope, type RecordScope } from '../src/audit/record-scope.js';
import { generatedRecord, numbersFrom, VALUES } from '../src/store/testing/generated-records.js';
import { matchesNaively } from '../src/store/testing/naive-filter.js';
import { ServedMesh } from './served-mesh.js';
import { jsonOf } from './service.js';
import { bearing, tokenOf } from './tokens.js';

/** `ann` of the first domain, sales, asks for what finance owns: sales consumes it. */
const mesh = new ServedMesh({ global: '{ mask: [/context/ticket] }', sales: '{}', finance: '{}' });
const OPEN: Readonly<Record<ExportFormat, (source: ExportSource) => Promise<OpenedExport>>> = {
  ndjson: openNdjson,
  csv: openCsv,
  parquet: openParquet,
};

/** Roles of callers of this test, with the domains whose records they see. */
const CALLERS: Readonly<Record<string, { readonly roles: readonly string[]; readonly scope: RecordScope }>> =
  {
    'steward-of-sales': { roles: ['steward:sales'], scope: ['sales'] },
    'auditor-of-finance': { roles: ['auditor:finance'], scope: ['finance'] },
    'auditor-of-two': { roles: ['auditor:finance', 'auditor:sales'], scope: ['finance', 'sales'] },
    'both-by-half': { roles: ['steward:finance/risk', 'auditor:sales'], scope: ['finance/risk', 'sales'] },
    'auditor-of-all': { roles: ['auditor', 'steward:sales'], scope: 'all' },
  };
const tokens = new Map<string, string>();
/** Ids of decisions: what sales owns, what finance owns, and what finance owns and sales consumes. */
let [own, others, consumed]: string[] = [];
/** All of the log, in its order. */
let log: readonly any[];

beforeAll(async () => {
  await mesh.start();
  const ticket = { context: () => ({ ticket: 'secret' }) };
  await mesh.decide('sales', ticket);
  await mesh.decide('finance', ticket);
  await mesh.decide('finance', { ...ticket, subject: 'ann' });
  [own, others, consumed] = (await mesh.decisions()).map(({ record }) => record.id);
  const below = numbersFrom(11);
  for (let n = 0; n < 150; n += 1) await mesh.app.store.audit.append({ record: generatedRecord(n, below) });
  for (const [caller, { roles }] of Object.entries(CALLERS)) {
    tokens.set(caller, await tokenOf(mesh.app, caller, roles));
  }
  mesh.passDays(1);
  log = (await mesh.get('/v1/records?order=oldest&limit=1000')).records.map(({ record }: any) => record);
});
afterAll(() => mesh.stop());

function ask(caller: string, path: string, method = 'GET', body?: unknown): Promise<Response> {
  return mesh.fetch(path, {
    method,
    headers: { ...bearing(tokens.get(caller) ?? ''), 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** `200`, or the status with the code of the problem. */
async function outcome(response: Response): Promise<string> {
  const { status } = response;
  return status < 400 ? String(status) : `${status} ${(await jsonOf(response)).code}`;
}

async function exported(
  caller: string,
  format: ExportFormat,
  query = '',
): Promise<{ query: string; ids: string[] }> {
  const response = await ask(caller, `/v1/records/export?format=${format}${query}`);
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  const opened = await OPEN[format]({
    size: bytes.length,
    read: (from, to) => Promise.resolve(bytes.subarray(from, to)),
  });
  const ids: string[] = [];
  for await (const rows of opened.rows) ids.push(...rows.map((row) => JSON.parse(row.bytes.toString()).id));
  return { query: opened.statement.query, ids };
}

const idsOf = (records: readonly any[]): readonly string[] => records.map(({ id }) => id);
const inScope = (scope: RecordScope) => log.filter((record) => isInScope(record, scope));

describe('a steward of sales', () => {
  const steward = 'steward-of-sales';

  it.each<[string, (id: string) => readonly [path: string, method?: string, body?: object]]>([
    ['a record', (id) => [`/v1/records/${id}`]],
    ['its proof', (id) => [`/v1/records/${id}/proof`]],
    ['its replay', (id) => [`/v1/records/${id}/replay`, 'POST']],
    ['its explanation', (id) => [`/v1/records/${id}/explanation`]],
  ])('sees %s where sales owns or consumes, and not that of finance', async (_title, asked) => {
    expect(await outcome(await ask(steward, ...asked(own!)))).toBe('200');
    expect(await outcome(await ask(steward, ...asked(consumed!)))).toBe('200');
    expect(await outcome(await ask(steward, ...asked(others!)))).toBe('403 forbidden');
    expect(await outcome(await ask(steward, ...asked('nothing')))).toBe('404 not_found');
  });

  it.each<[string, string, string?, object?]>([
    ['list', '/v1/records?domain=finance'],
    ['list, among others', '/v1/records?within=finance,sales'],
    ['count', '/v1/records/counts?domain=finance'],
    ['export', '/v1/records/export?domain=finance'],
    ['export as CSV', '/v1/records/export?format=csv&domain=finance'],
    ['export as Parquet', '/v1/records/export?format=parquet&domain=finance'],
    ['draw a sample of', '/v1/records/samples', 'POST', { query: 'domain=finance', size: 1 }],
    ['show the masks of', '/v1/records/OTHERS/masked-values'],
    ['hold', '/v1/holds', 'POST', { query: 'domain=finance', reason: 'x' }],
    ['erase', '/v1/erasures', 'POST', { query: 'domain=finance', reason: 'x' }],
    ['erase even its own', '/v1/erasures', 'POST', { query: 'domain=sales', reason: 'x' }],
    ['prune', '/v1/retention/prunings', 'POST', { reason: 'x' }],
    ['read tiles with', '/log/tile/entries/000.p/1'],
    [
      'register a product of',
      '/v1/products/p',
      'PUT',
      { id: 'p', apiVersion: 'v1.0.0', kind: 'DataProduct', status: 'active', domain: 'finance' },
    ],
  ])('cannot %s what is of finance', async (_title, path, method, body) => {
    const response = await ask(steward, path.replace('OTHERS', others!), method, body);
    expect(await outcome(response)).toBe('403 forbidden');
  });

  it.each<ExportFormat>(['ndjson', 'csv', 'parquet'])(
    'exports as %s what it sees, and the export says so',
    async (format) => {
      const { query, ids } = await exported(steward, format);
      expect(query).toBe('within=sales');
      expect(ids).toEqual(idsOf(inScope(['sales'])));
      expect((await exported(steward, format, '&kind=decision&consumer_domain=marketing')).query).toBe(
        'consumer_domain=marketing&kind=decision&within=sales',
      );
    },
  );

  test('is narrowed by a query that others saved, and refused one of another domain', async () => {
    for (const query of ['decision=true', 'domain=finance']) {
      await mesh.fetch('/v1/queries/shared', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      const response = await ask(steward, '/v1/records/counts?saved=shared');
      if (query === 'domain=finance') expect(await outcome(response)).toBe('403 forbidden');
      else {
        const permitted = inScope(['sales']).filter(({ decision }) => decision === true);
        expect((await jsonOf(response)).total).toBe(permitted.length);
      }
    }
  });

  test('reads a document through a record that it sees and that names it, and no other', async () => {
    const product = {
      apiVersion: 'v1.0.0',
      kind: 'DataProduct',
      id: 'urn:sales:x',
      name: 'x',
      status: 'active',
      domain: 'sales',
    };
    const registered = await ask(steward, '/v1/products/urn:sales:x', 'PUT', { descriptor: product });
    const id = registered.headers.get('X-Decision-Id');
    const { metadata } = (await mesh.get(`/v1/records/${id}`)).record;
    const path = `/v1/documents/${metadata}`;
    expect(await outcome(await ask(steward, path))).toBe('400 invalid_request');
    expect(await outcome(await ask(steward, `${path}?record=${id}`))).toBe('200');
    expect(await outcome(await ask(steward, `${path}?record=${own}`))).toBe('403 forbidden');
    expect(await outcome(await ask('auditor-of-finance', `${path}?record=${id}`))).toBe('403 forbidden');
    expect(await outcome(await ask('auditor-of-all', path))).toBe('200');
    expect(await outcome(await ask(steward, `/v1/documents/none?record=${id}`))).toBe('403 forbidden');
  });
});

describe('an auditor of a domain who is steward of another', () => {
  test('sees masks and draws samples where they are auditor alone', async () => {
    const token = await tokenOf(mesh.app, 'half', ['auditor:sales', 'steward:finance']);
    tokens.set('half', token);
    expect(await outcome(await ask('half', `/v1/records/${others}`))).toBe('200');
    expect(await outcome(await ask('half', `/v1/records/${own}/masked-values`))).toBe('200');
    expect(await outcome(await ask('half', `/v1/records/${others}/masked-values`))).toBe('403 forbidden');
    const sample = (query: string) =>
      ask('half', '/v1/records/samples', 'POST', { query, size: 500, seed: 's' });
    expect(await outcome(await sample('domain=finance'))).toBe('403 forbidden');
    const drawn = await jsonOf(sample('kind=decision'));
    const expected = inScope(['sales']).filter(({ kind }) => kind === 'decision');
    expect(drawn.records.slice(0, expected.length).map(({ record }: any) => record.id)).toEqual(
      idsOf(expected),
    );
    const { record } = (await mesh.get('/v1/records?kind=sample&limit=1')).records[0];
    expect(record).toMatchObject({ query: 'kind=decision&within=sales', caller: { id: 'half' } });
  });
});

const filters: fc.Arbitrary<RecordFilter> = fc.record(
  {
    kind: fc.constantFrom(...VALUES.kind),
    domain: fc.constantFrom(...VALUES.domain),
    consumer_domain: fc.constantFrom(...VALUES.consumer_domain),
    decision: fc.boolean(),
    code: fc.constantFrom(...VALUES.code),
    within: fc.constantFrom('sales', 'finance', 'finance,sales', 'finance/risk'),
  },
  { requiredKeys: [] },
);

test('whatever is asked for, and by whom: what is answered lies in the scope, and is all of it that matches', async () => {
  // What this test itself puts on record, such as refusals, comes later.
  const to = '2026-06-01T12:00:00Z';
  await fc.assert(
    fc.asyncProperty(
      filters,
      fc.constantFrom(...Object.keys(CALLERS)),
      fc.nat(),
      async (some, caller, at) => {
        const { scope } = CALLERS[caller]!;
        const filter = { ...some, to };
        const query = writeFilter(filter);
        const response = await ask(caller, `/v1/records?order=oldest&limit=1000&${query}`);
        if (response.status === 403) {
          const named = [some.domain, ...(some.within?.split(',') ?? [])];
          expect(scope !== 'all' && named.some((each) => each !== undefined && !scope.includes(each))).toBe(
            true,
          );
          for (const route of ['counts', 'export']) {
            expect(await outcome(await ask(caller, `/v1/records/${route}?${query}`))).toBe('403 forbidden');
          }
        } else {
          const { records } = await jsonOf(response);
          const found = records.map(({ record }: any) => record);
          expect(found.every((record: unknown) => isInScope(record, scope))).toBe(true);
          expect(found).toEqual(inScope(scope).filter((record) => matchesNaively(record, filter)));
          const { total } = await jsonOf(ask(caller, `/v1/records/counts?${query}`));
          expect(total).toBe(found.length);
          expect((await exported(caller, 'ndjson', `&${query}`)).ids).toEqual(idsOf(found));
        }
        const one = log[at % log.length];
        for (const route of ['', '/proof']) {
          const seen = await ask(caller, `/v1/records/${one.id}${route}`);
          expect(await outcome(seen)).toBe(isInScope(one, scope) ? '200' : '403 forbidden');
        }
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

test('who is neither auditor nor steward sees no record', async () => {
  const roles = ['enforcement_point', 'operator', 'representative:sales'];
  tokens.set('gateway', await tokenOf(mesh.app, 'gateway', roles));
  for (const path of ['/v1/records', `/v1/records/${own}`, '/v1/records/export', '/v1/records/counts']) {
    expect(await outcome(await ask('gateway', path))).toBe('403 forbidden');
  }
});
