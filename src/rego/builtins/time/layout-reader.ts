export function mismatch(): Error {
  return new Error('the time does not have the layout');
}

export function outOfRange(what: string): Error {
  return new Error(`the ${what} of the time is out of range`);
}

/** Reads a text from its start, as Go reads a time along its layout. */
export class LayoutReader {
  #at = 0;
  constructor(readonly text: string) {}

  get left(): number {
    return this.text.length - this.#at;
  }

  peek(distance = 0): string {
    return this.text[this.#at + distance] ?? '';
  }

  take(length: number): string {
    if (this.left < length) throw mismatch();
    this.#at += length;
    return this.text.slice(this.#at - length, this.#at);
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.#at);
  }

  /** Passes the text of a layout; runs of blanks match runs of blanks, and the end. */
  skip(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      if (text[index] !== ' ') {
        if (this.peek() !== text[index]) throw mismatch();
        this.#at += 1;
        continue;
      }
      if (this.left > 0 && this.peek() !== ' ') throw mismatch();
      while (text[index + 1] === ' ') index += 1;
      while (this.peek() === ' ') this.#at += 1;
    }
  }

  end(): void {
    if (this.left > 0) throw mismatch();
  }

  /** How many digits follow, at most so many. */
  digitsAhead(distance = 0, most = Infinity): number {
    let count = 0;
    while (count < most && isDigit(this.peek(distance + count))) count += 1;
    return count;
  }

  /** A number of at most two or three digits; with `fixed` exactly so many. */
  number(digits: number, fixed: boolean): number {
    const count = this.digitsAhead(0, digits);
    if (count === 0 || (fixed && count !== digits)) throw mismatch();
    return Number(this.take(count));
  }

  numberBetween(least: number, most: number, fixed: boolean, what: string): number {
    const value = this.number(2, fixed);
    if (value < least || value > most) throw outOfRange(what);
    return value;
  }

  passBlanks(most: number): void {
    for (let count = 0; count < most && this.peek() === ' '; count += 1) this.#at += 1;
  }

  /** The index of the name that follows, in letters of any case. */
  name(names: readonly string[], length = Infinity): number {
    const index = names.findIndex((name) => this.#isName(name.slice(0, length)));
    if (index < 0) throw mismatch();
    this.#at += (names[index] ?? '').slice(0, length).length;
    return index;
  }

  #isName(name: string): boolean {
    for (let index = 0; index < name.length; index += 1) {
      if ((this.text.charCodeAt(this.#at + index) | 0x20) !== (name.charCodeAt(index) | 0x20)) return false;
    }
    return this.left >= name.length;
  }
}

export function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}
