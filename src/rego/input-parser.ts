import { recurs } from '../document/recurring.js';
import { EvaluationError } from './evaluation-error.js';
import { HeldValues, type HeldValue } from './held-values.js';
import type { ApartMember, EncodedInput } from './input-encoder.js';
import { align, BUDGET_MAX, type ModuleExports } from './module-exports.js';
import type { ModuleMemory } from './module-memory.js';

/** JSON, as text or in UTF-8, or text with members apart; `undefined` leaves `input` undefined. */
export type InstanceInput = EncodedInput | Uint8Array | string | undefined;

/** Most bytes of values that stay parsed, of members that come again, for all modules of this thread. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
const HELD = new HeldValues(HELD_BYTES_MAX);
/** What an evaluation needs behind its input, in any case. */
const ROOM_BYTES_MIN = 8;

/** A member in the memory of a module. */
interface Placed extends Pick<HeldValue, 'path' | 'value' | 'textBytes'> {
  readonly end: number;
}

/** Gives an instance of a module its inputs. They begin where the data end. */
export class InputParser {
  readonly #start: number;
  readonly #memoryBytes: number;
  readonly #owner = Symbol('the instance that is given inputs');
  #exports: ModuleExports;
  #memory: ModuleMemory;

  /** @param start where the data end, aligned */
  constructor(exports: ModuleExports, memory: ModuleMemory, start: number) {
    this.#exports = exports;
    this.#memory = memory;
    this.#memoryBytes = memory.memory.buffer.byteLength;
    this.#start = start;
  }

  /** From now on another instance is given the inputs, over the same memory and the same data. */
  renew(exports: ModuleExports, memory: ModuleMemory): void {
    this.#exports = exports;
    this.#memory = memory;
  }

  /**
   * Puts an input into the module. Members that stand apart are parsed without a budget: it takes time in proportion to
   * their length.
   *
   * @param begin called before the rest is parsed, with the bytes of all texts: from here on steps count
   * @returns its address; 0 for none
   * @throws EvaluationError `memory_exhausted`; and what the module throws
   */
  parse(input: InstanceInput, begin: (inputBytes: number) => void): number {
    if (typeof input !== 'object' || input instanceof Uint8Array)
      return this.#parseAt(this.#start, input, 0, begin);
    let at = this.#start;
    let bytes = 0;
    const members = input.apart.map((member) => {
      const placed = this.#place(member, at);
      at = placed.end;
      bytes += placed.textBytes;
      return placed;
    });
    const address = this.#parseAt(at, input.text, bytes, begin);
    for (const { path, value } of members) this.#exports.opa_value_add_path(address, path, value);
    return address;
  }

  #parseAt(
    at: number,
    input: Uint8Array | string | undefined,
    bytesBefore: number,
    begin: (inputBytes: number) => void,
  ): number {
    const bytes = input === undefined ? 0 : this.#put(input, at);
    begin(bytes + bytesBefore);
    this.#exports.opa_heap_ptr_set(align(at + bytes));
    return this.#exports.opa_value_parse(at, bytes);
  }

  /** Puts a text at an address and returns how many bytes it takes. */
  #put(text: Uint8Array | string, address: number): number {
    const room = this.#memoryBytes - address - ROOM_BYTES_MIN;
    const bytes = typeof text === 'string' ? textBytes(text, room) : text.byteLength;
    if (bytes >= room) throw tooLarge();
    if (typeof text === 'string') return this.#memory.putText(text, address);
    this.#memory.put(text, address);
    return bytes;
  }

  /** Puts a member where it is to begin: as it was parsed before there, or parsed now. */
  #place({ name, value, write }: ApartMember, at: number): Placed {
    const object = typeof value === 'object' && value !== null && recurs(value) ? value : undefined;
    const place = { owner: this.#owner, name, write, at };
    const held = object === undefined ? undefined : HELD.find(object, place);
    if (held !== undefined) {
      this.#memory.put(held.bytes, at);
      return { path: held.path, value: held.value, textBytes: held.textBytes, end: at + held.bytes.length };
    }
    const parsed = this.#parseMember(name, write(value), at);
    if (object !== undefined) {
      HELD.keep(object, { ...parsed, ...place, bytes: this.#memory.copy(at, parsed.end) });
    }
    return parsed;
  }

  /** Parses a name and a value, whose texts stand at the end of the memory meanwhile. */
  #parseMember(name: string, text: string, at: number): Placed {
    const nameText = JSON.stringify([name]);
    const nameBytes = Buffer.byteLength(nameText);
    const textBytes = Buffer.byteLength(text);
    const texts = this.#memoryBytes - nameBytes - textBytes;
    if (texts <= at) throw tooLarge();
    this.#memory.putText(nameText, texts);
    this.#memory.putText(text, texts + nameBytes);
    if (this.#exports.witan_budget !== undefined) this.#exports.witan_budget.value = BUDGET_MAX;
    this.#exports.opa_heap_ptr_set(at);
    const path = this.#exports.opa_value_parse(texts, nameBytes);
    const value = this.#exports.opa_value_parse(texts + nameBytes, textBytes);
    const end = align(this.#exports.opa_heap_ptr_get());
    // Then it was written over its own text.
    if (end > texts) throw tooLarge();
    return { path, value, end, textBytes };
  }
}

/** How many bytes a text takes in UTF-8, or more of them where that fits into the room in any case. */
function textBytes(text: string, room: number): number {
  const most = text.length * 3;
  return most < room ? most : Buffer.byteLength(text);
}

function tooLarge(): EvaluationError {
  return new EvaluationError('memory_exhausted', 'the input does not fit into the memory of the module');
}
