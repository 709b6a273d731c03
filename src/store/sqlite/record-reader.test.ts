import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNT_FIELDS, type RecordFilter, type RecordQuery, type StoredRecord } from '../../audit/query.js';
import type { Store } from '../store.js';
import { generatedRecord, numbersFrom, VALUES } from '../testing/generated-records.js';
import { countNaively, matchesNaively } from '../testing/naive-filter.js';
import { bytesOf, sampleRecord } from '../testing/sample-records.js';
import { openStore } from './open-store.js';

/** More than two blocks of the index, and a part of a chunk. */
const COUNT = 34_567;
const below = numbersFrom(1);
const all = Array.from({ length: COUNT }, (_, n) => generatedRecord(n, below));

let dataDir: string;
let store: Store;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'witan-reader-'));
  store = await openStore({ dataDir, queueEntriesMax: COUNT });
  // In portions, with questions between them, so that blocks are filled a little at a time.
  for (let done = 0; done < COUNT; done += 3000) {
    await Promise.all(all.slice(done, done + 3000).map((record) => store.audit.append({ record })));
    await store.records.count({ kind: 'decision' });
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
      { numRuns: 150 },
    );
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
