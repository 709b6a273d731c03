import {
  parquetMetadata,
  parquetReadObjects,
  snappyUncompress,
  type FileMetaData,
  type RowGroup,
} from 'hyparquet';
import { messageOf } from '../../errors.js';
import { isCount } from '../merkle.js';
import { ExportFault } from './export-fault.js';
import type { ExportSource, OpenedExport, ReadRow } from './export-format.js';
import { isLineOfJson } from './export-rows.js';
import { readStatement } from './export-statement.js';
import {
  COUNT_KEY,
  GROUP_ROWS_MAX,
  PARQUET_COLUMNS,
  PARQUET_SCHEMA,
  QUERY_KEY,
  STATEMENT_KEY,
  timestampOf,
} from './parquet-schema.js';
import { COLUMN_NAMES, type RecordColumns } from './record-columns.js';
import { requireDigest } from './seal-bytes.js';

/** The length of the footer, and `PAR1`. */
const END_BYTES = 8;
const FOOTER_BYTES_MAX = 256 * 1024 * 1024;
/** A page, or a row group in its file. A row group of Witan's has 8 MiB and one record more. */
const GROUP_BYTES_MAX = 512 * 1024 * 1024;

const DIGEST = /sha256:[0-9a-f]{64}/g;

/** @throws ExportFault when it is no Parquet, or not as Witan writes it */
export async function openParquet(source: ExportSource): Promise<OpenedExport> {
  const end = await source.read(Math.max(0, source.size - END_BYTES), source.size);
  const footerBytes = end.length === END_BYTES ? end.readUInt32LE(0) : 0;
  if (end.toString('latin1', 4) !== 'PAR1' || footerBytes > source.size - END_BYTES) {
    throw new ExportFault('it does not end as Parquet does: it was cut off, or is none');
  }
  if (footerBytes > FOOTER_BYTES_MAX)
    throw new ExportFault(`the footer has more than ${FOOTER_BYTES_MAX} bytes`);
  const tailFrom = source.size - END_BYTES - footerBytes;
  const footer = await source.read(tailFrom, source.size);
  // A reader of Parquet believes what a page says of itself: what is broken by accident is not given to it.
  const digest = footer.toString('latin1').match(DIGEST)?.at(-1);
  if (digest === undefined) throw new ExportFault('the footer does not hold the statement of an export');
  await requireDigest(source, tailFrom, digest);
  const metadata = await readable('the footer', () => parquetMetadata(footer, { geoparquet: false }));
  const statement = statementOf(metadata);
  requireOwnForm(metadata);
  return { ...statement, tailFrom, rows: rowsOf(source, metadata) };
}

function statementOf({ key_value_metadata: pairs = [] }: FileMetaData): ReturnType<typeof readStatement> {
  const [query, count, text, ...others] = pairs;
  const keys = [query, count, text].map((pair) => pair?.key);
  if (others.length > 0 || keys.join() !== [QUERY_KEY, COUNT_KEY, STATEMENT_KEY].join()) {
    throw new ExportFault('the footer does not hold the statement of an export, and that alone');
  }
  const read = readStatement(text?.value ?? '');
  const { statement } = read;
  if (query?.value !== statement.query || count?.value !== String(statement.count)) {
    throw new ExportFault('the query or the count in the footer is not that of the statement');
  }
  return read;
}

/** What Witan does not write could make others read other rows: columns, files elsewhere, statistics to leave rows out by. */
function requireOwnForm(metadata: FileMetaData): void {
  if (canonical(metadata.schema) !== canonical(PARQUET_SCHEMA)) {
    throw new ExportFault('the columns are not those of an export, in their order and with their types');
  }
  for (const [index, group] of metadata.row_groups.entries()) {
    const own = group.columns.every(
      ({ meta_data: column, file_path, column_index_offset, offset_index_offset }, at) =>
        file_path === undefined &&
        column_index_offset === undefined &&
        offset_index_offset === undefined &&
        column?.statistics === undefined &&
        column?.bloom_filter_offset === undefined &&
        column?.path_in_schema.join('.') === PARQUET_COLUMNS[at],
    );
    const rows = Number(group.num_rows);
    if (!own || group.columns.length !== PARQUET_COLUMNS.length || rows < 1 || rows > GROUP_ROWS_MAX) {
      throw new ExportFault(`row group ${index + 1} is not as an export has them`);
    }
  }
  const rows = metadata.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
  if (rows !== metadata.num_rows) {
    throw new ExportFault(`the footer says ${metadata.num_rows} rows, its row groups ${rows}`);
  }
}

function canonical(schema: readonly object[]): string {
  return JSON.stringify(
    schema.map((element) =>
      Object.entries(element)
        .filter(([, value]) => value !== undefined)
        .sort(),
    ),
  );
}

async function* rowsOf(
  source: ExportSource,
  metadata: FileMetaData,
): AsyncGenerator<readonly ReadRow[], void, undefined> {
  let row = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const read = await readGroup(source, metadata, group, `row group ${index + 1}`);
    yield read.map((each) => readRow(each, (row += 1)));
  }
}

type Cells = Readonly<Record<string, unknown>>;

async function readGroup(
  source: ExportSource,
  metadata: FileMetaData,
  group: RowGroup,
  what: string,
): Promise<readonly Cells[]> {
  const file = {
    byteLength: source.size,
    slice: async (from: number, to = source.size): Promise<ArrayBuffer> => {
      requireRange(from, to, source.size);
      const bytes = await source.read(from, to);
      // A copy of its own: a small buffer shares its memory with others.
      return Uint8Array.from(bytes).buffer;
    },
  };
  const rows = await readable(what, () =>
    parquetReadObjects({
      file,
      metadata: { ...metadata, row_groups: [group], num_rows: group.num_rows },
      compressors: { SNAPPY: uncompress },
      utf8: false,
      geoparquet: false,
      parsers: {
        // Bytes as they are: decoding would forgive what is no UTF-8, and a byte order mark.
        stringFromBytes: (bytes: Uint8Array) => bytes,
        jsonFromBytes: (bytes: Uint8Array) => bytes,
        timestampFromMilliseconds: (milliseconds: bigint) => milliseconds,
      },
    }),
  );
  if (rows.length !== Number(group.num_rows)) {
    throw new ExportFault(`${what}: it says ${group.num_rows} rows and holds ${rows.length}`);
  }
  return rows;
}

function requireRange(from: number, to: number, size: number): void {
  if (!(from >= 0 && from <= to && to <= size)) throw new RangeError('it lies outside the file');
  if (to - from > GROUP_BYTES_MAX) throw new RangeError(`it has more than ${GROUP_BYTES_MAX} bytes`);
}

function uncompress(compressed: Uint8Array, bytes: number): Uint8Array {
  if (bytes > GROUP_BYTES_MAX) throw new RangeError(`a page has more than ${GROUP_BYTES_MAX} bytes`);
  const page = new Uint8Array(bytes);
  snappyUncompress(compressed, page);
  return page;
}

/** Whatever a reader of Parquet stumbles over is a fault of the file. */
async function readable<T>(what: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    throw new ExportFault(`${what} cannot be read as Parquet: ${messageOf(thrown)}`);
  }
}

function readRow(cells: Cells, row: number): ReadRow {
  const sequence = Number(cells['sequence']);
  if (typeof cells['sequence'] !== 'bigint' || !isCount(sequence)) {
    throw new ExportFault('expected a sequence in the first column', { row });
  }
  const [gap, bytes] = [bytesOf(cells['gap']) ?? Buffer.alloc(0), bytesOf(cells['record'])];
  if (bytes === undefined || !isLineOfJson(bytes)) {
    throw new ExportFault('the record is not an object of JSON', { row, sequence });
  }
  return { sequence, gap, bytes, differs: (columns) => differenceOf(cells, columns) };
}

function bytesOf(value: unknown): Buffer | undefined {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : undefined;
}

function differenceOf(cells: Cells, columns: RecordColumns): string | undefined {
  for (const name of COLUMN_NAMES) {
    const found = bytesOf(cells[name]) ?? cells[name] ?? null;
    const expected = name === 'time' ? timestampOf(columns.time) : columns[name];
    const same = Buffer.isBuffer(found)
      ? typeof expected === 'string' && found.equals(Buffer.from(expected))
      : found === (typeof expected === 'number' ? BigInt(expected) : expected);
    if (!same) return `the column \`${name}\` says \`${textOf(found)}\`, the record \`${String(expected)}\``;
  }
  return undefined;
}

function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : 'nothing';
}
