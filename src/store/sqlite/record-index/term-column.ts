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

const WIDE_FINDING_MIN = 0x10000;

/**
 * The findings of the records of a chunk as they are stored: how many records there are and how many bytes a finding
 * has (2 or 4), where each record's findings end, all as 32-bit words, and the findings one after the other.
 */
export function encodeFindings(findings: readonly (readonly number[])[]): Buffer {
  const all = findings.flat();
  const wide = all.some((finding) => finding >= WIDE_FINDING_MIN);
  let end = 0;
  const ends = findings.map((each) => (end += each.length));
  const head = Uint32Array.of(findings.length, wide ? 4 : 2, ...ends);
  const body = wide ? Uint32Array.from(all) : Uint16Array.from(all);
  return Buffer.concat([new Uint8Array(head.buffer), new Uint8Array(body.buffer)]);
}

/** The findings of each record of a chunk. */
export interface FindingColumn {
  /** Where the findings of the record at a place end in `findings`. */
  readonly ends: Uint32Array;
  readonly findings: Uint16Array | Uint32Array;
}

export function decodeFindings(encoded: Buffer): FindingColumn {
  const { buffer, byteOffset, byteLength } = aligned(encoded);
  const [records = 0, width = 2] = new Uint32Array(buffer, byteOffset, 2);
  const ends = new Uint32Array(buffer, byteOffset + 8, records);
  const start = 8 + 4 * records;
  const count = (byteLength - start) / width;
  const findings =
    width === 4
      ? new Uint32Array(buffer, byteOffset + start, count)
      : new Uint16Array(buffer, byteOffset + start, count);
  return { ends, findings };
}

/** The findings of the record at a place of the chunk. */
export function findingsAt({ ends, findings }: FindingColumn, place: number): Uint16Array | Uint32Array {
  return findings.subarray(place === 0 ? 0 : ends[place - 1], ends[place]);
}

/** The times of a chunk as they are stored: Unix milliseconds, NaN for none. */
export function encodeTimes(times: readonly number[]): Buffer {
  return Buffer.from(Float64Array.from(times).buffer);
}

export function decodeTimes(encoded: Buffer): Float64Array {
  const { buffer, byteOffset, byteLength } = aligned(encoded);
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}
