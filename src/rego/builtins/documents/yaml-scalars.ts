import { parseTime } from '../time/go-layout-parse.js';
import { isPrintable } from '../text/printable.js';

/** How go-yaml reads plain scalars, and how it sorts keys. */

/** Scalars that mean something else than their text, by YAML 1.2, and booleans of YAML 1.1. */
const WORDS: ReadonlySet<string> = new Set([
  ...['', '~', 'null', 'Null', 'NULL', 'true', 'True', 'TRUE', 'false', 'False', 'FALSE'],
  ...['.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'],
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'],
]);

const INTEGER = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
/** Binary and octal with a sign after their prefix, which Go's parser of numbers takes. */
const INNER_SIGN = /^0(?:b[+-]0*[01]{1,63}|o[+-]0*[0-7]{1,21})$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** With a leading point Go's own parser of floats is asked, which takes underscores between digits. */
const POINT_FLOAT = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
/** Hours, minutes and seconds were numbers in YAML 1.1. */
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIMESTAMPS = [
  '2006-1-2T15:4:5.999999999Z07:00',
  '2006-1-2t15:4:5.999999999Z07:00',
  '2006-1-2 15:4:5.999999999',
  '2006-1-2',
];

/** Whether a text without quotes is read as that string, in YAML 1.1 too. */
export function isYamlString(text: string): boolean {
  if (WORDS.has(text)) return false;
  if (!/^[-+.0-9]/.test(text)) return true;
  const plain = text.replaceAll('_', '');
  if (text.startsWith('.')) return !(POINT_FLOAT.test(text) && Number.isFinite(Number(plain)));
  if (BASE_60.test(text) || isTimestamp(text)) return false;
  return !isInteger(plain) && !isFloat(plain) && !INNER_SIGN.test(plain);
}

function isFloat(text: string): boolean {
  return FLOAT.test(text) && Number.isFinite(Number(text));
}

/** Within 64 bits; without a sign they may be all for the size. */
function isInteger(text: string): boolean {
  const [, sign, digits] = INTEGER.exec(text) ?? [];
  if (digits === undefined) return false;
  const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (sign === '') return size < 2n ** 64n;
  return sign === '-' ? size <= 2n ** 63n : size < 2n ** 63n;
}

function isTimestamp(text: string): boolean {
  if (!/^[0-9]{4}-/.test(text)) return false;
  return TIMESTAMPS.some((layout) => {
    try {
      parseTime(layout, text);
      return true;
    } catch {
      return false;
    }
  });
}

const LETTER = /^\p{L}$/u;
/** Of Unicode 15, whatever Node has. */
function isLetter(character: string): boolean {
  return LETTER.test(character) && isPrintable(codePointOf(character));
}

const DIGIT = /^\p{Nd}$/u;

/** Letters by their code points and after what is none, numbers within by their size. */
export function compareKeys(a: string, b: string): number {
  const [charactersA, charactersB] = [Array.from(a), Array.from(b)];
  const shared = Math.min(charactersA.length, charactersB.length);
  for (let index = 0; index < shared; index += 1) {
    const [characterA = '', characterB = ''] = [charactersA[index], charactersB[index]];
    if (characterA === characterB) continue;
    const order = compareFrom(index, charactersA, charactersB);
    return order ? -1 : 1;
  }
  return Math.sign(charactersA.length - charactersB.length);
}

/** Whether the first is less, given the place where they begin to differ. */
function compareFrom(at: number, a: readonly string[], b: readonly string[]): boolean {
  const [characterA = '', characterB = ''] = [a[at], b[at]];
  const [letterA, letterB] = [isLetter(characterA), isLetter(characterB)];
  if (letterA && letterB) return codePointOf(characterA) < codePointOf(characterB);
  if (letterA || letterB) return at > 0 && DIGIT.test(a[at - 1] ?? '') ? letterA : letterB;
  const start = (characterA === '0' || characterB === '0') && followsNumber(at, a) ? 1n : 0n;
  const [numberA, numberB] = [numberAt(at, a, start), numberAt(at, b, start)];
  if (numberA.value !== numberB.value) return numberA.value < numberB.value;
  if (numberA.end !== numberB.end) return numberA.end < numberB.end;
  return codePointOf(characterA) < codePointOf(characterB);
}

/** Whether digits stand directly before, among them one that is no zero. */
function followsNumber(at: number, characters: readonly string[]): boolean {
  for (let before = at - 1; before >= 0 && DIGIT.test(characters[before] ?? ''); before -= 1) {
    if (characters[before] !== '0') return true;
  }
  return false;
}

/** The number that begins there, in 64 bits, which it may overflow. */
function numberAt(at: number, characters: readonly string[], start: bigint): { value: bigint; end: number } {
  let value = start;
  let end = at;
  for (; end < characters.length && DIGIT.test(characters[end] ?? ''); end += 1) {
    value = BigInt.asIntN(64, value * 10n + BigInt(codePointOf(characters[end] ?? '') - 0x30));
  }
  return { value, end };
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
