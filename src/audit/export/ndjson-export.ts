import { readBase64 } from '../base64.js';
import { readCount } from '../checkpoint.js';
import { ExportFault } from './export-fault.js';
import type { ExportSource, OpenedExport, ReadRow } from './export-format.js';
import { isLineOfJson, type ExportPart, type ExportRow } from './export-rows.js';
import { readStatement, STATEMENT_BYTES_MAX, writeStatement } from './export-statement.js';
import { ChunkJoiner, linesOf } from './lines.js';
import { sealBytes } from './seal-bytes.js';

const BEFORE_RECORD = Buffer.from(',"record":');
const AFTER_ROW = Buffer.from('}\n');
const NO_GAP = Buffer.alloc(0);
const ROW_HEAD = /^\{"sequence":(\d+)(?:,"gap":"([^"]+)")?$/;
const STATEMENT = /^\{"export":(.*)\}\n$/s;

/** NDJSON: a line a row, and the statement in the last line. The bytes of records stand in it as they are. */
export function writeNdjson(parts: AsyncIterable<ExportPart>): AsyncGenerator<Buffer, void, undefined> {
  return sealBytes(lines(parts));
}

async function* lines(parts: AsyncIterable<ExportPart>): AsyncGenerator<Buffer, void, undefined> {
  const joiner = new ChunkJoiner();
  for await (const { rows, statement } of parts) {
    if (statement !== undefined) {
      yield Buffer.concat([joiner.take(), Buffer.from(`{"export":${writeStatement(statement)}}\n`)]);
      return;
    }
    for (const row of rows) {
      const full = joiner.add(Buffer.from(headOf(row)), BEFORE_RECORD, row.bytes, AFTER_ROW);
      if (full !== undefined) yield full;
    }
  }
}

function headOf({ sequence, gap }: ExportRow): string {
  return `{"sequence":${sequence}${gap.length === 0 ? '' : `,"gap":"${gap.toString('base64')}"`}`;
}

/** @throws ExportFault when it does not end with a statement */
export async function openNdjson(source: ExportSource): Promise<OpenedExport> {
  const from = Math.max(0, source.size - STATEMENT_BYTES_MAX);
  const tail = await source.read(from, source.size);
  const start = tail.lastIndexOf('\n', -2) + 1;
  const text = STATEMENT.exec(tail.toString('utf8', start))?.[1];
  if (text === undefined || (start === 0 && from > 0)) {
    throw new ExportFault('it does not end with the statement of an export: it was cut off, or is none');
  }
  const tailFrom = from + start;
  return { ...readStatement(text), tailFrom, rows: rowsOf(source, tailFrom) };
}

async function* rowsOf(
  source: ExportSource,
  to: number,
): AsyncGenerator<readonly ReadRow[], void, undefined> {
  let row = 0;
  for await (const batch of linesOf(source, 0, to)) {
    yield batch.map((line) => readRow(line, (row += 1)));
  }
}

function readRow(line: Buffer, row: number): ReadRow {
  const headEnd = line.indexOf(BEFORE_RECORD);
  const [, digits = '', base64] = ROW_HEAD.exec(line.toString('latin1', 0, Math.max(headEnd, 0))) ?? [];
  const sequence = readCount(digits);
  if (sequence === undefined || !line.subarray(-AFTER_ROW.length).equals(AFTER_ROW)) {
    throw new ExportFault('expected `{"sequence":…,"gap":"…","record":{…}}` and a line break', { row });
  }
  const gap = base64 === undefined ? NO_GAP : readBase64(base64);
  if (gap === undefined) throw new ExportFault('the gap is not base64', { row, sequence });
  const bytes = line.subarray(headEnd + BEFORE_RECORD.length, -AFTER_ROW.length);
  if (!isLineOfJson(bytes)) throw new ExportFault('the record is not an object of JSON', { row, sequence });
  return { sequence, gap, bytes };
}
