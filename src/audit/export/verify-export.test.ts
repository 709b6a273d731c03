import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generatedRecord, numbersFrom, VALUES } from '../../store/testing/generated-records.js';
import { matchesNaively } from '../../store/testing/naive-filter.js';
import type { RecordFilter } from '../query.js';
import { MemoryLog } from '../testing/memory-log.js';
import { EXPORT_FORMATS, type ExportFormat, type ExportSource } from './export-format.js';
import { exportRecords, writeExport } from './export-records.js';
import { openCsv } from './csv-export.js';
import { openNdjson } from './ndjson-export.js';
import { openParquet } from './open-parquet.js';
import { verifyExport } from './verify-export.js';

const EXTRACTED_AT = '2026-07-01T08:00:00.000Z';
const OPEN = { ndjson: openNdjson, csv: openCsv, parquet: openParquet } as const;

async function exported(log: MemoryLog, format: ExportFormat, filter: RecordFilter = {}): Promise<Buffer> {
  const { checkpoint } = log;
  const parts = exportRecords(log.sources, { filter, checkpoint, extractedAt: EXTRACTED_AT });
  const chunks: Buffer[] = [];
  for await (const chunk of writeExport(format, parts)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function sourceOf(bytes: Buffer): ExportSource {
  return { size: bytes.length, read: (from, to) => Promise.resolve(bytes.subarray(from, to)) };
}

async function verified(log: MemoryLog, bytes: Buffer): Promise<string> {
  const result = await verifyExport(sourceOf(bytes), { keys: [log.key] });
  return result.ok ? `fine: ${result.rows} rows, ${result.completeness}` : result.fault.message;
}

async function rowsIn(format: ExportFormat, bytes: Buffer): Promise<readonly [number, string][]> {
  const rows: [number, string][] = [];
  for await (const batch of (await OPEN[format](sourceOf(bytes))).rows) {
    rows.push(...batch.map((row): [number, string] => [row.sequence, row.bytes.toString('utf8')]));
  }
  return rows;
}

function generatedLog(seed: number, size: number): MemoryLog {
  const below = numbersFrom(seed);
  return MemoryLog.of(Array.from({ length: size }, (_, n) => generatedRecord(n, below)));
}

const one = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** Filters that ask for few things, so that some records match. */
const filters: fc.Arbitrary<RecordFilter> = fc
  .record(
    {
      kind: one(['decision', 'ballot', 'waiver', 'refusal'] as const),
      resource: one(VALUES.resource),
      action: one(VALUES.action),
      domain: one(VALUES.domain),
      decision: fc.boolean(),
      caller: one(VALUES.caller),
      revision: one(VALUES.revision),
      policy: one(VALUES.policy),
      outcome: one(VALUES.outcome),
      text: one(['retention', 'zürich days', 'ÉTAT']),
      from: one(['2026-01-01T00:00:40Z']),
      to: one(['2026-01-01T00:01:20+00:00']),
    },
    { requiredKeys: [] },
  )
  .map((filter) => Object.fromEntries(Object.entries(filter).slice(0, 2)));

describe.each(EXPORT_FORMATS)('an export as %s', (format) => {
  test('has the rows that the filter finds, byte for byte, and verifies', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 150 }), filters, async (seed, size, filter) => {
        const log = generatedLog(seed, size);
        const bytes = await exported(log, format, filter);
        const expected = log.bytes
          .map((record, sequence): [number, string] => [sequence, record.toString('utf8')])
          .filter(([, record]) => matchesNaively(JSON.parse(record), filter));
        expect(await rowsIn(format, bytes)).toEqual(expected);
        const completeness = Object.keys(filter).length === 0 ? 'proved' : 'stated';
        expect(await verified(log, bytes)).toBe(`fine: ${expected.length} rows, ${completeness}`);
      }),
      { numRuns: 60 },
    );
  });
});
