import { aligned, BLOCK_RECORDS } from './record-bitmap.js';

/** Sequences of one chunk: what of a column is rewritten when a record is added. */
export const CHUNK_RECORDS = 2048;
export const BLOCK_CHUNKS = BLOCK_RECORDS / CHUNK_RECORDS;

const NARROW_VALUES_MAX = 256;

/**
 * A column of a chunk as it is stored: 32-bit words, the first of which says how many different terms follow it. Then
 * each record has one byte, the place of its term among those; none where all have the same term. With more than 256
 * terms the first word is 0, and each record has a word, its term. 0 stands for no term.
 */
export function encodeColumn(terms: readonly number[]): Buffer {
  const codes = new Map<number, number>();
  for (const term of terms) {
    if (codes.has(term)) continue;
    codes.set(term, codes.size);
    if (codes.size > NARROW_VALUES_MAX) return Buffer.from(Uint32Array.of(0, ...terms).buffer);
  }
  const words = Uint32Array.of(codes.size, ...codes.keys());
  if (codes.size === 1) return Buffer.from(words.buffer);
  const bytes = Buffer.alloc(words.byteLength + terms.length);
  bytes.set(new Uint8Array(words.buffer));
  for (const [at, term] of terms.entries()) bytes[words.byteLength + at] = codes.get(term) ?? 0;
  return bytes;
}

/** A column as it is read. */
export interface TermColumn {
  /** The terms that occur, by their place; each record's own term where there are many. */
  readonly terms: Uint32Array;
  /** Each record's place in `terms`; absent where that is the record's own place, `same` where all are of the first. */
  readonly codes: Uint8Array | 'same' | undefined;
}

export function decodeColumn(encoded: Buffer): TermColumn {
  const bytes = aligned(encoded);
  const { buffer, byteOffset, byteLength } = bytes;
  const narrow = bytes.readUInt32LE(0);
  if (narrow === 0) {
    return { terms: new Uint32Array(buffer, byteOffset + 4, byteLength / 4 - 1), codes: undefined };
  }
  const terms = new Uint32Array(buffer, byteOffset + 4, narrow);
  if (narrow === 1) return { terms, codes: 'same' };
  const start = 4 * (narrow + 1);
  return { terms, codes: new Uint8Array(buffer, byteOffset + start, byteLength - start) };
}

/** The term of the record at a place of the chunk; 0 for none. */
export function termAt({ terms, codes }: TermColumn, place: number): number {
  if (codes === undefined) return terms[place] ?? 0;
  return terms[codes === 'same' ? 0 : (codes[place] ?? 0)] ?? 0;
}

/** The times of a chunk as they are stored: Unix milliseconds, NaN for none. */
export function encodeTimes(times: readonly number[]): Buffer {
  return Buffer.from(Float64Array.from(times).buffer);
}

export function decodeTimes(encoded: Buffer): Float64Array {
  const { buffer, byteOffset, byteLength } = aligned(encoded);
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}
