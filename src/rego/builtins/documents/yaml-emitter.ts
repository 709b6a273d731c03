import { isPrintableInYaml, scalarTraits } from './yaml-traits.js';
import { isYamlString } from './yaml-scalars.js';

/** A document as go-yaml writes it. */
export type YamlNode =
  | { readonly plain: string }
  | { readonly text: string }
  | { readonly items: readonly YamlNode[] }
  | { readonly members: readonly (readonly [string, YamlNode])[] };

const INDENT = 2;
/** A longer key, in bytes, is written in the long form, with a question mark. */
const SIMPLE_KEY_BYTES_MAX = 128;

/** YAML by the rules of go-yaml 3.0.5 with an indentation of two and lines of any length. */
export function emitYaml(root: YamlNode): string {
  const emitter = new Emitter();
  emitter.node(root, -1, false);
  return emitter.end();
}

/** Where the next character stands, and what stands directly before it, decide on spaces and new lines. */
class Emitter {
  #output = '';
  #column = 0;
  /** Whether what was written last ends with a space, or counts so. */
  #spaced = true;
  /** Whether nothing but indentation and dashes stands on the line. */
  #indenting = true;

  end(): string {
    this.#line(0);
    return this.#output;
  }

  /** @param indent of the collection that the node is in, -1 for none */
  node(node: YamlNode, indent: number, isKey: boolean): void {
    if ('items' in node) this.#sequence(node.items, indent);
    else if ('members' in node) this.#mapping(node.members, indent);
    else if ('plain' in node) this.#plain(node.plain);
    else this.#string(node.text, indent < 0 ? INDENT : indent + INDENT, isKey);
  }

  #sequence(items: readonly YamlNode[], outer: number): void {
    if (items.length === 0) {
      this.#indicator('[', true);
      this.#indicator(']');
      return;
    }
    const indent = outer < 0 ? 0 : outer + INDENT;
    for (const item of items) {
      this.#line(indent);
      this.#indicator('-', true, true);
      this.node(item, indent, false);
    }
  }

  #mapping(members: readonly (readonly [string, YamlNode])[], outer: number): void {
    if (members.length === 0) {
      this.#indicator('{', true);
      this.#indicator('}');
      return;
    }
    const indent = outer < 0 ? 0 : outer + INDENT;
    for (const [key, value] of members) {
      this.#line(indent);
      const isSimple = !scalarTraits(key).multiline && Buffer.byteLength(key) <= SIMPLE_KEY_BYTES_MAX;
      if (!isSimple) this.#indicator('?', true, true);
      this.node({ text: key }, indent, isSimple);
      if (!isSimple) this.#line(indent);
      this.#indicator(':', !isSimple, !isSimple);
      this.node(value, indent, false);
    }
  }

  #plain(text: string): void {
    if (!this.#spaced) this.#put(' ');
    this.#put(text);
    this.#spaced = false;
    this.#indenting = false;
  }

  #string(text: string, indent: number, isKey: boolean): void {
    const traits = scalarTraits(text);
    if (text.includes('\n') && traits.blockAllowed && !isKey) this.#literal(text, indent);
    else if (text.includes('\n') || !isYamlString(text)) this.#doubleQuoted(text);
    else if (traits.plainAllowed) this.#plain(text);
    else if (traits.singleQuotedAllowed) this.#singleQuoted(text, indent);
    else this.#doubleQuoted(text);
  }

  #singleQuoted(text: string, indent: number): void {
    this.#indicator("'", true);
    this.#lines(text.replaceAll("'", "''"), indent, false);
    this.#indicator("'");
    this.#indenting = false;
  }

  #doubleQuoted(text: string): void {
    let escaped = '';
    for (const character of text) escaped += escapedInYaml(character);
    this.#indicator('"', true);
    this.#put(escaped);
    this.#indicator('"');
    this.#indenting = false;
  }

  #literal(text: string, indent: number): void {
    this.#indicator('|', true);
    if (/^[ \r\n\x85\u2028\u2029]/.test(text)) this.#put(String(INDENT));
    this.#put(chompingOf(text));
    this.#break('\n');
    this.#spaced = true;
    this.#lines(text, indent, true);
  }

  /** Lines that each begin at the indentation; breaks other than `\n` stand as they are. */
  #lines(text: string, indent: number, afterBreak: boolean): void {
    let broken = afterBreak;
    for (const part of text.split(/([\n\u2028\u2029])/)) {
      if (part === '') continue;
      if (/^[\n\u2028\u2029]$/.test(part)) {
        this.#break(part);
        broken = true;
        continue;
      }
      if (broken) this.#line(indent);
      this.#put(part);
      this.#indenting = false;
      broken = false;
    }
  }

  /** Goes to the indentation, on a new line unless nothing else stands on this one. */
  #line(indent: number): void {
    const isPast = this.#column > indent || (this.#column === indent && !this.#spaced);
    if (!this.#indenting || isPast) this.#break('\n');
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#spaced = true;
  }

  #indicator(text: string, apart = false, indents = false): void {
    if (apart && !this.#spaced) this.#put(' ');
    this.#put(text);
    this.#spaced = text === '[' || text === '{';
    this.#indenting = this.#indenting && indents;
  }

  #break(character: string): void {
    this.#output += character;
    this.#column = 0;
    this.#indenting = true;
  }

  #put(text: string): void {
    this.#output += text;
    this.#column += text.length;
  }
}

/** What becomes of the breaks at the end: `-` for none, `+` for all where there are several. */
function chompingOf(text: string): string {
  const breaks = /[\r\n\x85\u2028\u2029]*$/.exec(text.slice(-2))?.[0].length ?? 0;
  if (breaks === 0) return '-';
  return breaks === 2 || text.length === 1 ? '+' : '';
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function escapedInYaml(character: string): string {
  const isPlain = isPrintableInYaml(character) && !/["\\\n\u2028\u2029]/.test(character);
  if (isPlain) return character;
  const short = ESCAPES[character];
  if (short !== undefined) return `\\${short}`;
  const codePoint = character.codePointAt(0) ?? 0;
  const hex = codePoint.toString(16).toUpperCase();
  if (codePoint <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return codePoint <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
