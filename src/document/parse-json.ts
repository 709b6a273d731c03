import { position, type Locate, type Position } from './position.js';

/** Where JSON text is wrong, and what was expected there. */
export class JsonFault extends Error {
  constructor(
    message: string,
    readonly position: Position,
  ) {
    super(message);
    this.name = 'JsonFault';
  }
}

/**
 * Reads JSON (RFC 8259) strictly: unlike `JSON.parse` it refuses duplicate members, limits the depth and says
 * where the text is wrong and what was expected there.
 */
export function parseJson(text: string, depthMax: number): { document: unknown; locate: Locate } {
  const document = new JsonReader(text, depthMax).document();
  let offsets: Map<string, number> | undefined;
  return {
    document,
    locate: (pointer) => {
      // Places are asked for only when something is wrong, so they are gathered in a second reading.
      offsets ??= offsetsOf(text, depthMax);
      return position(text, offsets.get(pointer));
    },
  };
}

function offsetsOf(text: string, depthMax: number): Map<string, number> {
  const offsets = new Map<string, number>();
  new JsonReader(text, depthMax, offsets).document();
  return offsets;
}

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** What UTF-8 cannot hold (RFC 8259, section 8.2), nor anyone who reads the record. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What stands where a word or a number is expected. */
const TOKEN = /[^\s,:[\]{}"]*/y;

class JsonReader {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly depthMax: number,
    /** Filled, when given, with the offset of each value: of a member's name, of an item itself. */
    private readonly offsets?: Map<string, number>,
  ) {}

  document(): unknown {
    if (this.text.startsWith('\uFEFF')) this.at = 1;
    this.space();
    this.offsets?.set('', this.at);
    const value = this.value('');
    this.space();
    if (this.at < this.text.length)
      this.fail(`expected the end of the document, found ${this.found()}: a file holds one document`);
    return value;
  }

  private value(pointer: string): unknown {
    const start = this.text[this.at];
    if (start === '{' || start === '[') {
      this.depth += 1;
      if (this.depth > this.depthMax) this.fail(`nested deeper than ${this.depthMax} levels`);
      const value = start === '{' ? this.object(pointer) : this.array(pointer);
      this.depth -= 1;
      return value;
    }
    if (start === '"') return this.string();
    return this.wordOrNumber();
  }

  private object(pointer: string): Record<string, unknown> {
    const opened = this.at;
    const value: Record<string, unknown> = {};
    this.at += 1;
    this.space();
    if (this.text[this.at] === '}') {
      this.at += 1;
      return value;
    }
    for (;;) {
      const nameAt = this.at;
      const name = this.memberName(opened);
      if (Object.hasOwn(value, name)) this.fail(`the member ${quoted(name)} stands here twice`, nameAt);
      const member = this.offsets === undefined ? '' : `${pointer}/${escaped(name)}`;
      this.offsets?.set(member, nameAt);
      this.space();
      if (this.text[this.at] !== ':')
        this.fail(`expected \`:\` after the member name ${quoted(name)}, found ${this.found()}`);
      this.at += 1;
      this.space();
      const item = this.value(member);
      // `__proto__` is a name like any other.
      if (name === '__proto__') Object.defineProperty(value, name, { value: item, enumerable: true });
      else value[name] = item;
      if (this.closes('}', name, opened)) return value;
    }
  }

  private memberName(opened: number): string {
    if (this.text[this.at] === '"') return this.string();
    const expected = `expected a member name in double quotes, found ${this.found()}`;
    if (this.at >= this.text.length) this.fail(this.endsInside('object', opened));
    if (this.text[this.at] === '}') this.fail(`${expected}: JSON allows no comma before \`}\``);
    return this.fail(expected);
  }

  private array(pointer: string): unknown[] {
    const opened = this.at;
    const value: unknown[] = [];
    this.at += 1;
    this.space();
    if (this.text[this.at] === ']') {
      this.at += 1;
      return value;
    }
    for (;;) {
      const item = this.offsets === undefined ? '' : `${pointer}/${value.length}`;
      this.offsets?.set(item, this.at);
      if (this.text[this.at] === ']')
        this.fail('expected a value, found `]`: JSON allows no comma before `]`');
      value.push(this.value(item));
      if (this.closes(']', value.length, opened)) return value;
    }
  }

  /**
   * After a value: passes a comma, or the end of the object or array, and says which it was.
   *
   * @param after the value: the name of a member, or the number of an item
   */
  private closes(end: '}' | ']', after: string | number, opened: number): boolean {
    const endsWithText = this.text[this.at - 1] === '"';
    this.space();
    const next = this.text[this.at];
    if (next === end || next === ',') {
      this.at += 1;
      this.space();
      return next === end;
    }
    if (next === undefined) this.fail(this.endsInside(end === '}' ? 'object' : 'array', opened));
    const expected = `expected \`,\` or \`${end}\` after ${valueNamed(after)}, found ${this.found()}`;
    if (endsWithText && next !== '"' && next !== '}' && next !== ']' && next !== ':')
      this.fail(`${expected}: a \`"\` inside a text is written \`\\"\``);
    if (next === '"')
      this.fail(`${expected}: a comma is missing, or a \`"\` inside a text is not written \`\\"\``);
    return this.fail(expected);
  }

  private string(): string {
    const opened = this.at;
    for (let i = opened + 1; i < this.text.length; i += 1) {
      const code = this.text.charCodeAt(i);
      if (code === 0x22) {
        this.at = i + 1;
        return this.unescaped(opened, i);
      }
      if (code === 0x5c) i += 1;
      else if (code < 0x20) this.fail(this.controlCharacter(code, opened), i);
    }
    return this.fail(`the text that starts at ${this.place(opened)} has no closing \`"\``, this.text.length);
  }

  private unescaped(opened: number, closed: number): string {
    const inside = this.text.slice(opened + 1, closed);
    if (!inside.includes('\\')) return inside;
    for (const escape of inside.matchAll(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}|(.?))/gsu)) {
      if (escape[1] !== undefined)
        this.fail(
          `\`\\${escape[1]}\` is no escape that JSON knows: a backslash is written \`\\\\\``,
          opened + 1 + escape.index,
        );
    }
    const text = JSON.parse(`"${inside}"`) as string;
    if (LONE_SURROGATE.test(text))
      this.fail(
        'half a surrogate pair is no character: `\\ud83d` stands only before `\\ude00` and its like',
        opened,
      );
    return text;
  }

  private controlCharacter(code: number, opened: number): string {
    const inside = `inside the text that starts at ${this.place(opened)}`;
    if (code === 0x0a || code === 0x0d)
      return `a line break stands ${inside}: write \`\\n\`, or keep the text on one line (or its closing \`"\` is missing)`;
    if (code === 0x09) return `a tab stands ${inside}: write \`\\t\``;
    const hex = code.toString(16).padStart(4, '0');
    return `the control character U+${hex.toUpperCase()} stands ${inside}: write \`\\u${hex}\``;
  }

  private wordOrNumber(): unknown {
    TOKEN.lastIndex = this.at;
    const [token] = TOKEN.exec(this.text) ?? [''];
    if (WORDS.has(token)) {
      this.at += token.length;
      return WORDS.get(token);
    }
    if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(token)) {
      const number = Number(token);
      if (!Number.isFinite(number)) this.fail(`the number \`${token}\` is too large`);
      this.at += token.length;
      // A whole number beyond 2^53 is kept exactly.
      return Number.isSafeInteger(number) || !/^-?[0-9]+$/.test(token) ? number : BigInt(token);
    }
    if (this.at >= this.text.length) this.fail('expected a value, found the end of the text');
    const expected = `expected a value, found ${token === '' ? this.found() : `\`${token.slice(0, 30)}\``}`;
    if (token.startsWith("'")) this.fail(`${expected}: a text stands in double quotes`);
    if (token.startsWith('//') || token.startsWith('/*') || token.startsWith('#'))
      this.fail(`${expected}: JSON has no comments`);
    if (/^[+-]?[\d.]/.test(token)) this.fail(`${expected}, which is not a number as JSON writes it`);
    return this.fail(/^\w/.test(token) ? `${expected}: a text stands in double quotes` : expected);
  }

  private space(): void {
    for (; this.at < this.text.length; this.at += 1) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  private found(): string {
    const next = this.text.codePointAt(this.at);
    return next === undefined ? 'the end of the text' : `\`${String.fromCodePoint(next)}\``;
  }

  private endsInside(what: string, opened: number): string {
    return `the text ends inside the ${what} that starts at ${this.place(opened)}`;
  }

  private place(offset: number): string {
    const { row, column } = position(this.text, offset);
    return `row ${row}, column ${column}`;
  }

  private fail(message: string, offset: number = this.at): never {
    throw new JsonFault(message, position(this.text, offset));
  }
}

function valueNamed(after: string | number): string {
  return typeof after === 'string' ? `the value of ${quoted(after)}` : `item ${after}`;
}

function quoted(name: string): string {
  return `\`${name.length > 60 ? `${name.slice(0, 60)}…` : name}\``;
}

function escaped(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}
