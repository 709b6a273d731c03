import { isNumber, numberText, RegoObject, RegoSet, type RegoValue } from '../../value.js';
import { isPrintable } from './printable.js';

/** A value as OPA writes it in a text: Rego's notation with spaces after commas, and strings quoted as in Go. */
export function textOf(value: RegoValue): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isNumber(value)) return numberText(value);
  if (value instanceof RegoSet) {
    return value.items.length === 0 ? 'set()' : `{${value.items.map(textOf).join(', ')}}`;
  }
  if (value instanceof RegoObject) {
    return `{${value.entries.map(([key, item]) => `${textOf(key)}: ${textOf(item)}`).join(', ')}}`;
  }
  return `[${value.map(textOf).join(', ')}]`;
}

/** What stands in a quoted text as it is, whatever the quotes. */
const PLAIN = /^[ !#-&(-[\]-~]*$/;

const ESCAPES: Readonly<Record<number, string>> = {
  0x07: '\\a',
  0x08: '\\b',
  0x09: '\\t',
  0x0a: '\\n',
  0x0b: '\\v',
  0x0c: '\\f',
  0x0d: '\\r',
};

/** A text as a literal of Go: between quotes, with escapes for what cannot be printed, or for all beyond ASCII. */
export function quoted(text: string, quote: '"' | "'" = '"', asciiOnly = false): string {
  if (PLAIN.test(text)) return `${quote}${text}${quote}`;
  let escaped: string = quote;
  for (const character of text) escaped += escapedCharacter(character, quote, asciiOnly);
  return escaped + quote;
}

function escapedCharacter(character: string, quote: string, asciiOnly: boolean): string {
  if (character === quote || character === '\\') return `\\${character}`;
  const codePoint = character.codePointAt(0) ?? 0;
  if (isPrintable(codePoint) && (codePoint < 0x80 || !asciiOnly)) return character;
  const short = ESCAPES[codePoint];
  if (short !== undefined) return short;
  const hex = codePoint.toString(16);
  if (codePoint < 0x20 || codePoint === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  // Half a pair is no character.
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return asciiOnly ? '\\ufffd' : '\ufffd';
  return codePoint < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Whether Go writes a text between backquotes: one line without controls. */
export function canBackquote(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- controls are what is looked for
  return !/[\0-\x08\x0a-\x1f`\x7f\ufeff]/.test(text);
}
