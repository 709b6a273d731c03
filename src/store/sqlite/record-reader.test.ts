import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecordFilter, RecordQuery } from '../../audit/query.js';
import type { DecisionRecord } from '../../audit/record.js';
import type { Store } from '../store.js';
import { bytesOf, sampleRecord } from '../testing/sample-records.js';
import { openStore } from './open-store.js';
import { recordIndexSchema } from './migrate.js';
import { sequencesQuery } from './record-query.js';
import type { IndexTables } from './tables.js';

const COUNT = 2500;
/** Some arrive late: their time is an hour before their neighbours'. */
const all = Array.from({ length: COUNT }, (_, n) =>
  n % 500 === 7
    ? sampleRecord(n, { time: new Date(Date.UTC(2026, 0, 1) + n * 1000 - 3_600_000).toISOString() })
    : sampleRecord(n),
);

const FILTERS: readonly [string, RecordFilter, (record: DecisionRecord) => boolean][] = [
  ['nothing', {}, () => true],
  ['kind', { kind: 'decision' }, () => true],
  ['another kind', { kind: 'seed' }, () => false],
  [
    'subject',
    { subject: 'user-3' },
    ({ evaluation }) => 'id' in evaluation.subject && evaluation.subject.id === 'user-3',
  ],
  [
    'resource',
    { resource: 'product-4' },
    ({ evaluation }) => 'id' in evaluation.resource && evaluation.resource.id === 'product-4',
  ],
  [
    'action',
    { action: 'export' },
    ({ evaluation }) => 'name' in evaluation.action && evaluation.action.name === 'export',
  ],
  ['domain', { domain: 'finance/risk' }, ({ domain }) => domain === 'finance/risk'],
  [
    'consumer_domain',
    { consumer_domain: 'marketing' },
    ({ consumer_domain }) => consumer_domain === 'marketing',
  ],
  ['decision', { decision: false }, ({ decision }) => !decision],
  ['code', { code: 'forbidden' }, ({ code }) => code === 'forbidden'],
  ['caller', { caller: 'gateway-1' }, ({ caller }) => caller.id === 'gateway-1'],
  ['revision', { revision: 2 }, ({ revision }) => revision === 2],
  ['from', { from: '2026-01-01T00:30:00Z' }, ({ time }) => time >= '2026-01-01T00:30:00'],
  ['to', { to: '2026-01-01T00:00:00Z' }, ({ time }) => time < '2026-01-01T00:00:00'],
  [
    'a span',
    { from: '2026-01-01T01:10:00+01:00', to: '2026-01-01T00:20:00Z' },
    ({ time }) => time >= '2026-01-01T00:10:00' && time < '2026-01-01T00:20:00',
  ],
  ['a span before all', { from: '1999-01-01T00:00:00Z', to: '1999-01-02T00:00:00Z' }, () => false],
  [
    'several',
    { domain: 'finance', decision: false, action: 'read', from: '2026-01-01T00:20:00Z' },
    ({ domain, decision, evaluation, time }) =>
      domain === 'finance' &&
      !decision &&
      'name' in evaluation.action &&
      evaluation.action.name === 'read' &&
      time >= '2026-01-01T00:20:00',
  ],
];

describe('reading records', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'witan-reader-'));
    store = await openStore({ dataDir, queueEntriesMax: 10_000 });
    await Promise.all(all.map((record) => store.audit.append({ record })));
  });
  afterAll(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true });
  });

  async function paged(query: RecordQuery): Promise<readonly number[]> {
    const sequences: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.records.query(cursor === undefined ? query : { ...query, cursor });
      sequences.push(...page.records.map(({ sequence }) => sequence));
      cursor = page.next;
    } while (cursor !== undefined);
    return sequences;
  }

  test.each(FILTERS)('by %s, in both orders and in pages', async (_, filter, matches) => {
    const expected = all.flatMap((record, sequence) => (matches(record) ? [sequence] : []));
    expect(await paged({ ...filter, order: 'oldest', limit: 1000 })).toEqual(expected);
    expect(await paged({ ...filter, order: 'newest', limit: 97 })).toEqual(expected.toReversed());
  });

  test('a page that ends with the last match has no next one', async () => {
    const page = await store.records.query({ to: '2026-01-01T00:00:00Z', order: 'oldest', limit: 5 });
    expect(page.records).toHaveLength(5);
    expect(page).not.toHaveProperty('next');
  });

  test('pages of the newest stay the same while records are added, and what was acknowledged is seen', async () => {
    const query = { order: 'newest', limit: 10, domain: 'finance' } as const;
    const first = await store.records.query(query);
    const before = await store.records.query({ ...query, cursor: first.next ?? '' });
    const added = sampleRecord(COUNT + 1);
    await store.audit.append({ record: added });
    expect(await store.records.query({ ...query, cursor: first.next ?? '' })).toEqual(before);
    expect((await store.records.query(query)).records[0]?.bytes).toEqual(bytesOf(added));
    expect(await store.records.byId(added.id)).toEqual({ sequence: COUNT, bytes: bytesOf(added) });
    expect(await store.records.byId('none')).toBeUndefined();
  });

  test('cursors of other queries, and other nonsense, are refused', async () => {
    const { next = '' } = await store.records.query({ order: 'newest', limit: 1 });
    const refused: RecordQuery[] = [
      { order: 'oldest', limit: 1, cursor: next },
      { order: 'newest', limit: 1, domain: 'finance', cursor: next },
      { order: 'newest', limit: 1, cursor: `${next}A` },
      { order: 'newest', limit: 1, cursor: '' },
      { order: 'newest', limit: 1, cursor: Buffer.from('r1.1.x').toString('base64url') },
      { order: 'newest', limit: 0 },
      { order: 'newest', limit: 1001 },
      { order: 'newest', limit: 1, from: 'yesterday' },
      { order: 'newest', limit: 1, to: '2026-13-01T00:00:00Z' },
    ];
    for (const query of refused) {
      await expect(store.records.query(query)).rejects.toMatchObject({ code: 'invalid_request' });
    }
    expect((await store.records.query({ order: 'newest', limit: 3, cursor: next })).records).toHaveLength(3);
  });
});

describe('every query of the log', () => {
  const db = new Database(':memory:');
  db.exec(recordIndexSchema());
  const index = new Kysely<IndexTables>({ dialect: new SqliteDialect({ database: db }) });
  const span = { from: 10, to: 1_000_000 };

  const values = {
    kind: 'decision',
    subject: 's',
    resource: 'r',
    action: 'a',
    domain: 'd',
    consumer_domain: 'c',
    decision: true,
    code: 'c',
    caller: 'c',
    revision: 1,
  } as const;
  const names = Object.keys(values) as (keyof typeof values)[];
  const subsets = names.flatMap((one) => names.map((two) => [...new Set([one, two])]));

  test.each(['newest', 'oldest'] as const)(
    'searches an index in the order of the log, without sorting: %s',
    (order) => {
      for (const subset of subsets) {
        for (const from of [undefined, '2026-01-01T00:00:00Z']) {
          const filter = Object.fromEntries(subset.map((name) => [name, values[name]])) as RecordFilter;
          const query = sequencesQuery(
            index,
            { ...filter, ...(from === undefined ? {} : { from }), order, limit: 50 },
            span,
          );
          const { sql, parameters } = query.compile();
          const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[];
          expect(plan.map(({ detail }) => detail)).toEqual([
            expect.stringMatching(
              /^SEARCH record_fields USING (COVERING )?INDEX record_fields_\w+ \(\w+=\? AND rowid>\? AND rowid<\?\)$/,
            ),
          ]);
        }
      }
    },
  );

  test('without a field to search by, it reads only the span, in order', () => {
    const { sql, parameters } = sequencesQuery(index, { order: 'newest', limit: 50 }, span).compile();
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[];
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH record_fields USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
    ]);
  });
});
