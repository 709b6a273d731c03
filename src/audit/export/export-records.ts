import type { RecordFilter, RecordReader } from '../query.js';
import { writeFilter } from '../record-filter.js';
import type { LogTree, SignedCheckpoint } from '../tree.js';
import { WitanError } from '../../errors.js';
import { writeCsv } from './csv-export.js';
import type { ExportFormat } from './export-format.js';
import { exportRows, type ExportPart } from './export-rows.js';
import { writeNdjson } from './ndjson-export.js';
import { writeParquet } from './write-parquet.js';

interface Sources {
  readonly records: Pick<RecordReader, 'scan' | 'minimumIndex'>;
  readonly tree: Pick<LogTree, 'nodes' | 'keys'>;
}

export interface RecordExport {
  readonly filter: RecordFilter;
  /** What the log is proved by; records before its size are looked through. */
  readonly checkpoint: SignedCheckpoint;
  /** RFC 3339. */
  readonly extractedAt: string;
}

/**
 * The records that a filter finds, with what proves them, in order.
 *
 * @throws WitanError `store_unavailable` when records are pruned meanwhile; `store_corrupt`, and as `RecordReader.scan`
 */
export async function* exportRecords(
  { records, tree }: Sources,
  { filter, checkpoint, extractedAt }: RecordExport,
): AsyncGenerator<ExportPart, void, undefined> {
  const minimumIndex = await records.minimumIndex();
  const query = writeFilter(filter);
  const parts = exportRows(records.scan(filter, { upTo: checkpoint.size }), tree, {
    query,
    checkpoint,
    minimumIndex,
    extractedAt,
    keys: await tree.keys(),
  });
  for await (const part of parts) {
    // INVARIANT: the statement is the last part, and without it nothing verifies.
    if (part.statement !== undefined)
      await requireWhole(records, minimumIndex, part.statement.count, query, checkpoint.size);
    yield part;
  }
}

/** An export that lacks what was pruned while it was written, or anything else, gets no statement. */
async function requireWhole(
  records: Sources['records'],
  minimumIndex: number,
  count: number,
  query: string,
  size: number,
): Promise<void> {
  if ((await records.minimumIndex()) !== minimumIndex) {
    throw new WitanError(
      'store_unavailable',
      'records were pruned while they were exported; export them again',
    );
  }
  if (query === '' && count !== size - minimumIndex) {
    throw new WitanError(
      'store_corrupt',
      `the log answered with ${count} records from ${minimumIndex} to ${size - 1}`,
    );
  }
}

const WRITERS = { ndjson: writeNdjson, csv: writeCsv, parquet: writeParquet } as const;

/** The bytes of an export in chunks, written as they are asked for: memory does not grow with it. */
export function writeExport(
  format: ExportFormat,
  parts: AsyncIterable<ExportPart>,
): AsyncGenerator<Buffer, void, undefined> {
  return WRITERS[format](parts);
}
