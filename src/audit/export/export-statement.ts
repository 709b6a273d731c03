import { isObject } from '../../document/json.js';
import { isCount } from '../merkle.js';
import { ExportFault } from './export-fault.js';

export const EXPORT_STATEMENT_FORMAT = 'witan-export/1';

/** A statement is never larger, in any format; a reader finds it within so many bytes from the end. */
export const STATEMENT_BYTES_MAX = 2 * 1024 * 1024;

/**
 * What an export says of itself, after its last row. The rows and gaps lead to the root of the checkpoint, which the
 * log has signed; query, minimum index and time are what the exporter says.
 */
export interface ExportStatement {
  readonly format: typeof EXPORT_STATEMENT_FORMAT;
  /** The filter that the rows match, as `writeFilter` writes it; empty when all records were asked for. */
  readonly query: string;
  /** How many rows there are. */
  readonly count: number;
  /** Sequence of the first row; absent when there is none. */
  readonly first?: number;
  /** Sequence of the last row; absent when there is none. */
  readonly last?: number;
  /** Size of the log at the checkpoint: records before this sequence were looked through. */
  readonly log_size: number;
  /** Records before this sequence had been pruned. */
  readonly minimum_index: number;
  /** RFC 3339. */
  readonly extracted_at: string;
  /** Hashes of the subtrees after the last row up to the size of the log, one after the other, in base64. */
  readonly gap: string;
  /** A signed note (C2SP tlog-checkpoint). */
  readonly checkpoint: string;
  /** Verifier keys that the log has on record, oldest first. Whoever verifies has the trusted one from elsewhere. */
  readonly keys: readonly string[];
}

/** Stands in the place of the file's digest while it is computed. */
const NO_DIGEST = `sha256:${'0'.repeat(64)}`;

/** The statement as JSON, its digest last and still to be filled in (`seal-bytes.ts`). */
export function writeStatement(statement: ExportStatement, digest = NO_DIGEST): string {
  const { format, query, count, first, last, log_size, minimum_index, extracted_at } = statement;
  const { gap, checkpoint, keys } = statement;
  return JSON.stringify({
    format,
    query,
    count,
    ...(first !== undefined && { first }),
    ...(last !== undefined && { last }),
    log_size,
    minimum_index,
    extracted_at,
    gap,
    checkpoint,
    keys,
    digest,
  });
}

export interface ReadStatement {
  readonly statement: ExportStatement;
  /** `sha256:<hex>` of the file, with zeros in the place of the hex digits. */
  readonly digest: string;
}

/**
 * Reads a statement. Only the one text that `writeStatement` makes of it is read.
 *
 * @throws ExportFault
 */
export function readStatement(text: string): ReadStatement {
  const read = parsed(text);
  if (!isStatement(read)) {
    throw new ExportFault(
      `the statement at the end is not one of \`${EXPORT_STATEMENT_FORMAT}\` with all its members`,
    );
  }
  const { digest, ...statement } = read;
  if (writeStatement(statement, digest) !== text) {
    throw new ExportFault('the statement at the end has other members, or writes them in another way');
  }
  return { statement, digest };
}

/** Where the digest of a file stands in its last bytes; -1 when it is not there. */
export function digestOffset(tail: Buffer, digest = NO_DIGEST): number {
  return tail.lastIndexOf(digest, undefined, 'latin1');
}

/** The digits of a digest are zeros while the file is hashed. */
export function withDigest(bytes: Buffer, offset: number, digest = NO_DIGEST): Buffer {
  const filled = Buffer.from(bytes);
  filled.write(digest, offset, 'latin1');
  return filled;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw new ExportFault('the statement at the end is not JSON');
    throw thrown;
  }
}

function isStatement(value: unknown): value is ExportStatement & { readonly digest: string } {
  if (!isObject(value)) return false;
  const { format, query, count, first, last, log_size, minimum_index, extracted_at } = value;
  const { gap, checkpoint, keys, digest } = value;
  return (
    format === EXPORT_STATEMENT_FORMAT &&
    [query, extracted_at, gap, checkpoint].every((text) => typeof text === 'string') &&
    [count, log_size, minimum_index].every(isCount) &&
    [first, last].every((sequence) => sequence === undefined || isCount(sequence)) &&
    Array.isArray(keys) &&
    keys.every((key) => typeof key === 'string') &&
    typeof digest === 'string' &&
    /^sha256:[0-9a-f]{64}$/.test(digest)
  );
}
