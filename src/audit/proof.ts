import { WitanError } from '../errors.js';
import { readBase64 } from './base64.js';
import { openCheckpoint, readCount, type Checkpoint } from './checkpoint.js';
import { HASH_BYTES, isCount, isHash, leafHash } from './merkle.js';
import { noteError } from './note-error.js';
import type { VerifierKey } from './note-key.js';
import { verifyInclusion } from './verify-merkle.js';

const WHAT = 'the proof';
const FORMAT = 'c2sp.org/tlog-proof@v1';
/** Of the whole file: a record of 24 MiB fits in. */
const PROOF_CHARACTERS_MAX = 32 * 1024 * 1024;
/** A tree of 2^53 leaves has no longer path. */
const HASHES_MAX = 53;

/** What a proof file says (C2SP tlog-proof), not yet verified. */
export interface Proof {
  /** The exact bytes of the record, which the format carries as extra data; absent when it carries none. */
  readonly record?: Buffer;
  /** The record's sequence. */
  readonly index: number;
  /** From the leaf's sibling up to a child of the root. */
  readonly hashes: readonly Buffer[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** A proof that holds: the log with this checkpoint has this record at this place. */
export interface VerifiedProof {
  readonly record: Buffer;
  readonly index: number;
  readonly checkpoint: Checkpoint;
}

/**
 * A file that proves by itself that a record is in the log; whoever verifies it needs the log's verifier key alone.
 *
 * @throws RangeError when it cannot be written: an empty record, or what is no index or hash
 */
export function writeProof(proof: {
  readonly record: Uint8Array;
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: string;
}): string {
  const { record, index, hashes, checkpoint } = proof;
  if (record.length === 0) throw new RangeError('a record has at least one byte');
  if (!isCount(index) || hashes.length > HASHES_MAX || !hashes.every(isHash)) {
    throw new RangeError(`${hashes.length} hashes do not prove record ${index}`);
  }
  const lines = [FORMAT, `extra ${base64(record)}`, `index ${index}`, ...hashes.map(base64)];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/**
 * Reads a proof file without verifying anything of it.
 *
 * @throws WitanError `note_invalid` with the line
 */
export function readProof(text: string): Proof {
  return readParts(text).proof;
}

/**
 * Verifies a proof file: the checkpoint's signature, and that its tree has the record at the index. Every bit of the
 * file counts, but for the signatures of keys that are not among `known`.
 *
 * @throws WitanError `note_invalid` with the line and what does not hold
 */
export function verifyProof(text: string, known: readonly VerifierKey[]): VerifiedProof {
  const { proof, checkpointRow } = readParts(text);
  const { record, index, hashes } = proof;
  if (record === undefined) throw noteError(WHAT, 'expected `extra` with the record', 2);
  const checkpoint = openAt(checkpointRow, proof.checkpoint, known);
  if (index >= checkpoint.size) {
    throw noteError(WHAT, `the log of ${checkpoint.size} records has no index ${index}`, 3);
  }
  const { size, root } = checkpoint;
  if (!verifyInclusion({ index, size, leaf: leafHash(record), proof: hashes, root })) {
    const message = `the record and the ${hashes.length} hashes do not lead to the root of the checkpoint`;
    throw noteError(WHAT, message, 2);
  }
  return { record, index, checkpoint };
}

function readParts(text: string): { readonly proof: Proof; readonly checkpointRow: number } {
  if (text.length > PROOF_CHARACTERS_MAX) {
    throw noteError(WHAT, `it is over ${PROOF_CHARACTERS_MAX} characters`);
  }
  const end = text.indexOf('\n\n');
  if (end < 0) throw noteError(WHAT, 'expected an empty line before the checkpoint');
  const lines = text.slice(0, end).split('\n');
  if (lines[0] !== FORMAT) throw noteError(WHAT, `expected \`${FORMAT}\``, 1);
  const extra = lines[1]?.startsWith('extra ') === true ? lines[1].slice('extra '.length) : undefined;
  const record = extra === undefined ? undefined : readBase64(extra);
  if (extra !== undefined && (record === undefined || record.length === 0)) {
    throw noteError(WHAT, 'expected base64 after `extra `', 2);
  }
  const indexRow = extra === undefined ? 2 : 3;
  const line = lines[indexRow - 1] ?? '';
  const index = line.startsWith('index ') ? readCount(line.slice('index '.length)) : undefined;
  if (index === undefined) {
    throw noteError(WHAT, 'expected `index` and a number without leading zeroes and below 2^53', indexRow);
  }
  const hashes = lines.slice(indexRow).map((hash, n) => {
    const bytes = n < HASHES_MAX ? readBase64(hash) : undefined;
    if (bytes?.length === HASH_BYTES) return bytes;
    throw noteError(
      WHAT,
      `expected a hash of ${HASH_BYTES} bytes in base64, and at most ${HASHES_MAX}`,
      indexRow + 1 + n,
    );
  });
  return {
    proof: { ...(record !== undefined && { record }), index, hashes, checkpoint: text.slice(end + 2) },
    checkpointRow: lines.length + 2,
  };
}

/** Opens a checkpoint that begins at a line of the file, and names the lines of the file. */
function openAt(row: number, note: string, known: readonly VerifierKey[]): Checkpoint {
  try {
    return openCheckpoint(note, known);
  } catch (thrown) {
    const [fault] = thrown instanceof WitanError ? thrown.faults : [];
    if (fault === undefined) throw thrown;
    const place = fault.row === undefined ? row : fault.row + row - 1;
    throw noteError(WHAT, `the checkpoint does not hold: ${fault.message}`, place);
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
