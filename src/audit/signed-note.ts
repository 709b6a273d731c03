import { sign, verify } from 'node:crypto';
import { readBase64 } from './base64.js';
import { noteError } from './note-error.js';
import { hexOf, isKeyName, type SigningKey, type VerifierKey } from './note-key.js';

/** Largest note that is read or written. */
export const NOTE_BYTES_MAX = 1024 * 1024;
const SIGNATURES_MAX = 100;
const ID_BYTES = 4;
const SIGNATURE_START = '— ';
const WHAT = 'the signed note';
// Control characters up to U+001F, but for line breaks since each line is tried, and halves of surrogate pairs.
const FOREIGN = /(?![\x7f-\x9f])[\p{Cc}\p{Cs}]/u;

/** A note of which at least one signature was verified. */
export interface OpenedNote {
  /** With its last line break. */
  readonly text: string;
  /** The known keys that signed it, in the order of their signatures. */
  readonly signers: readonly VerifierKey[];
}

/**
 * A text with one signature line for each key (C2SP signed-note).
 *
 * @param text ends with a line break
 * @throws RangeError when it cannot be the text of a note, or there is no key or too many
 */
export function signNote(text: string, keys: readonly SigningKey[]): string {
  if (!text.endsWith('\n') || rowOfForeignCharacter(text) !== undefined) {
    throw new RangeError('the text of a note ends with a line break and has no other control characters');
  }
  if (keys.length < 1 || keys.length > SIGNATURES_MAX) {
    throw new RangeError(`a note has 1 to ${SIGNATURES_MAX} signatures, not ${keys.length}`);
  }
  const bytes = Buffer.from(text, 'utf8');
  const lines = keys.map(({ name, id, privateKey }) => {
    const signed = Buffer.concat([Buffer.alloc(ID_BYTES), sign(null, bytes, privateKey)]);
    signed.writeUInt32BE(id);
    return `${SIGNATURE_START}${name} ${signed.toString('base64')}\n`;
  });
  const note = `${text}\n${lines.join('')}`;
  if (Buffer.byteLength(note) > NOTE_BYTES_MAX)
    throw new RangeError(`the note is over ${NOTE_BYTES_MAX} bytes`);
  return note;
}

/**
 * Verifies a note (C2SP signed-note). Signatures of keys that are not among `known` are ignored. Every signature of a
 * known key must be valid, and there must be one. A repeated signature is verified again, and base64 is read strictly,
 * where Go's `sumdb/note` takes the first alone and ignores stray bits.
 *
 * @throws WitanError `note_invalid` with the line
 */
export function openNote(note: string, known: readonly VerifierKey[]): OpenedNote {
  if (Buffer.byteLength(note) > NOTE_BYTES_MAX) throw noteError(WHAT, `it is over ${NOTE_BYTES_MAX} bytes`);
  const foreign = rowOfForeignCharacter(note);
  if (foreign !== undefined) {
    throw noteError(WHAT, 'expected UTF-8 text without control characters', foreign);
  }
  const end = note.lastIndexOf('\n\n');
  if (end < 0) throw noteError(WHAT, 'expected an empty line before the signatures');
  const text = note.slice(0, end + 1);
  const row = text.split('\n').length + 1;
  const signers: VerifierKey[] = [];
  const message = Buffer.from(text, 'utf8');
  for (const [index, signature] of signaturesOf(note.slice(end + 2), row).entries()) {
    const key = knownKey(signature, known);
    if (key === undefined) continue;
    if (!verify(null, message, key.publicKey, signature.bytes)) {
      throw noteError(WHAT, `the signature of \`${key.name}+${hexOf(key.id)}\` is not valid`, row + index);
    }
    if (!signers.includes(key)) signers.push(key);
  }
  if (signers.length === 0) {
    throw noteError(WHAT, `none of its signatures is of a known key (${known.length} known)`, row);
  }
  return { text, signers };
}

/**
 * The keys that a note says it is signed with, as `<name>+<id>`; no signature is verified.
 *
 * @throws WitanError `note_invalid` with the line
 */
export function namedSigners(note: string): readonly string[] {
  const end = note.lastIndexOf('\n\n');
  if (end < 0) throw noteError(WHAT, 'expected an empty line before the signatures');
  const row = note.slice(0, end + 1).split('\n').length + 1;
  return signaturesOf(note.slice(end + 2), row).map(({ name, id }) => `${name}+${hexOf(id)}`);
}

interface Signature {
  readonly name: string;
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** @param row line of the note that the first signature stands in */
function signaturesOf(block: string, row: number): readonly Signature[] {
  if (!block.endsWith('\n'))
    throw noteError(WHAT, 'expected signature lines that end with a line break', row);
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) {
    throw noteError(WHAT, `expected at most ${SIGNATURES_MAX} signatures`, row + SIGNATURES_MAX);
  }
  return lines.map((line, index) => {
    const [name = '', base64 = ''] = split(line.slice(SIGNATURE_START.length));
    const signature = readBase64(base64);
    if (!line.startsWith(SIGNATURE_START) || !isKeyName(name) || signature === undefined) {
      throw noteError(WHAT, 'expected `— <key name> <base64>`', row + index);
    }
    if (signature.length <= ID_BYTES) {
      throw noteError(WHAT, `expected ${ID_BYTES} bytes of the key's id and a signature`, row + index);
    }
    return { name, id: signature.readUInt32BE(0), bytes: signature.subarray(ID_BYTES) };
  });
}

/** The line at its first space. */
function split(line: string): readonly string[] {
  const space = line.indexOf(' ');
  return space < 0 ? [] : [line.slice(0, space), line.slice(space + 1)];
}

function knownKey({ name, id }: Signature, known: readonly VerifierKey[]): VerifierKey | undefined {
  const [key, ...others] = known.filter((each) => each.name === name && each.id === id);
  if (key !== undefined && others.some((other) => !other.publicKey.equals(key.publicKey))) {
    throw noteError(WHAT, `two known keys are called \`${name}+${hexOf(id)}\``);
  }
  return key;
}

/** The line of the first control character other than a line break, or of half a surrogate pair, which is no UTF-8. */
function rowOfForeignCharacter(text: string): number | undefined {
  const row = text.split('\n').findIndex((line) => FOREIGN.test(line));
  return row < 0 ? undefined : row + 1;
}
