import { isUtf8 } from 'node:buffer';
import { WitanError } from '../../errors.js';
import { subtreesOf, type Subtree } from '../merkle.js';
import type { StoredRecord } from '../query.js';
import type { LogTree, SignedCheckpoint } from '../tree.js';
import { EXPORT_STATEMENT_FORMAT, type ExportStatement } from './export-statement.js';

/** A record, and the hashes that stand for those between it and the row before. */
export interface ExportRow {
  readonly sequence: number;
  /** Hashes of `subtreesOf(previous sequence + 1, sequence)`, one after the other; empty between neighbours. */
  readonly gap: Buffer;
  /** The exact bytes of the record: one line of JSON. */
  readonly bytes: Buffer;
}

/** Rows in order, and the statement after them. */
export type ExportPart =
  | { readonly rows: readonly ExportRow[]; readonly statement?: never }
  | { readonly statement: ExportStatement; readonly rows?: never };

export interface ExportOf {
  /** Canonical text of the filter that made the batches. */
  readonly query: string;
  readonly checkpoint: SignedCheckpoint;
  readonly minimumIndex: number;
  /** RFC 3339. */
  readonly extractedAt: string;
  /** Verifier keys that the log has on record. */
  readonly keys: readonly string[];
}

/** Subtrees whose hashes are fetched at once: each may take a tile of 8 KiB. */
const SUBTREES_MAX = 1024;
/** The first byte of a record, and its last. */
const [OPEN, CLOSE] = [0x7b, 0x7d];

interface Pending {
  readonly record: StoredRecord;
  readonly subtrees: readonly Subtree[];
}

/**
 * The rows of an export: a walk over the whole log, in which hashes stand for what was left out.
 *
 * @param batches records in the order of the log
 * @throws WitanError `store_corrupt` when a record is out of order, beyond the checkpoint or not a line of JSON
 */
export async function* exportRows(
  batches: AsyncIterable<readonly StoredRecord[]>,
  tree: Pick<LogTree, 'nodes'>,
  { query, checkpoint, minimumIndex, extractedAt, keys }: ExportOf,
): AsyncGenerator<ExportPart, void, undefined> {
  let next = 0;
  let count = 0;
  let first: number | undefined;
  for await (const batch of batches) {
    let pending: Pending[] = [];
    let waiting = 0;
    for (const record of batch) {
      requireRecord(record, next, checkpoint.size);
      const subtrees = subtreesOf(next, record.sequence);
      first ??= record.sequence;
      next = record.sequence + 1;
      count += 1;
      pending.push({ record, subtrees });
      waiting += subtrees.length;
      if (waiting < SUBTREES_MAX) continue;
      yield { rows: await rowsOf(pending, tree) };
      [pending, waiting] = [[], 0];
    }
    if (pending.length > 0) yield { rows: await rowsOf(pending, tree) };
  }
  const gap = Buffer.concat(await tree.nodes(subtreesOf(next, checkpoint.size)));
  yield {
    statement: {
      format: EXPORT_STATEMENT_FORMAT,
      query,
      count,
      ...(first !== undefined && { first, last: next - 1 }),
      log_size: checkpoint.size,
      minimum_index: minimumIndex,
      extracted_at: extractedAt,
      gap: gap.toString('base64'),
      checkpoint: checkpoint.note,
      keys,
    },
  };
}

async function rowsOf(
  pending: readonly Pending[],
  tree: Pick<LogTree, 'nodes'>,
): Promise<readonly ExportRow[]> {
  const wanted = pending.flatMap(({ subtrees }) => subtrees);
  const hashes = wanted.length === 0 ? [] : await tree.nodes(wanted);
  let at = 0;
  return pending.map(({ record: { sequence, bytes }, subtrees }) => {
    const gap = Buffer.concat(hashes.slice(at, at + subtrees.length));
    at += subtrees.length;
    return { sequence, gap, bytes };
  });
}

/** What is exported can be read back exactly from every format. */
function requireRecord({ sequence, bytes }: StoredRecord, next: number, size: number): void {
  if (sequence < next || sequence >= size) {
    throw new WitanError(
      'store_corrupt',
      `the log answered with record ${sequence} where one from ${next} to ${size - 1} was expected`,
    );
  }
  if (!isLineOfJson(bytes)) {
    throw new WitanError('store_corrupt', `record ${sequence} is not an object of JSON in one line of UTF-8`);
  }
}

/** Whether it can be a record: of the text itself only what keeps rows apart is looked at. */
export function isLineOfJson(bytes: Buffer): boolean {
  return (
    bytes[0] === OPEN &&
    bytes.at(-1) === CLOSE &&
    !bytes.includes(0x0a) &&
    !bytes.includes(0x0d) &&
    isUtf8(bytes)
  );
}
