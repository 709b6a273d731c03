import type { WriteValue } from './write-value.js';

/** How a member of an input came into a module, and where it began: what is in it is good nowhere else. */
export interface HeldPlace {
  /** Stands for the instance of a module. */
  readonly owner: symbol;
  readonly name: string;
  readonly write: WriteValue;
  readonly at: number;
}

/** A member's name and value as they stand in the memory of a module. */
export interface HeldValue extends HeldPlace {
  readonly bytes: Buffer;
  /** Address of the name, as the path of one that OPA takes, and of the value. */
  readonly path: number;
  readonly value: number;
  /** Bytes of the text that it was parsed from. */
  readonly textBytes: number;
}

const NONE: readonly HeldValue[] = [];

/**
 * What immutable objects that come again and again were parsed into, by all instances of a thread: however many there are,
 * they share one limit. Nothing is kept of an object that is gone, and of all together no more than so many bytes: when
 * there would be more, all of them are forgotten.
 */
export class HeldValues {
  readonly #bytesMax: number;
  /** An object is given to few modules. */
  #values = new WeakMap<object, HeldValue[]>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** How many bytes are kept, at most: what is gone counts until all is forgotten. */
  get bytes(): number {
    return this.#bytes;
  }

  find(object: object, { owner, name, write, at }: HeldPlace): HeldValue | undefined {
    for (const held of this.#values.get(object) ?? NONE) {
      if (held.owner === owner && held.write === write)
        return held.at === at && held.name === name ? held : undefined;
    }
    return undefined;
  }

  /** Keeps one for each object, owner and writer, the last. */
  keep(object: object, held: HeldValue): void {
    const { length } = held.bytes;
    if (length > this.#bytesMax) return;
    this.#bytes += length;
    if (this.#bytes > this.#bytesMax) {
      this.#values = new WeakMap();
      this.#bytes = length;
    }
    const known = this.#values.get(object);
    const before = known?.findIndex(({ owner, write }) => owner === held.owner && write === held.write) ?? -1;
    if (known === undefined) this.#values.set(object, [held]);
    else if (before === -1) known.push(held);
    else known[before] = held;
  }
}
