import Database from 'better-sqlite3';
import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  COUNT_FIELDS,
  type CountField,
  type RecordCounts,
  type RecordFilter,
  type RecordQuery,
  type StoredRecord,
} from '../../../audit/query.js';
import type { Store } from '../../store.js';
import { generatedRecord, numbersFrom, VALUES } from '../../testing/generated-records.js';
import { countNaively, matchesNaively } from '../../testing/naive-filter.js';
import { bytesOf, sampleRecord } from '../../testing/sample-records.js';
import { INDEX_READS } from './index-reader.js';
import { LOG_READS } from './log-reader.js';
import { recordIndexSchema } from '../migrate.js';
import { openStore } from '../open-store.js';

/** More than two blocks of the index, and a part of a chunk. */
const COUNT = 34_567;
const below = numbersFrom(1);
const all = Array.from({ length: COUNT }, (_, n) => generatedRecord(n, below));

/** Asked after each portion, so that each time is answered from what was counted before. */
const ASKED_AGAIN: readonly (readonly [RecordFilter, CountField | undefined])[] = [
  [{}, 'subject'],
  [{ decision: false }, 'policy'],
  [{ outcome: 'deny', kind: 'decision' }, undefined],
];
const counted: RecordCounts[] = [];

let dataDir: string;
let store: Store;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'witan-reader-'));
  store = await openStore({ dataDir, queueEntriesMax: COUNT });
  // In portions, with questions between them, so that blocks are filled a little at a time.
  for (let done = 0; done < COUNT; done += 3000) {
    await Promise.all(all.slice(done, done + 3000).map((record) => store.audit.append({ record })));
    for (const [filter, by] of ASKED_AGAIN) counted.push(await store.records.count(filter, by));
  }
});
afterAll(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

const moment = fc
  .integer({ min: -5000, max: COUNT + 100 })
  .map((seconds) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString());
const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const words = fc.array(oneOf([...VALUES.words, 'unheard']), { minLength: 1, maxLength: 3 });

const filters: fc.Arbitrary<RecordFilter> = fc
  .record(
    {
      kind: oneOf(VALUES.kind),
      subject: oneOf([...VALUES.subject.slice(0, 5), 'nobody']),
      resource: oneOf(VALUES.resource),
      action: oneOf(VALUES.action),
      domain: oneOf(VALUES.domain),
      consumer_domain: oneOf(VALUES.consumer_domain),
      decision: fc.boolean(),
      code: oneOf(VALUES.code),
      caller: oneOf(VALUES.caller),
      revision: fc.integer({ min: 0, max: 4 }),
      proposal: oneOf(VALUES.proposal),
      policy: oneOf(VALUES.policy),
      layer: oneOf(VALUES.layer),
      enforcement: oneOf(VALUES.enforcement),
      outcome: oneOf(VALUES.outcome),
      waiver: oneOf(VALUES.waiver),
      within: oneOf(['sales', 'finance,sales', 'finance/risk,marketing', 'nowhere', 'nowhere,sales']),
      text: words.map((some) => some.join(', ')),
      from: moment,
      to: moment,
    },
    { requiredKeys: [] },
  )
  // Of few members: with many, nothing matches.
  .chain((full) =>
    fc
      .shuffledSubarray(Object.keys(full), { maxLength: 4 })
      .map((names) => Object.fromEntries(Object.entries(full).filter(([name]) => names.includes(name)))),
  );

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

async function gathered(batches: AsyncIterable<readonly StoredRecord[]>): Promise<readonly StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const batch of batches) records.push(...batch);
  return records;
}

describe('asking the log', () => {
  test('pages, counts and scans agree with every record looked at one by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        filters,
        oneOf(COUNT_FIELDS),
        fc.integer({ min: 300, max: 1000 }),
        async (filter, by, limit) => {
          const expected = all.flatMap((record, sequence) =>
            matchesNaively(record, filter) ? [sequence] : [],
          );
          const counts = await store.records.count(filter, by);
          expect(counts).toEqual({
            total: expected.length,
            log_size: COUNT,
            by: countNaively(
              expected.map((sequence) => all[sequence]),
              filter,
              by,
            ),
          });
          const newest = await paged({ ...filter, order: 'newest', limit });
          expect(newest).toEqual(expected.toReversed());
          expect(await paged({ ...filter, order: 'oldest', limit: 1000 })).toEqual(expected);
          const scanned = await gathered(store.records.scan(filter, { from: 5000, upTo: 30_000 }));
          const within = expected.filter((sequence) => sequence >= 5000 && sequence < 30_000);
          expect(scanned.map(({ sequence }) => sequence)).toEqual(within);
          const [first] = scanned;
          if (first !== undefined) expect(first.bytes).toEqual(bytesOf(all[first.sequence]));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('counts that are asked for again and again while records are added agree too', () => {
    const expected = Array.from({ length: Math.ceil(COUNT / 3000) }, (_, portion) => {
      const records = all.slice(0, (portion + 1) * 3000);
      return ASKED_AGAIN.map(([filter, by]) => {
        const matching = records.filter((record) => matchesNaively(record, filter));
        return {
          total: matching.length,
          log_size: records.length,
          ...(by !== undefined && { by: countNaively(matching, filter, by) }),
        };
      });
    });
    expect(counted).toEqual(expected.flat());
  });

  test('the count of a value is that of the filter which asks for it too', async () => {
    for (const by of COUNT_FIELDS) {
      const filter: RecordFilter = by === 'policy' ? { outcome: 'deny' } : { decision: false };
      const counts = await store.records.count(filter, by);
      for (const { value, count } of counts.by?.values.slice(0, 3) ?? []) {
        const read = by === 'decision' ? value === 'true' : by === 'revision' ? Number(value) : value;
        expect((await store.records.count({ ...filter, [by]: read })).total).toBe(count);
      }
    }
  });
});

describe('a small log', () => {
  const COUNT_SMALL = 2500;
  const records = Array.from({ length: COUNT_SMALL }, (_, n) => sampleRecord(n));
  let folder: string;
  let small: Store;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'witan-reader-'));
    small = await openStore({ dataDir: folder, queueEntriesMax: COUNT_SMALL });
    await Promise.all(records.map((record) => small.audit.append({ record })));
  });
  afterEach(async () => {
    await small.close();
    rmSync(folder, { recursive: true });
  });

  test('a page that ends with the last match has no next one', async () => {
    const query = { to: '2026-01-01T00:00:05Z', order: 'oldest' } as const;
    const page = await small.records.query({ ...query, limit: 5 });
    expect(page.records).toHaveLength(5);
    expect(page).not.toHaveProperty('next');
    expect(await small.records.query({ ...query, limit: 4 })).toHaveProperty('next');
  });

  test('pages of the newest stay the same while records are added, and what was acknowledged is seen', async () => {
    const query = { order: 'newest', limit: 10, domain: 'finance' } as const;
    const first = await small.records.query(query);
    const before = await small.records.query({ ...query, cursor: first.next ?? '' });
    const added = sampleRecord(COUNT_SMALL + 1);
    await small.audit.append({ record: added });
    expect(await small.records.query({ ...query, cursor: first.next ?? '' })).toEqual(before);
    expect((await small.records.query(query)).records[0]?.bytes).toEqual(bytesOf(added));
    expect((await small.records.count({})).total).toBe(COUNT_SMALL + 1);
    const stored = { sequence: COUNT_SMALL, bytes: bytesOf(added) };
    expect(await small.records.byId(added.id)).toEqual(stored);
    expect(await small.records.bySequence(COUNT_SMALL)).toEqual(stored);
    expect(await small.records.byId('none')).toBeUndefined();
    expect(await small.records.bySequence(COUNT_SMALL + 1)).toBeUndefined();
  });

  test('cursors of other queries, and other nonsense, are refused', async () => {
    const { next = '' } = await small.records.query({ order: 'newest', limit: 1 });
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
      { order: 'newest', limit: 1, text: '…' },
    ];
    for (const query of refused) {
      await expect(small.records.query(query)).rejects.toMatchObject({ code: 'invalid_request' });
    }
    expect((await small.records.query({ order: 'newest', limit: 3, cursor: next })).records).toHaveLength(3);
    await expect(small.records.count({ from: 'now' })).rejects.toMatchObject({ code: 'invalid_request' });
    const draw = { seed: 's', size: 1, upTo: COUNT_SMALL + 1 };
    await expect(small.records.sample({}, draw)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(gathered(small.records.scan({ from: 'now' }, { upTo: 1 }))).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  test('a sample is drawn again by its seed, also of a log that has grown', async () => {
    const draw = { seed: 'one', size: 100, upTo: COUNT_SMALL };
    const sample = await small.records.sample({ decision: true }, draw);
    const permitted = records.flatMap(({ decision }, n) => (decision ? [n] : []));
    expect(sample.population).toBe(permitted.length);
    const sequences = sample.records.map(({ sequence }) => sequence);
    expect(sequences).toHaveLength(100);
    expect(permitted).toEqual(expect.arrayContaining(sequences));
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    await small.audit.append({ record: sampleRecord(COUNT_SMALL + 1) });
    expect(await small.records.sample({ decision: true }, draw)).toEqual(sample);
    expect(await small.records.sample({ decision: true }, { ...draw, seed: 'two' })).not.toEqual(sample);
    const everything = await small.records.sample({ subject: 'user-3' }, { ...draw, size: 10_000 });
    expect(everything.records).toHaveLength(everything.population);
  });

  test('whoever stops a scan early is not held up, and others are answered meanwhile', async () => {
    const scan = small.records.scan({}, { upTo: COUNT_SMALL })[Symbol.asyncIterator]();
    const first = await scan.next();
    expect(first.done).toBe(false);
    expect((await small.records.count({})).total).toBe(COUNT_SMALL);
    await scan.return?.();
    expect(await scan.next()).toEqual({ done: true, value: undefined });
    const open = small.records.scan({}, { upTo: COUNT_SMALL })[Symbol.asyncIterator]();
    await open.next();
    await small.close();
    await expect(open.next().then(() => open.next())).rejects.toMatchObject({ code: 'stopping' });
    await expect(small.records.count({})).rejects.toThrow();
    small = await openStore({ dataDir: folder, queueEntriesMax: 1 });
  });

  test('what was pruned is no longer found or counted, and an index is built of what is left', async () => {
    const pruned = 2100;
    await small.records.count({});
    const db = new Database(join(folder, 'witan.db'));
    db.prepare('UPDATE log_bounds SET minimum_index = ?').run(pruned);
    // Some of it is deleted already.
    db.prepare('DELETE FROM records WHERE sequence < ?').run(pruned / 2);
    db.close();
    const kept = records.flatMap((record, n) => (n >= pruned && record.domain === 'finance' ? [n] : []));
    for (const reopened of [false, true]) {
      if (reopened) {
        await small.close();
        rmSync(join(folder, 'record-index.db'));
        small = await openStore({ dataDir: folder, queueEntriesMax: 10 });
      }
      expect(await small.records.minimumIndex()).toBe(pruned);
      expect(await small.records.size()).toBe(COUNT_SMALL);
      const page = await small.records.query({ domain: 'finance', order: 'oldest', limit: 1000 });
      expect(page.records.map(({ sequence }) => sequence)).toEqual(kept);
      const counts = await small.records.count({ domain: 'finance' }, 'subject');
      expect(counts.total).toBe(kept.length);
      expect(counts.by?.values.reduce((sum, { count }) => sum + count, 0)).toBe(kept.length);
      const timed = await small.records.count({ from: '2026-01-01T00:36:00Z', to: '2026-01-01T00:37:00Z' });
      expect(timed.total).toBe(60);
      const before = await small.records.count({ to: '2026-01-01T00:10:00Z' });
      expect(before.total).toBe(0);
      expect(await small.records.bySequence(5)).toBeUndefined();
    }
  });
});

describe('every statement that reads the index or the log', () => {
  test.each([
    ['index', recordIndexSchema(), Object.entries(INDEX_READS)],
    [
      'log',
      ['0001-store.sql', '0002-evidence.sql']
        .map((file) => readFileSync(`src/store/sqlite/migrations/${file}`, 'utf8'))
        .join(''),
      Object.entries(LOG_READS),
    ],
  ])('is a search by key, without sorting: %s', (_, schema, statements) => {
    const db = new Database(':memory:');
    db.exec(schema);
    for (const [, sql] of statements) {
      const parameters = Array.from(sql.matchAll(/\?/g), () => 1);
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
      expect(plan.length).toBe(1);
      expect(plan[0]?.detail).toMatch(/^SEARCH /);
    }
    db.close();
  });
});
