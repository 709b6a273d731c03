import type { ExportRow } from './export-rows.js';
import type { ReadStatement } from './export-statement.js';
import type { RecordColumns } from './record-columns.js';

export const EXPORT_FORMATS = ['ndjson', 'csv', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The bytes of an export that is read: a file, or what stands for one. */
export interface ExportSource {
  /** In bytes. */
  readonly size: number;
  /** MUST resolve to all bytes from `from` up to, and without, `to`, which lie within the size. */
  read(from: number, to: number): Promise<Buffer>;
}

/** A row as it was read. */
export interface ReadRow extends ExportRow {
  /** What of the row's readable columns is not what the record says; absent in a format that has none. */
  readonly differs?: (columns: RecordColumns) => string | undefined;
}

/** An export whose end was read. */
export interface OpenedExport extends ReadStatement {
  /** Where the last bytes begin that hold the digest. */
  readonly tailFrom: number;
  /** In batches of bounded bytes. Throws ExportFault at the row that cannot be read. */
  readonly rows: AsyncIterable<readonly ReadRow[]>;
}
