/** Answers of one entrypoint that are remembered, and the longest of them, in UTF-16 code units. */
const ANSWERS_MAX = 64;
const CHARS_MAX = 2 * 1024;

/**
 * Most questions are answered as one before: what was read then is the same object again, and never changes. When there are
 * too many answers of one entrypoint its answers are forgotten, and all of them when those of all entrypoints are too long.
 */
export class RememberedAnswers {
  readonly #charsMax: number;
  readonly #filled = new Set<Map<string, unknown>>();
  #chars = 0;

  /** @param charsMax of all texts together */
  constructor(charsMax: number) {
    this.#charsMax = charsMax;
  }

  /** How long the texts are that are remembered, at most. */
  get chars(): number {
    return this.#chars;
  }

  /** Reads as `read` does, for one entrypoint. */
  of(read: (text: string) => unknown): (text: string) => unknown {
    const values = new Map<string, unknown>();
    return (text) => {
      const known = values.get(text);
      if (known !== undefined) return known;
      const value = read(text);
      if (value === undefined || text.length > CHARS_MAX) return value;
      if (values.size === ANSWERS_MAX) this.#forget(values);
      if (this.#chars + text.length > this.#charsMax) for (const each of this.#filled) this.#forget(each);
      values.set(text, value);
      this.#filled.add(values);
      this.#chars += text.length;
      return value;
    };
  }

  #forget(values: Map<string, unknown>): void {
    for (const text of values.keys()) this.#chars -= text.length;
    values.clear();
    this.#filled.delete(values);
  }
}
