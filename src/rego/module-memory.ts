import {
  numberOf,
  objectOf,
  setOf,
  integerValue,
  type RegoObject,
  type RegoSet,
  type RegoValue,
} from './value.js';

/** Types of values in a module's memory, as OPA's module numbers them (`opa_value.type`, ABI 1.3). */
const NULL = 1;
const BOOLEAN = 2;
const NUMBER = 3;
const STRING = 4;
const ARRAY = 5;
const OBJECT = 6;
const SET = 7;
const STRING_INTERNED = 8;
const BOOLEAN_INTERNED = 9;
const NUMBER_IS_INTEGER = 1;

/** Deeper values are refused, since they are read recursively. */
const DEPTH_MAX = 512;

/**
 * Reads values where they stand in the memory of one of OPA's modules: ABI 1.3, the structures of `value.h`. All
 * numbers there are little-endian and addresses have 32 bits.
 */
export class ModuleMemory {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #readBytes = 0;

  /** INVARIANT: from here on the memory does not grow, so that its buffer stays the same. */
  constructor(readonly memory: WebAssembly.Memory) {
    this.#bytes = Buffer.from(memory.buffer);
    this.#view = new DataView(memory.buffer);
  }

  /** What was read since the last call, in bytes of strings and 16 for every value. */
  takeReadBytes(): number {
    const read = this.#readBytes;
    this.#readBytes = 0;
    return read;
  }

  /** The text from an address to the next zero byte. */
  textAt(address: number): string {
    return this.#bytes.toString('utf8', address, this.#bytes.indexOf(0, address));
  }

  /** Zeroes everything before an address. */
  clear(end: number): void {
    this.#bytes.fill(0, 0, end);
  }

  /** Copies bytes to an address. */
  put(bytes: Uint8Array, address: number): void {
    this.#bytes.set(bytes, address);
  }

  /** What stands between two addresses. */
  copy(from: number, to: number): Buffer {
    return Buffer.from(this.#bytes.subarray(from, to));
  }

  /** Writes a text in UTF-8 and returns how many bytes it took; there must be room for 3 bytes a code unit. */
  putText(text: string, address: number): number {
    return this.#bytes.write(text, address, 'utf8');
  }

  /** @throws Error when the value is nested too deeply. */
  valueAt(address: number, depth = 0): RegoValue {
    if (depth > DEPTH_MAX) throw new Error(`a value is nested deeper than ${DEPTH_MAX}`);
    this.#readBytes += 16;
    switch (this.#bytes[address]) {
      case NULL:
        return null;
      case BOOLEAN:
      case BOOLEAN_INTERNED:
        return this.#bytes[address + 1] !== 0;
      case NUMBER:
        return this.#number(address);
      case STRING:
      case STRING_INTERNED:
        return this.#text(this.#u32(address + 8), this.#u32(address + 4));
      case ARRAY:
        return this.#array(address, depth);
      case OBJECT:
        return this.#object(address, depth);
      case SET:
        return this.#set(address, depth);
      default:
        throw new Error('the module passed something that is no value');
    }
  }

  #u32(address: number): number {
    return this.#view.getUint32(address, true);
  }

  #text(start: number, length: number): string {
    this.#readBytes += length;
    return this.#bytes.toString('utf8', start, start + length);
  }

  #number(address: number): RegoValue {
    if (this.#bytes[address + 1] === NUMBER_IS_INTEGER) {
      const low = this.#view.getUint32(address + 8, true);
      const high = this.#view.getInt32(address + 12, true);
      // Most integers have 32 bits; a bigint is made only for the others.
      if ((high === 0 && low < 0x80000000) || (high === -1 && low >= 0x80000000)) return low | 0;
      return integerValue(this.#view.getBigInt64(address + 8, true));
    }
    return numberOf(this.#text(this.#u32(address + 8), this.#u32(address + 12)));
  }

  #array(address: number, depth: number): readonly RegoValue[] {
    const elements = this.#u32(address + 4);
    const length = this.#u32(address + 8);
    const items: RegoValue[] = [];
    for (let index = 0; index < length; index += 1) {
      items.push(this.valueAt(this.#u32(elements + index * 8 + 4), depth + 1));
    }
    return items;
  }

  #object(address: number, depth: number): RegoObject {
    const entries: [RegoValue, RegoValue][] = [];
    for (const element of this.#elements(address, 8)) {
      entries.push([
        this.valueAt(this.#u32(element), depth + 1),
        this.valueAt(this.#u32(element + 4), depth + 1),
      ]);
    }
    return objectOf(entries);
  }

  #set(address: number, depth: number): RegoSet {
    return setOf(this.#elements(address, 4).map((element) => this.valueAt(this.#u32(element), depth + 1)));
  }

  /** The elements of a hash table: buckets of lists, each element with the address of the next at `next`. */
  #elements(address: number, next: number): readonly number[] {
    const buckets = this.#u32(address + 4);
    const count = this.#u32(address + 8);
    const elements: number[] = [];
    for (let bucket = 0; bucket < count; bucket += 1) {
      for (
        let element = this.#u32(buckets + bucket * 4);
        element !== 0;
        element = this.#u32(element + next)
      ) {
        elements.push(element);
      }
    }
    return elements;
  }
}
