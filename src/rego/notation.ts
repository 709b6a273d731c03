import {
  Decimal,
  numberOf,
  numberText,
  objectOf,
  RegoObject,
  RegoSet,
  setOf,
  type RegoValue,
} from './value.js';

/**
 * A value in the notation that OPA's modules and toolchain read: JSON, with sets as `{1, 2}` and `set()`, and with any
 * value as a key. For values without sets and with strings as keys it is JSON.
 */
export function writeNotation(value: RegoValue): string {
  if (typeof value === 'string') return writeText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal) {
    return numberText(value);
  }
  if (value instanceof RegoSet) {
    return value.items.length === 0 ? 'set()' : `{${value.items.map(writeNotation).join(',')}}`;
  }
  if (value instanceof RegoObject) {
    return `{${value.entries.map(([key, item]) => `${writeNotation(key)}:${writeNotation(item)}`).join(',')}}`;
  }
  return `[${value.map(writeNotation).join(',')}]`;
}

/** A text as JSON. OPA's parser takes a byte order mark only escaped. */
function writeText(text: string): string {
  const json = JSON.stringify(text);
  return json.includes('\uFEFF') ? json.replaceAll('\uFEFF', '\\ufeff') : json;
}

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const NUMBER = /-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?/y;
const WORD = /null|true|false|set\(\)/y;
const WORDS: Readonly<Record<string, RegoValue>> = {
  null: null,
  true: true,
  false: false,
  'set()': new RegoSet([]),
};

/** @throws Error with the offset when the text is not one value. */
export function readNotation(text: string): RegoValue {
  const reader = new NotationReader(text);
  const value = reader.value();
  reader.end();
  return value;
}

class NotationReader {
  #at = 0;
  constructor(readonly text: string) {}

  value(): RegoValue {
    this.#take(SPACE);
    switch (this.text[this.#at]) {
      case '"':
        return JSON.parse(this.#expect(STRING, 'a string')) as string;
      case '[':
        return this.#array();
      case '{':
        return this.#objectOrSet();
      default: {
        const word = this.#take(WORD);
        return word === undefined ? numberOf(this.#expect(NUMBER, 'a value')) : (WORDS[word] ?? null);
      }
    }
  }

  end(): void {
    this.#take(SPACE);
    if (this.#at < this.text.length) throw this.#fault('the end');
  }

  #array(): readonly RegoValue[] {
    const items: RegoValue[] = [];
    this.#at += 1;
    if (this.#passes(']')) return items;
    do items.push(this.value());
    while (this.#passes(','));
    this.#close(']');
    return items;
  }

  #objectOrSet(): RegoObject | RegoSet {
    this.#at += 1;
    if (this.#passes('}')) return new RegoObject([]);
    const first = this.value();
    if (!this.#passes(':')) {
      const items = [first];
      while (this.#passes(',')) items.push(this.value());
      this.#close('}');
      return setOf(items);
    }
    const entries: [RegoValue, RegoValue][] = [[first, this.value()]];
    while (this.#passes(',')) {
      const key = this.value();
      this.#close(':');
      entries.push([key, this.value()]);
    }
    this.#close('}');
    return objectOf(entries);
  }

  /** Passes a character that may stand here. */
  #passes(character: string): boolean {
    this.#take(SPACE);
    if (this.text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #close(character: string): void {
    if (!this.#passes(character)) throw this.#fault(`\`${character}\``);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #expect(pattern: RegExp, what: string): string {
    const found = this.#take(pattern);
    if (found === undefined) throw this.#fault(what);
    return found;
  }

  #fault(expected: string): Error {
    return new Error(`expected ${expected} at ${this.#at} of a value in Rego's notation`);
  }
}
