import { stringOperand, type Builtins } from '../../builtin.js';
import { byteTextOf, textOfByteText } from '../bytes/bytes.js';
import { occurrencesInText } from './occurrences.js';
import { checkTextLength, countOperand, itemsOperand } from '../operand.js';

/** Up to so many pairs of characters a plain search cannot take long; beyond, it may try each. */
const PAIRS_SEARCHED_MAX = 16 * 1024 * 1024;

/** Texts of Rego, in code points as OPA counts. */
export const textBuiltins: Builtins = {
  concat(between, parts) {
    const delimiter = stringOperand(between, 1);
    const items = itemsOperand(parts, 2).map((item) => {
      if (typeof item !== 'string') throw new Error('operand 2 must hold nothing but strings');
      return item;
    });
    checkTextLength(
      items.reduce((length, item) => length + item.length, delimiter.length * Math.max(items.length - 1, 0)),
    );
    return items.join(delimiter);
  },
  indexof(text, sought) {
    const base = stringOperand(text, 1);
    const part = stringOperand(sought, 2);
    if (part === '') throw new Error('operand 2 must not be empty');
    const [place] = placesOf(base, part);
    return place === undefined ? -1 : codePointsBefore(base, place);
  },
  replace(text, sought, replacement) {
    const base = stringOperand(text, 1);
    const part = stringOperand(sought, 2);
    const other = stringOperand(replacement, 3);
    return part === '' ? between(base, other) : replaced(base, part, other);
  },
  substring(text, from, count) {
    const base = stringOperand(text, 1);
    const start = countOperand(from, 2);
    const length = countOperand(count, 3);
    if (start < 0) throw new Error('operand 2 must not be negative');
    const begin = unitsOf(base, 0, start);
    return length < 0 ? base.slice(begin) : base.slice(begin, unitsOf(base, begin, length));
  },
};

/** Where a part stands, without overlaps. */
function* placesOf(text: string, part: string): Generator<number, void> {
  if (text.length * part.length <= PAIRS_SEARCHED_MAX) {
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) yield at;
    return;
  }
  let end = 0;
  for (const place of occurrencesInText(text, part)) {
    if (place < end) continue;
    end = place + part.length;
    yield place;
  }
}

function replaced(text: string, part: string, other: string): string {
  let result = '';
  let end = 0;
  for (const place of placesOf(text, part)) {
    result += text.slice(end, place) + other;
    end = place + part.length;
    checkTextLength(result.length);
  }
  return end === 0 ? text : result + text.slice(end);
}

/** Go puts it between bytes, not characters. */
function between(text: string, other: string): string {
  if (other === '') return text;
  const bytes = byteTextOf(text);
  const added = byteTextOf(other);
  checkTextLength(bytes.length + added.length * (bytes.length + 1));
  return textOfByteText(added + Array.from(bytes, (byte) => byte + added).join(''));
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Where a count of code points from a place on ends, in code units. */
function unitsOf(text: string, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < text.length; left -= 1)
    at += isHighSurrogate(text.charCodeAt(at)) ? 2 : 1;
  return at;
}

function codePointsBefore(text: string, place: number): number {
  let count = 0;
  for (let at = 0; at < place; count += 1) at += isHighSurrogate(text.charCodeAt(at)) ? 2 : 1;
  return count;
}
