import { readBase64 } from './base64.js';
import { EMPTY_ROOT, HASH_BYTES, isCount, isHash } from './merkle.js';
import { noteError } from './note-error.js';
import type { SigningKey, VerifierKey } from './note-key.js';
import { openNote, signNote } from './signed-note.js';

const WHAT = 'the checkpoint';

/** What a log says of itself: its size and root (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Names the log. */
  readonly origin: string;
  /** Records in the log. */
  readonly size: number;
  readonly root: Buffer;
  /** Lines after the root that mean nothing to whoever verifies; Witan writes none. */
  readonly extensions?: readonly string[];
}

/**
 * The text of a checkpoint, to be signed as a note.
 *
 * @throws RangeError when it cannot be written
 */
export function writeCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  if (!isCount(size) || !isHash(root)) throw new RangeError('a checkpoint has a size and a root');
  if ([origin, ...extensions].some((line) => line === '' || line.includes('\n'))) {
    throw new RangeError('the origin and the extensions of a checkpoint are lines, and not empty');
  }
  return `${[origin, String(size), root.toString('base64'), ...extensions].join('\n')}\n`;
}

/**
 * Reads the text of a checkpoint, without its signatures.
 *
 * @throws WitanError `note_invalid` with the line
 */
export function readCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw noteError(WHAT, 'expected a line break at the end');
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', count = '', base64 = '', ...extensions] = lines;
  if (origin === '') throw noteError(WHAT, 'expected the origin', 1);
  const size = readCount(count);
  if (size === undefined) {
    throw noteError(WHAT, 'expected the size of the log, without leading zeroes and below 2^53', 2);
  }
  const root = readBase64(base64);
  if (root?.length !== HASH_BYTES)
    throw noteError(WHAT, `expected the root, ${HASH_BYTES} bytes in base64`, 3);
  if (size === 0 && !root.equals(EMPTY_ROOT)) throw noteError(WHAT, 'expected the root of the empty tree', 3);
  const empty = extensions.indexOf('');
  if (empty >= 0) throw noteError(WHAT, 'expected no empty line', 4 + empty);
  return { origin, size, root, ...(extensions.length > 0 && { extensions }) };
}

/**
 * What the checkpoint of a signed note says, its signatures unseen: for those who wrote it or verified it before.
 *
 * @throws WitanError `note_invalid`
 */
export function unverifiedCheckpoint(note: string): Checkpoint {
  return readCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
}

/** A whole number in decimal that has no other text. */
export function readCount(text: string): number | undefined {
  const count = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : undefined;
  return isCount(count) ? count : undefined;
}

export function signCheckpoint(checkpoint: Checkpoint, keys: readonly SigningKey[]): string {
  return signNote(writeCheckpoint(checkpoint), keys);
}

/**
 * Verifies a signed checkpoint. One of the known keys that signed it must have the origin as its name, as the key of a
 * log does: so a witness's key, or that of another log, does not vouch for this one.
 *
 * @throws WitanError `note_invalid` with the line
 */
export function openCheckpoint(note: string, known: readonly VerifierKey[]): Checkpoint {
  const { text, signers } = openNote(note, known);
  const checkpoint = readCheckpoint(text);
  if (!signers.some(({ name }) => name === checkpoint.origin)) {
    throw noteError(WHAT, `expected a signature of \`${checkpoint.origin}\` itself`, 1);
  }
  return checkpoint;
}
