import { messageOf, WitanError, type Fault } from '../../errors.js';
import { readBase64 } from '../base64.js';
import { openCheckpoint, type Checkpoint } from '../checkpoint.js';
import { matcherOf } from '../matches-filter.js';
import type { VerifierKey } from '../note-key.js';
import type { RecordFilter } from '../query.js';
import { parseFilterText, writeFilter } from '../record-filter.js';
import { openCsv } from './csv-export.js';
import { ExportFault } from './export-fault.js';
import type { ExportFormat, ExportSource, OpenedExport, ReadRow } from './export-format.js';
import type { ExportStatement } from './export-statement.js';
import { ExportWalk } from './export-walk.js';
import { openNdjson } from './ndjson-export.js';
import { openParquet } from './open-parquet.js';
import { columnsOf } from './record-columns.js';
import { requireDigest } from './seal-bytes.js';

/** What is known of whether the rows are all that the query finds in the log as it was signed. */
export type ExportCompleteness =
  /** Everything was asked for, and nothing was left out. */
  | 'proved'
  /** The log was asked again, and has as many. */
  | 'asked'
  /** The exporter says so. Which records were left out is fixed: the log can be asked about any of them. */
  | 'stated';

export type ExportVerification =
  | {
      readonly ok: true;
      readonly format: ExportFormat;
      readonly statement: ExportStatement;
      readonly rows: number;
      readonly completeness: ExportCompleteness;
    }
  | { readonly ok: false; readonly fault: Fault };

export interface VerifyExport {
  /** The keys that are trusted to sign for the log; those in the export itself prove nothing. */
  readonly keys: readonly VerifierKey[];
  /** Asks the log: how many records with a sequence from `from` up to, and without, `upTo` the filter finds. */
  readonly recount?: (
    filter: RecordFilter,
    span: { readonly from: number; readonly upTo: number },
  ) => Promise<number>;
}

/**
 * Verifies an export, in whichever format it is: that its checkpoint is signed with a trusted key, that rows and gaps
 * lead to its root (so every record is in the log at its place with these bytes), that every row is what the query asks
 * for and its columns say what the record says, and that nothing else of the file has changed. Memory does not grow with
 * the export.
 *
 * @returns the statement, or the first fault with its place. What the source and `recount` throw is thrown.
 */
export async function verifyExport(source: ExportSource, needs: VerifyExport): Promise<ExportVerification> {
  try {
    const { format, open } = await formatOf(source);
    const opened = await open(source);
    const walk = new ExportWalk();
    const { statement } = opened;
    const completeness = await verifyOpened(source, opened, walk, needs);
    return { ok: true, format, statement, rows: walk.rows, completeness };
  } catch (thrown) {
    if (!(thrown instanceof ExportFault)) throw thrown;
    return {
      ok: false,
      fault: { ...(thrown.row !== undefined && { row: thrown.row }), message: thrown.message },
    };
  }
}

interface KnownFormat {
  readonly format: ExportFormat;
  readonly begin: string;
  readonly open: (source: ExportSource) => Promise<OpenedExport>;
}

const FORMATS: readonly KnownFormat[] = [
  { format: 'ndjson', begin: '{"', open: openNdjson },
  { format: 'csv', begin: 'sequence,', open: openCsv },
  { format: 'parquet', begin: 'PAR1', open: openParquet },
];

async function formatOf(source: ExportSource): Promise<KnownFormat> {
  const head = (await source.read(0, Math.min(16, source.size))).toString('latin1');
  const known = FORMATS.find(({ begin }) => head.startsWith(begin));
  if (known === undefined) throw new ExportFault('expected an export as NDJSON, CSV or Parquet');
  return known;
}

async function verifyOpened(
  source: ExportSource,
  { statement, digest, tailFrom, rows }: OpenedExport,
  walk: ExportWalk,
  { keys, recount }: VerifyExport,
): Promise<ExportCompleteness> {
  const checkpoint = checkpointOf(statement, keys);
  const filter = filterOf(statement);
  const matches = matcherOf(filter);
  for await (const batch of rows) {
    for (const row of batch) {
      walk.row(row, checkpoint.size);
      verifyRecord(row, walk.rows, matches);
    }
  }
  verifyCounts(statement, walk);
  const gap = readBase64(statement.gap);
  if (gap === undefined) throw new ExportFault('the gap in the statement is not base64');
  if (!walk.end(gap, checkpoint.size).equals(checkpoint.root)) {
    throw new ExportFault(
      'the rows and gaps do not lead to the root that the log has signed: the bytes of a record, a sequence or a gap were changed',
    );
  }
  await requireDigest(source, tailFrom, digest);
  const span = { from: statement.minimum_index, upTo: checkpoint.size };
  if (recount !== undefined) {
    const found = await recount(filter, span);
    if (found === walk.rows) return Object.keys(filter).length === 0 ? 'proved' : 'asked';
    throw new ExportFault(`the log finds ${found} records for the query, the export has ${walk.rows}`);
  }
  return Object.keys(filter).length === 0 ? 'proved' : 'stated';
}

function checkpointOf(statement: ExportStatement, keys: readonly VerifierKey[]): Checkpoint {
  let checkpoint: Checkpoint;
  try {
    checkpoint = openCheckpoint(statement.checkpoint, keys);
  } catch (thrown) {
    if (thrown instanceof WitanError)
      throw new ExportFault(`the checkpoint in the statement: ${messageOf(thrown)}`);
    throw thrown;
  }
  if (checkpoint.size !== statement.log_size) {
    throw new ExportFault(
      `the statement says that the log had ${statement.log_size} records, its checkpoint ${checkpoint.size}`,
    );
  }
  return checkpoint;
}

function filterOf({ query }: ExportStatement): RecordFilter {
  let filter: RecordFilter;
  try {
    filter = parseFilterText(query);
  } catch (thrown) {
    if (thrown instanceof WitanError)
      throw new ExportFault(`the query in the statement: ${messageOf(thrown)}`);
    throw thrown;
  }
  if (writeFilter(filter) === query) return filter;
  throw new ExportFault('the query in the statement is not written as Witan writes it');
}

function verifyRecord(
  { sequence, bytes, differs }: ReadRow,
  row: number,
  matches: (record: unknown) => boolean,
): void {
  const record = parsed(bytes, row, sequence);
  if (!matches(record))
    throw new ExportFault('the record is not one that the query asks for', { row, sequence });
  const difference = differs?.(columnsOf(record));
  if (difference !== undefined) throw new ExportFault(difference, { row, sequence });
}

function parsed(bytes: Buffer, row: number, sequence: number): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw new ExportFault('the record is not JSON', { row, sequence });
    throw thrown;
  }
}

function verifyCounts(
  { query, count, first, last, log_size, minimum_index }: ExportStatement,
  walk: ExportWalk,
): void {
  if (walk.rows !== count) {
    throw new ExportFault(`the statement says ${count} rows, the export has ${walk.rows}`);
  }
  if (walk.first !== first || walk.last !== last) {
    throw new ExportFault(
      `the statement says that the rows are those from ${first} to ${last}, they are from ${walk.first} to ${walk.last}`,
    );
  }
  if (minimum_index > (first ?? log_size)) {
    throw new ExportFault(`the statement says that records before ${minimum_index} were pruned`);
  }
  if (query === '' && count !== log_size - minimum_index) {
    throw new ExportFault(
      `everything was asked for, from ${minimum_index} to ${log_size - 1}, but the export has ${count} rows`,
    );
  }
}
