/** Writes a value as JSON text. */
export type WriteValue = (value: unknown) => string;

/**
 * The texts of immutable objects that come again and again. Nothing is kept of an object that is gone, and of all
 * together no more than so many characters: when there would be more, all of them are forgotten.
 */
export class HeldTexts {
  readonly #charsMax: number;
  #texts = new WeakMap<object, Map<WriteValue, string>>();
  #chars = 0;

  constructor(charsMax: number) {
    this.#charsMax = charsMax;
  }

  /** What `write` makes of a value; of an object that it wrote before, what it made then. */
  of(value: unknown, write: WriteValue): string {
    if (typeof value !== 'object' || value === null) return write(value);
    return this.#texts.get(value)?.get(write) ?? this.#keep(value, write);
  }

  #keep(value: object, write: WriteValue): string {
    // In one piece: a text that was put together is a tree of its parts otherwise.
    const text = Buffer.from(write(value)).toString();
    if (text.length > this.#charsMax) return text;
    this.#chars += text.length;
    if (this.#chars > this.#charsMax) {
      this.#texts = new WeakMap();
      this.#chars = text.length;
    }
    const known = this.#texts.get(value);
    if (known === undefined) this.#texts.set(value, new Map([[write, text]]));
    else known.set(write, text);
    return text;
  }
}
