import type { SchemaElement } from 'hyparquet';
import { COLUMN_NAMES, type ColumnName } from './record-columns.js';

type Column = Omit<SchemaElement, 'name' | 'repetition_type'>;

const TEXT: Column = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
const NUMBER: Column = { type: 'INT64' };
const TIME: Column = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MILLIS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
};

const TYPES: Readonly<Partial<Record<ColumnName, Column>>> = {
  time: TIME,
  decision: { type: 'BOOLEAN' },
  revision: NUMBER,
};

const COLUMNS: readonly SchemaElement[] = [
  { name: 'sequence', repetition_type: 'REQUIRED', ...NUMBER },
  ...COLUMN_NAMES.map((name): SchemaElement => ({
    name,
    repetition_type: 'OPTIONAL',
    ...(TYPES[name] ?? TEXT),
  })),
  { name: 'gap', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY' },
  // Without the older mark of JSON, at which the writer would make JSON of the text.
  { name: 'record', repetition_type: 'REQUIRED', type: 'BYTE_ARRAY', logical_type: { type: 'JSON' } },
];

/** The columns of an export as Parquet, in their order. */
export const PARQUET_COLUMNS: readonly string[] = COLUMNS.map(({ name }) => name);

export const PARQUET_SCHEMA: readonly SchemaElement[] = [
  { name: 'records', num_children: COLUMNS.length },
  ...COLUMNS,
];

/** Rows of a row group, at most. */
export const GROUP_ROWS_MAX = 16_384;
/** A row group ends with the record that brings it to so many bytes. */
export const GROUP_BYTES = 8 * 1024 * 1024;

/** In the footer's metadata: the statement, and two of its members for people. */
export const [STATEMENT_KEY, QUERY_KEY, COUNT_KEY] = ['witan.export', 'witan.query', 'witan.count'] as const;

/** The time column of a record: Unix milliseconds; null for a text that is no time. */
export function timestampOf(time: string | null): bigint | null {
  const ms = time === null ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? null : BigInt(ms);
}
