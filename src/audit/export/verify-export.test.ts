import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { generatedRecord, numbersFrom, VALUES } from '../../store/testing/generated-records.js';
import { matchesNaively } from '../../store/testing/naive-filter.js';
import { subtreesOf } from '../merkle.js';
import { signingKeyOf } from '../note-key.js';
import type { RecordFilter } from '../query.js';
import { MemoryLog } from '../testing/memory-log.js';
import { EXPORT_FORMATS, type ExportFormat, type ExportSource } from './export-format.js';
import { exportRecords, writeExport } from './export-records.js';
import type { ExportPart, ExportRow } from './export-rows.js';
import type { ExportStatement } from './export-statement.js';
import { openCsv } from './csv-export.js';
import { openNdjson } from './ndjson-export.js';
import { openParquet } from './open-parquet.js';
import { sealBytes } from './seal-bytes.js';
import { verifyExport } from './verify-export.js';

const EXTRACTED_AT = '2026-07-01T08:00:00.000Z';
const OPEN = { ndjson: openNdjson, csv: openCsv, parquet: openParquet } as const;

async function partsOf(log: MemoryLog, filter: RecordFilter): Promise<readonly ExportPart[]> {
  const { checkpoint, sources } = log;
  const parts: ExportPart[] = [];
  for await (const part of exportRecords(sources, { filter, checkpoint, extractedAt: EXTRACTED_AT }))
    parts.push(part);
  return parts;
}

async function* batchesOf<T>(batch: T): AsyncGenerator<T, void> {
  await Promise.resolve();
  yield batch;
}

async function bytesOf(
  format: ExportFormat,
  parts: Iterable<ExportPart> | AsyncIterable<ExportPart>,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of writeExport(format, Readable.from(parts))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function exported(log: MemoryLog, format: ExportFormat, filter: RecordFilter = {}): Promise<Buffer> {
  return bytesOf(format, await partsOf(log, filter));
}

/** As whoever wants to deceive would do it: with a digest that is right. */
async function resealed(bytes: Buffer): Promise<Buffer> {
  const open = bytes.toString('latin1').replace(/("digest":"sha256:)[0-9a-f]{64}/, `$1${'0'.repeat(64)}`);
  const chunks: Buffer[] = [];
  for await (const chunk of sealBytes(Readable.from([Buffer.from(open, 'latin1')]))) chunks.push(chunk);
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
      within: one(['sales', 'finance,marketing']),
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

  test('of nothing, of an empty log and of a pruned log verifies', async () => {
    const log = generatedLog(1, 70);
    expect(await verified(log, await exported(log, format, { subject: 'nobody' }))).toBe(
      'fine: 0 rows, stated',
    );
    const empty = MemoryLog.of([]);
    expect(await verified(empty, await exported(empty, format))).toBe('fine: 0 rows, proved');
    const pruned = new MemoryLog(log.bytes, 37);
    expect(await verified(pruned, await exported(pruned, format))).toBe('fine: 33 rows, proved');
  });

  test('keeps exact what is hard to keep: other scripts, U+2028, great numbers, formulas, line breaks', async () => {
    const texts = [
      '=cmd()',
      '+1',
      '-1',
      '@x',
      '\tx',
      '\rx',
      '＝1',
      '"',
      ',',
      'a\r\nb',
      '\n',
      "'=1",
      '\ufeffx',
      '\u2028',
      '𝄞',
      '\ud800',
      '',
    ];
    const records = texts.map((text, n) => ({
      ...generatedRecord(n, numbersFrom(n)),
      domain: text,
      code: text,
      time: text,
    }));
    const exact = [
      ...records.map((record) => JSON.stringify(record)),
      '{"kind":"decision","revision":9007199254740993,"domain":"\u2028ü","n":123456789012345678901234567890}',
      '{"kind" : "decision", "a":1.0, "b":1e2}',
    ];
    const log = new MemoryLog(exact.map((text) => Buffer.from(text)));
    const bytes = await exported(log, format);
    expect(await rowsIn(format, bytes)).toEqual(exact.map((text, sequence) => [sequence, text]));
    expect(await verified(log, bytes)).toBe(`fine: ${exact.length} rows, proved`);
  });

  test('no longer verifies with any bit flipped', { timeout: 60_000 }, async () => {
    const log = generatedLog(5, 9);
    const bytes = await exported(log, format, { to: '2026-01-01T00:00:07Z' });
    expect(await verified(log, bytes)).toMatch(/^fine: /);
    const passed: string[] = [];
    for (let at = 0; at < bytes.length; at += 3) {
      const bit = (at / 3) % 8;
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << bit;
      const said = await verified(log, flipped);
      if (said.startsWith('fine') || said === '') passed.push(`bit ${bit} of byte ${at}`);
    }
    expect(passed).toEqual([]);
  });

  test('no longer verifies when it is cut off anywhere', async () => {
    const log = generatedLog(6, 5);
    const bytes = await exported(log, format);
    const said = new Set<string>();
    for (let size = 0; size < bytes.length; size += 11)
      said.add(await verified(log, bytes.subarray(0, size)));
    expect([...said].filter((each) => !/cut off|NDJSON, CSV or Parquet/.test(each))).toEqual([]);
  });

  test('no longer verifies with a row removed, repeated, swapped, added or changed, and says where', async () => {
    const log = generatedLog(7, 40);
    const filter: RecordFilter = { kind: 'decision' };
    const all = await partsOf(log, filter);
    const rows = all.flatMap((part) => part.rows ?? []);
    const statement = all.at(-1)!.statement!;
    const first = rows[0]!;
    const decision = rows.findIndex(({ sequence }, at) => at > 3 && rows[at + 1]!.sequence === sequence + 1);
    const row = rows[decision]!;
    const changed = { ...row, bytes: Buffer.from(row.bytes.toString().replace('decision', 'refusal ')) };
    const cases: readonly (readonly [string, readonly ExportRow[], RegExp])[] = [
      [
        'removed',
        rows.toSpliced(decision, 1),
        new RegExp(`^row ${decision + 1} .*the records from .* were left out`),
      ],
      ['the first removed', rows.slice(1), /^row 1 |do not lead|the statement says/],
      ['the last removed', rows.slice(0, -1), /the statement says/],
      [
        'repeated',
        rows.toSpliced(decision, 0, row),
        new RegExp(`^row ${decision + 2} \\(record ${row.sequence}\\): expected a record after`),
      ],
      [
        'swapped',
        rows.with(decision, rows[decision + 1]!).with(decision + 1, row),
        new RegExp(`^row ${decision + 1} `),
      ],
      ['added', [...rows, { ...first, sequence: 40 }], /^row .*the log had 40 records/],
      [
        'of another kind',
        rows.with(decision, changed),
        new RegExp(
          `^row ${decision + 1} \\(record ${row.sequence}\\): the record is not one that the query asks for`,
        ),
      ],
      [
        'changed',
        rows.with(0, { ...first, bytes: Buffer.from(`${first.bytes.toString().slice(0, -1)},"x":1}`) }),
        /do not lead to the root/,
      ],
    ];
    for (const [what, rows, expected] of cases) {
      const forged = await bytesOf(format, [{ rows }, { statement }]);
      expect([what, await verified(log, forged)]).toEqual([what, expect.stringMatching(expected)]);
    }
  });

  test('with a statement that says something else, or signed by another log, does not verify', async () => {
    const log = generatedLog(8, 12);
    const parts = await partsOf(log, {});
    const statement = parts.at(-1)!.statement!;
    const other = new MemoryLog(generatedLog(9, 12).bytes);
    const cases: readonly (readonly [Partial<ExportStatement>, RegExp])[] = [
      [{ count: 11 }, /says 11 rows, the export has 12/],
      [{ first: 1 }, /rows are those from 1 to 11/],
      [{ minimum_index: 3 }, /records before 3 were pruned/],
      [{ log_size: 13 }, /had 13 records, its checkpoint 12/],
      [{ query: 'kind=decision' }, /not one that the query asks for/],
      [{ query: 'knd=decision' }, /`knd` is not known/],
      [{ gap: 'AAAA' }, /gap after the last row has 3 bytes/],
      [{ checkpoint: other.checkpoint.note }, /do not lead to the root/],
      [{ checkpoint: statement.checkpoint.replace('12\n', '13\n') }, /signature .* is not valid/],
    ];
    for (const [changed, expected] of cases) {
      const forged = await bytesOf(format, parts.with(-1, { statement: { ...statement, ...changed } }));
      expect([changed, await verified(log, forged)]).toEqual([changed, expect.stringMatching(expected)]);
    }
    const stranger = signingKeyOf('example.com/log', Buffer.alloc(32, 8));
    const result = await verifyExport(sourceOf(await bytesOf(format, parts)), { keys: [stranger] });
    expect(result).toMatchObject({
      ok: false,
      fault: { message: expect.stringMatching(/none of its signatures is of a known key/) },
    });
  });

  test('that leaves out what the query finds is found out by asking the log again', async () => {
    const log = generatedLog(10, 60);
    const parts = await partsOf(log, { decision: true });
    const rows = parts.flatMap((part) => part.rows ?? []);
    const [count, kept] = [rows.length, rows.slice(0, 1)];
    const statement = parts.at(-1)!.statement!;
    const from = kept[0]!.sequence + 1;
    const gap = Buffer.concat(await log.nodes(subtreesOf(from, 60))).toString('base64');
    const forged = await bytesOf(format, [
      { rows: kept },
      { statement: { ...statement, count: 1, last: statement.first!, gap } },
    ]);
    expect(await verified(log, forged)).toBe('fine: 1 rows, stated');
    const needs = { keys: [log.key], recount: () => Promise.resolve(count) };
    expect(await verifyExport(sourceOf(forged), needs)).toMatchObject({
      ok: false,
      fault: { message: `the log finds ${count} records for the query, the export has 1` },
    });
    expect(await verifyExport(sourceOf(await bytesOf(format, parts)), needs)).toMatchObject({
      completeness: 'asked',
    });
  });
});

test('an export of a log that answers out of order, or with what is no record, has no statement', async () => {
  const log = generatedLog(11, 5);
  const record = { sequence: 2, bytes: log.bytes[2]! };
  for (const [records, expected] of [
    [[record, record], 'record 2 where one from 3 to 4'],
    [[{ ...record, sequence: 5 }], 'record 5 where one from 0 to 4'],
    [[{ ...record, bytes: Buffer.from('{"a":\n1}') }], 'record 2 is not an object of JSON'],
    [[{ ...record, bytes: Buffer.from('[1]') }], 'record 2 is not an object of JSON'],
    [[{ ...record, bytes: Buffer.from('7b22c3227d', 'hex') }], 'record 2 is not an object of JSON'],
    [[], 'the log answered with 0 records from 0 to 4'],
  ] as const) {
    const broken = { minimumIndex: () => Promise.resolve(0), scan: () => batchesOf(records) };
    const parts = exportRecords(
      { records: broken, tree: log },
      { filter: {}, checkpoint: log.checkpoint, extractedAt: EXTRACTED_AT },
    );
    await expect(bytesOf('ndjson', parts)).rejects.toThrow(expected);
  }
});

test('an export during which records are pruned fails', async () => {
  const log = generatedLog(12, 5);
  let minimum = 0;
  const pruning = { minimumIndex: () => Promise.resolve(minimum++), scan: log.scan.bind(log) };
  const parts = exportRecords(
    { records: pruning, tree: log },
    { filter: {}, checkpoint: log.checkpoint, extractedAt: EXTRACTED_AT },
  );
  await expect(bytesOf('csv', parts)).rejects.toThrow('records were pruned while they were exported');
});

test('CSV is read by others as it was meant, and no cell is a formula', async () => {
  const texts = ['=cmd()', '+1', '-1', '@x', '\tx', '\rx', '＝1', 'a"b', 'a,b', 'a\r\nb'];
  const log = MemoryLog.of(
    texts.map((text, n) => ({ ...generatedRecord(n, numbersFrom(n)), domain: text, code: `x${text}` })),
  );
  const rows: readonly Record<string, string>[] = parse(await exported(log, 'csv'), { columns: true });
  expect(rows.slice(0, -1).map(({ domain }) => domain)).toEqual(
    texts.map((text) => (/^[=+\-@\t\r＝]/.test(text) ? `'${text}` : text)),
  );
  expect(rows.slice(0, -1).map(({ code }) => code)).toEqual(texts.map((text) => `x${text}`));
  expect(rows.slice(0, -1).map(({ record }) => record)).toEqual(log.bytes.map(String));
  expect(rows.flatMap((row) => Object.values(row)).filter((cell) => /^[=+\-@\t\r＝]/.test(cell))).toEqual([]);
  expect(rows.at(-1)).toMatchObject({
    kind: 'export',
    sequence: '',
    record: expect.stringMatching(/^\{"format":/),
  });
});

test('Parquet is read by others with its types, and the query in the footer', async () => {
  const log = generatedLog(13, 40);
  const bytes = await exported(log, 'parquet', { decision: true });
  const file = Uint8Array.from(bytes).buffer;
  const rows = await parquetReadObjects({
    file,
    parsers: { jsonFromBytes: (json) => Buffer.from(json).toString() },
  });
  expect(rows.length).toBeGreaterThan(3);
  for (const row of rows) {
    const record = JSON.parse(row['record']);
    expect(row['record']).toBe(String(log.bytes[Number(row['sequence'])]));
    expect(row['time'] ?? null).toEqual(Number.isNaN(Date.parse(record.time)) ? null : new Date(record.time));
    expect([row['id'], row['decision'], row['action']]).toEqual([
      record.id,
      true,
      record.evaluation.action.name,
    ]);
  }
  const pairs = Object.fromEntries(
    parquetMetadata(file).key_value_metadata!.map(({ key, value }) => [key, value]),
  );
  expect(pairs).toMatchObject({ 'witan.query': 'decision=true', 'witan.count': String(rows.length) });
});

test('Parquet with a column more, or a name changed, does not verify', async () => {
  const log = generatedLog(14, 5);
  const bytes = await exported(log, 'parquet');
  const renamed = Buffer.from(bytes.toString('latin1').replaceAll('subject', 'sUbject'), 'latin1');
  expect(await verified(log, await resealed(renamed))).toMatch(/the columns are not those of an export/);
});
