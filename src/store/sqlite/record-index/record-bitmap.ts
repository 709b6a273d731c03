/** Sequences of one block. A block's matches are a bitmap of it, or the places in it. */
export const BLOCK_RECORDS = 16_384;
const WORDS = BLOCK_RECORDS / 32;
const BITMAP_BYTES = BLOCK_RECORDS / 8;

/** A set of places in one block: bit `place % 32` of word `place / 32`. */
export type RecordBitmap = Uint32Array;

export function emptyBitmap(): RecordBitmap {
  return new Uint32Array(WORDS);
}

/** The places `from` ≤ place < `to`. */
export function setRange(bitmap: RecordBitmap, from: number, to: number): void {
  for (let place = from; place < to;) {
    const word = place >>> 5;
    const end = Math.min(to, (word + 1) * 32);
    bitmap[word] = (bitmap[word] ?? 0) | maskOf(place & 31, end - place);
    place = end;
  }
}

/** Leaves out the places `from` ≤ place < `to`. */
export function clearRange(bitmap: RecordBitmap, from: number, to: number): void {
  for (let place = from; place < to;) {
    const word = place >>> 5;
    const end = Math.min(to, (word + 1) * 32);
    bitmap[word] = (bitmap[word] ?? 0) & ~maskOf(place & 31, end - place);
    place = end;
  }
}

function maskOf(start: number, length: number): number {
  return length === 32 ? 0xffffffff : ((1 << length) - 1) << start;
}

export function clearPlace(bitmap: RecordBitmap, place: number): void {
  const word = place >>> 5;
  bitmap[word] = (bitmap[word] ?? 0) & ~(1 << (place & 31));
}

/** Leaves in `bitmap` what is in both; says whether anything is. */
export function intersect(bitmap: RecordBitmap, other: RecordBitmap): boolean {
  let any = 0;
  for (let word = 0; word < WORDS; word += 1) {
    const both = (bitmap[word] ?? 0) & (other[word] ?? 0);
    bitmap[word] = both;
    any |= both;
  }
  return any !== 0;
}

export function isEmpty(bitmap: RecordBitmap): boolean {
  return !bitmap.some((word) => word !== 0);
}

/** How many places are in it. */
export function populationOf(bitmap: RecordBitmap): number {
  let count = 0;
  for (let word = 0; word < WORDS; word += 1) {
    let bits = bitmap[word] ?? 0;
    bits -= (bits >>> 1) & 0x55555555;
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    count += (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
  }
  return count;
}

/**
 * Writes the places of `from` ≤ place < `to` that are in it into `places`, ascending; answers how many they are.
 *
 * @param from a multiple of 32, as is `to`
 */
export function listPlaces(bitmap: RecordBitmap, from: number, to: number, places: Uint16Array): number {
  let count = 0;
  for (let start = from; start < to; start += 32) {
    let bits = bitmap[start >>> 5] ?? 0;
    if (bits === 0xffffffff) {
      for (let place = start; place < start + 32; place += 1) places[count++] = place;
      continue;
    }
    while (bits !== 0) {
      const lowest = bits & -bits;
      places[count++] = start + 31 - Math.clz32(lowest);
      bits ^= lowest;
    }
  }
  return count;
}

/** The places in it, ascending. */
export function placesOf(bitmap: RecordBitmap): Uint16Array {
  const places = new Uint16Array(BLOCK_RECORDS);
  return places.subarray(0, listPlaces(bitmap, 0, BLOCK_RECORDS, places));
}

/** Places, ascending, as they are stored: each as two bytes or, where that is no longer, all as a bitmap. */
export function encodePlaces(places: readonly number[]): Buffer {
  if (places.length * 2 < BITMAP_BYTES) {
    const array = Uint16Array.from(places);
    return Buffer.from(array.buffer);
  }
  const bitmap = emptyBitmap();
  for (const place of places) bitmap[place >>> 5] = (bitmap[place >>> 5] ?? 0) | (1 << (place & 31));
  return Buffer.from(bitmap.buffer);
}

/** Adds stored places to a bitmap. */
export function addEncoded(bitmap: RecordBitmap, encoded: Buffer): void {
  const { buffer, byteOffset } = aligned(encoded);
  if (encoded.length === BITMAP_BYTES) {
    const words = new Uint32Array(buffer, byteOffset, WORDS);
    for (let word = 0; word < WORDS; word += 1) bitmap[word] = (bitmap[word] ?? 0) | (words[word] ?? 0);
    return;
  }
  const places = new Uint16Array(buffer, byteOffset, encoded.length / 2);
  for (const place of places) bitmap[place >>> 5] = (bitmap[place >>> 5] ?? 0) | (1 << (place & 31));
}

/** Stored places as numbers, ascending. */
export function decodePlaces(encoded: Buffer): number[] {
  const { buffer, byteOffset } = aligned(encoded);
  if (encoded.length === BITMAP_BYTES)
    return Array.from(placesOf(new Uint32Array(buffer, byteOffset, WORDS)));
  return Array.from(new Uint16Array(buffer, byteOffset, encoded.length / 2));
}

/** The bytes where a typed array of any width can be laid over them. */
export function aligned(bytes: Buffer): Buffer {
  return bytes.byteOffset % 8 === 0 ? bytes : Buffer.from(Uint8Array.from(bytes).buffer);
}
