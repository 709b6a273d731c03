import type { KeyValue } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ExportPart, ExportRow } from './export-rows.js';
import { writeStatement, type ExportStatement } from './export-statement.js';
import {
  COUNT_KEY,
  GROUP_BYTES,
  GROUP_ROWS_MAX,
  PARQUET_SCHEMA,
  QUERY_KEY,
  STATEMENT_KEY,
  timestampOf,
} from './parquet-schema.js';
import { COLUMN_NAMES, columnsOf, type ColumnName, type RecordColumns } from './record-columns.js';
import { sealBytes } from './seal-bytes.js';

/**
 * Parquet: the columns that people ask for, and the exact bytes of each record; the statement stands in the footer's
 * metadata as `witan.export`. There are no statistics: readers would leave rows out by them, and nothing proves them.
 */
export function writeParquet(parts: AsyncIterable<ExportPart>): AsyncGenerator<Buffer, void, undefined> {
  return sealBytes(groups(parts));
}

async function* groups(parts: AsyncIterable<ExportPart>): AsyncGenerator<Buffer, void, undefined> {
  const file = new ParquetFile();
  let group: ExportRow[] = [];
  let bytes = 0;
  for await (const { rows, statement } of parts) {
    if (statement !== undefined) {
      if (group.length > 0) yield file.group(group);
      yield file.end(statement);
      return;
    }
    for (const row of rows) {
      group.push(row);
      bytes += row.bytes.length + row.gap.length;
      if (bytes < GROUP_BYTES && group.length < GROUP_ROWS_MAX) continue;
      yield file.group(group);
      [group, bytes] = [[], 0];
    }
  }
}

/** Hands out the bytes of a Parquet file as far as it is written. */
class ParquetFile {
  readonly #bytes = new ByteWriter();
  /** Read by the writer when the file ends. */
  readonly #metadata: KeyValue[] = [];
  readonly #writer = new ParquetWriter({
    writer: this.#bytes,
    schema: [...PARQUET_SCHEMA],
    statistics: false,
    kvMetadata: this.#metadata,
    createdBy: 'witan',
  });

  group(rows: readonly ExportRow[]): Buffer {
    const columns = rows.map(({ bytes }) => columnsOf(JSON.parse(bytes.toString('utf8'))));
    // INVARIANT: a writer to memory flushes nothing, so nothing is waited for.
    void this.#writer.write({
      columnData: [
        { name: 'sequence', data: rows.map(({ sequence }) => BigInt(sequence)) },
        ...COLUMN_NAMES.map((name) => ({ name, data: columns.map((each) => valueOf(each, name)) })),
        {
          name: 'gap',
          data: rows.map(({ gap }) => (gap.length === 0 ? null : gap)),
          encoding: 'PLAIN' as const,
        },
        { name: 'record', data: rows.map(({ bytes }) => bytes), encoding: 'PLAIN' as const },
      ].map((column) => ({ ...column, offsetIndex: false })),
      rowGroupSize: rows.length,
    });
    return this.#take();
  }

  end(statement: ExportStatement): Buffer {
    this.#metadata.push(
      { key: QUERY_KEY, value: statement.query },
      { key: COUNT_KEY, value: String(statement.count) },
      { key: STATEMENT_KEY, value: writeStatement(statement) },
    );
    void this.#writer.finish();
    return this.#take();
  }

  #take(): Buffer {
    const taken = Buffer.from(this.#bytes.getBytes());
    this.#bytes.index = 0;
    return taken;
  }
}

function valueOf(columns: RecordColumns, name: ColumnName): string | bigint | boolean | null {
  if (name === 'time') return timestampOf(columns.time);
  const value = columns[name];
  return typeof value === 'number' ? BigInt(value) : value;
}
