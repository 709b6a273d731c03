import { stringify } from 'csv-stringify/sync';
import { readCount } from '../checkpoint.js';
import { QUOTE, readCells } from './csv-cells.js';
import { ExportFault } from './export-fault.js';
import type { ExportSource, OpenedExport, ReadRow } from './export-format.js';
import { isLineOfJson, type ExportPart, type ExportRow } from './export-rows.js';
import { readStatement, STATEMENT_BYTES_MAX, writeStatement } from './export-statement.js';
import { ChunkJoiner, linesOf } from './lines.js';
import { COLUMN_NAMES, columnsOf, type ColumnName, type RecordColumns } from './record-columns.js';
import { sealBytes } from './seal-bytes.js';

const HEADER = ['sequence', ...COLUMN_NAMES, 'gap', 'record'] as const;
const HEADER_LINE = Buffer.from(`${HEADER.join(',')}\r\n`);
const KIND = HEADER.indexOf('kind');
/** The kind of the row that holds the statement; no record has it. */
const STATEMENT_KIND = 'export';
const LINE_END = '\r\n';
/** What a spreadsheet would take for the begin of a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

/**
 * CSV (RFC 4180) with a header: a row a record, and the statement in the last row, of the kind `export`. A cell that a
 * spreadsheet would take for a formula begins with `'`; the record's own JSON always begins with `{` and stays exact.
 */
export function writeCsv(parts: AsyncIterable<ExportPart>): AsyncGenerator<Buffer, void, undefined> {
  return sealBytes(rows(parts));
}

async function* rows(parts: AsyncIterable<ExportPart>): AsyncGenerator<Buffer, void, undefined> {
  const joiner = new ChunkJoiner();
  joiner.add(HEADER_LINE);
  for await (const { rows, statement } of parts) {
    if (statement !== undefined) {
      yield Buffer.concat([joiner.take(), textOf([statementCells(writeStatement(statement))])]);
      return;
    }
    for (let at = 0; at < rows.length; at += ROWS_MAX) {
      const full = joiner.add(textOf(rows.slice(at, at + ROWS_MAX).map(cellsOf)));
      if (full !== undefined) yield full;
    }
  }
}

const STRINGIFYING = {
  record_delimiter: LINE_END,
  escape_formulas: true,
  // Of line breaks the library quotes the one alone that ends rows.
  quoted_match: /[\r\n]/,
};

/** Rows that are made into text at once. */
const ROWS_MAX = 128;

function textOf(cells: readonly (readonly string[])[]): Buffer {
  return Buffer.from(stringify([...cells], STRINGIFYING));
}

function cellsOf({ sequence, gap, bytes }: ExportRow): readonly string[] {
  const record = bytes.toString('utf8');
  const columns = columnsOf(JSON.parse(record));
  return [
    String(sequence),
    ...COLUMN_NAMES.map((name) => textOfColumn(columns, name)),
    // Base64 may begin with `+`, which a spreadsheet takes for a formula.
    gap.toString('hex'),
    record,
  ];
}

function statementCells(statement: string): readonly string[] {
  const cells = HEADER.map(() => '');
  return cells.with(KIND, STATEMENT_KIND).with(-1, statement);
}

/** What is not there is an empty cell, as an empty text is. */
function textOfColumn(columns: RecordColumns, name: ColumnName): string {
  const value = columns[name];
  return value === null ? '' : String(value);
}

/** @throws ExportFault when it does not end with a statement */
export async function openCsv(source: ExportSource): Promise<OpenedExport> {
  const from = Math.max(0, source.size - STATEMENT_BYTES_MAX);
  const tail = await source.read(from, source.size);
  // INVARIANT: the statement is JSON in one line, so its row is the last line.
  const start = tail.lastIndexOf(LINE_END, -LINE_END.length - 1) + LINE_END.length;
  const cells = readCells(tail.subarray(start, -LINE_END.length));
  const text = cells?.at(-1)?.toString('utf8');
  const expected = text === undefined ? [] : statementCells(text);
  const isLast = tail.subarray(-LINE_END.length).equals(Buffer.from(LINE_END));
  if (text === undefined || !isLast || !areCells(cells, expected)) {
    throw new ExportFault('it does not end with the statement of an export: it was cut off, or is none');
  }
  const tailFrom = from + start;
  return { ...readStatement(text), tailFrom, rows: rowsOf(source, tailFrom) };
}

function areCells(cells: readonly Buffer[] | undefined, expected: readonly string[]): boolean {
  return (
    cells?.length === expected.length &&
    cells.every((cell, at) => cell.equals(Buffer.from(expected[at] ?? '')))
  );
}

async function* rowsOf(
  source: ExportSource,
  to: number,
): AsyncGenerator<readonly ReadRow[], void, undefined> {
  const header = await source.read(0, Math.min(HEADER_LINE.length, to));
  if (!header.equals(HEADER_LINE)) throw new ExportFault(`expected the header \`${HEADER.join(',')}\``);
  let row = 0;
  let begun: Buffer[] = [];
  let open = false;
  for await (const lines of linesOf(source, HEADER_LINE.length, to)) {
    const read: ReadRow[] = [];
    for (const line of lines) {
      begun.push(line);
      // A line break between quotes belongs to a cell.
      if (hasOddQuotes(line)) open = !open;
      if (open) continue;
      read.push(readRow(begun.length === 1 ? line : Buffer.concat(begun), (row += 1)));
      begun = [];
    }
    yield read;
  }
  if (begun.length > 0) throw new ExportFault('a cell that begins with `"` does not end', { row: row + 1 });
}

function hasOddQuotes(line: Buffer): boolean {
  let odd = false;
  // There are many quotes in JSON: looking at each byte is faster than a call for each of them.
  for (let at = 0; at < line.length; at += 1) if (line[at] === QUOTE) odd = !odd;
  return odd;
}

function readRow(line: Buffer, row: number): ReadRow {
  const cells = line.subarray(-LINE_END.length).equals(Buffer.from(LINE_END))
    ? readCells(line.subarray(0, -LINE_END.length))
    : undefined;
  if (cells?.length !== HEADER.length) {
    throw new ExportFault(`expected ${HEADER.length} cells and a line break, as RFC 4180 writes them`, {
      row,
    });
  }
  const [first, ...others] = cells;
  const sequence = readCount(first?.toString('latin1') ?? '');
  if (sequence === undefined) throw new ExportFault('expected a sequence in the first column', { row });
  const [hex, bytes] = others.slice(-2);
  const gap = Buffer.from(hex?.toString('latin1') ?? '', 'hex');
  if (gap.toString('hex') !== hex?.toString('latin1')) {
    throw new ExportFault('the gap is not in hexadecimal digits', { row, sequence });
  }
  if (bytes === undefined || !isLineOfJson(bytes)) {
    throw new ExportFault('the record is not an object of JSON', { row, sequence });
  }
  return { sequence, gap, bytes, differs: (columns) => differenceOf(others, columns) };
}

function differenceOf(cells: readonly Buffer[], columns: RecordColumns): string | undefined {
  for (const [at, name] of COLUMN_NAMES.entries()) {
    const text = textOfColumn(columns, name);
    const expected = FORMULA.test(text) ? `'${text}` : text;
    const found = cells[at];
    if (found?.equals(Buffer.from(expected)) !== true) {
      return `the column \`${name}\` says \`${String(found)}\`, the record \`${expected}\``;
    }
  }
  return undefined;
}
