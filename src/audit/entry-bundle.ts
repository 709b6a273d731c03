import { TILE_WIDTH } from './tile.js';

/** Bytes before each record of a bundle that say how long it is. */
const LENGTH_BYTES = 2;
/** The longest record that a bundle can carry: its length is a 16-bit number. */
export const BUNDLED_RECORD_BYTES_MAX = 2 ** 16 - 1;

/**
 * Records as C2SP tlog-tiles serves them: each after its length as a big-endian 16-bit number.
 *
 * @param records at most 256, each of at most 65,535 bytes
 * @throws RangeError when there are more, or one is longer
 */
export function writeEntryBundle(records: readonly Uint8Array[]): Buffer {
  if (records.length > TILE_WIDTH) throw new RangeError(`a bundle has at most ${TILE_WIDTH} records`);
  const parts = records.flatMap((record, index) => {
    if (record.length > BUNDLED_RECORD_BYTES_MAX) {
      throw new RangeError(`record ${index} of the bundle has ${record.length} bytes, more than 65,535`);
    }
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt16BE(record.length);
    return [length, record];
  });
  return Buffer.concat(parts);
}

/** The records of a bundle; undefined when it ends within one, or has more than 256. */
export function readEntryBundle(bundle: Uint8Array): readonly Buffer[] | undefined {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + LENGTH_BYTES > bytes.length || records.length === TILE_WIDTH) return undefined;
    const end = at + LENGTH_BYTES + bytes.readUInt16BE(at);
    if (end > bytes.length) return undefined;
    records.push(bytes.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return records;
}
