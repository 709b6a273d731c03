import { numberOf, objectOf, type RegoNumber, type RegoValue } from '../../value.js';

/** Deeper text is no JSON for Go. */
export const JSON_DEPTH_MAX = 10_000;

const SPACE = /[ \t\r\n]*/y;
// eslint-disable-next-line no-control-regex -- controls may not stand in a string
const STRING = /"[^"\\\0-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\0-\x1f]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /null|true|false/y;
const WORDS: Readonly<Record<string, null | boolean>> = { null: null, true: true, false: false };

/** A collection that is being read, with the key that its next item gets when it is an object. */
type Open = { readonly items: RegoValue[] } | { readonly entries: [string, RegoValue][]; key: string };

/** Reads JSON by the letter of RFC 8259, as Go does. It keeps its own stack, so that no depth exhausts the thread's. */
export class JsonReader {
  #at = 0;
  readonly #open: Open[] = [];

  constructor(
    readonly text: string,
    readonly depthMax: number,
    /** Which numbers are taken: all that JSON has, or those that OPA can compute with. */
    readonly numbers: 'any number' | 'usable' = 'usable',
  ) {}

  /** @throws Error when there is no value here */
  value(): RegoValue {
    for (;;) {
      let value = this.#begin();
      // What was opened is followed by its first item.
      if (value === undefined) continue;
      for (;;) {
        const within = this.#open.at(-1);
        if (within === undefined) return value;
        if ('items' in within) within.items.push(value);
        else within.entries.push([within.key, value]);
        if (this.#passes(',')) {
          this.#key(within);
          break;
        }
        value = this.#close(within);
      }
    }
  }

  atEnd(): boolean {
    this.#take(SPACE);
    return this.#at === this.text.length;
  }

  passesNull(): boolean {
    this.#take(SPACE);
    return this.text.startsWith('null', this.#at);
  }

  /** A scalar or an empty collection; `undefined` when a collection was opened that has items. */
  #begin(): RegoValue | undefined {
    this.#take(SPACE);
    switch (this.text[this.#at]) {
      case '"':
        return this.#string();
      case '[':
        this.#enter({ items: [] });
        return this.#passes(']') ? this.#leave([]) : undefined;
      case '{': {
        const opened: Open = { entries: [], key: '' };
        this.#enter(opened);
        if (this.#passes('}')) return this.#leave(objectOf([]));
        this.#key(opened);
        return undefined;
      }
      default: {
        const word = this.#take(WORD);
        if (word !== undefined) return WORDS[word] ?? null;
        const number = this.#expect(NUMBER, 'a value');
        return this.numbers === 'usable' ? checkedNumber(number) : 0;
      }
    }
  }

  #enter(opened: Open): void {
    this.#at += 1;
    this.#open.push(opened);
    if (this.#open.length > this.depthMax) throw new Error(`the JSON is nested deeper than ${this.depthMax}`);
  }

  #leave(value: RegoValue): RegoValue {
    this.#open.pop();
    return value;
  }

  #key(within: Open): void {
    if ('items' in within) return;
    this.#take(SPACE);
    within.key = this.#string();
    if (!this.#passes(':')) throw this.#fault('`:`');
  }

  #close(within: Open): RegoValue {
    const isArray = 'items' in within;
    if (!this.#passes(isArray ? ']' : '}')) throw this.#fault(isArray ? '`,` or `]`' : '`,` or `}`');
    return this.#leave(isArray ? within.items : objectOf(within.entries));
  }

  #string(): string {
    const token = this.#expect(STRING, 'a string');
    if (!token.includes('\\')) return token.slice(1, -1);
    // Half a pair of surrogates is no character.
    return (JSON.parse(token) as string).replaceAll(/\p{Surrogate}/gu, '\ufffd');
  }

  #passes(character: string): boolean {
    this.#take(SPACE);
    if (this.text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #take(token: RegExp): string | undefined {
    token.lastIndex = this.#at;
    const found = token.exec(this.text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #expect(token: RegExp, what: string): string {
    const found = this.#take(token);
    if (found === undefined) throw this.#fault(what);
    return found;
  }

  #fault(expected: string): Error {
    return new Error(`it is no JSON: expected ${expected} at ${this.#at}`);
  }
}

/** OPA's bound for a number's power of two. */
const BINARY_EXPONENT_MAX = 100_000;
const EXPONENT_SURELY_SMALL = 25_000;
const EXPONENT_LIMIT = 2n ** 63n;

/** A number that OPA takes: between about 10^-30103 and 10^30103. */
export function checkedNumber(text: string): RegoNumber {
  const mark = text.search(/[eE]/);
  if (mark >= 0 && mark + Math.abs(Number(text.slice(mark + 1))) > EXPONENT_SURELY_SMALL)
    checkSize(text, mark);
  return numberOf(text);
}

function checkSize(text: string, mark: number): void {
  const fault = new Error('it is no JSON that can be used: a number is too large or too small');
  const exponent = BigInt(text.slice(mark + 1).replace('+', ''));
  if (exponent >= EXPONENT_LIMIT || exponent < -EXPONENT_LIMIT) throw fault;
  const [whole = '', decimals = ''] = text.slice(0, mark).replace('-', '').split('.');
  const digits = `${whole}${decimals}`.replace(/^0+/, '');
  if (digits === '') return;
  const point = Number(exponent) - decimals.length + digits.length;
  const power = Math.log2(Number(`0.${digits.slice(0, 17)}`)) + point * Math.log2(10);
  if (power >= BINARY_EXPONENT_MAX || power < -BINARY_EXPONENT_MAX - 1) throw fault;
}
