import { canBackquote, quoted } from './go-text.js';
import { formatFloat, SHORTEST, type FloatVerb } from './go-float.js';
import { isPrintable } from './printable.js';

/** A floating-point number of Go; whole numbers are plain ones. */
export class GoFloat {
  constructor(readonly value: number) {}
}

/** What OPA hands to Go's `fmt`: `string`, `int64` (a safe integer or a bigint), `*big.Int` or `float64`. */
export type GoValue = string | number | bigint | GoFloat;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

export function goTypeOf(value: GoValue): 'string' | 'int64' | '*big.Int' | 'float64' {
  if (typeof value === 'string') return 'string';
  if (value instanceof GoFloat) return 'float64';
  return typeof value === 'number' || (value >= INT64_MIN && value <= INT64_MAX) ? 'int64' : '*big.Int';
}

/** What stands between `%` and the verb. */
export class Directive {
  minus = false;
  plus = false;
  sharp = false;
  space = false;
  zero = false;
  /** `%+v` and `%#v`, in which the flags mean something else. */
  plusV = false;
  sharpV = false;
  width = 0;
  /** -1 when there is none. */
  precision = -1;
}

/** One value as `fmt.Sprintf` writes it for a verb, which is one character. */
export function formatValue(value: GoValue, verb: string, directive: Directive): string {
  if (verb === 'T') return formatString(goTypeOf(value), directive);
  if (typeof value === 'string') return formatText(value, verb, directive);
  if (value instanceof GoFloat) return formatFloatValue(value, verb, directive);
  return goTypeOf(value) === 'int64'
    ? formatInt64(value, verb, directive)
    : formatBigInt(BigInt(value), verb, directive);
}

function badVerb(value: GoValue, verb: string, directive: Directive): string {
  return `%!${verb}(${goTypeOf(value)}=${formatValue(value, 'v', directive)})`;
}

/** Counted in code points. Zeros go to the left alone. */
function padded(text: string, { width, minus, zero }: Directive, zeros = zero): string {
  if (width === 0) return text;
  const missing = width - codePointsOf(text);
  if (missing <= 0) return text;
  if (minus) return text + ' '.repeat(missing);
  return (zeros ? '0' : ' ').repeat(missing) + text;
}

function codePointsOf(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xdc00 && unit <= 0xdfff) count -= 1;
  }
  return count;
}

function formatText(text: string, verb: string, directive: Directive): string {
  switch (verb) {
    case 'v':
      return directive.sharpV ? formatQuoted(text, directive) : formatString(text, directive);
    case 's':
      return formatString(text, directive);
    case 'q':
      return formatQuoted(text, directive);
    case 'x':
      return formatBytes(text, directive);
    case 'X':
      return formatBytes(text, directive).toUpperCase();
    default:
      return badVerb(text, verb, directive);
  }
}

function formatString(text: string, directive: Directive): string {
  return padded(truncated(text, directive.precision), directive);
}

/** The first code points of a text. */
function truncated(text: string, precision: number): string {
  if (precision < 0 || precision >= text.length) return text;
  let end = 0;
  for (let count = 0; count < precision && end < text.length; count += 1) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}

function formatQuoted(text: string, directive: Directive): string {
  const shown = truncated(text, directive.precision);
  if (directive.sharp && canBackquote(shown)) return padded(`\`${shown}\``, directive);
  return padded(quoted(shown, '"', directive.plus), directive);
}

/** The bytes of a text in UTF-8; the precision limits their number. */
function formatBytes(text: string, directive: Directive): string {
  const { precision, sharp, space } = directive;
  // One unit more, lest half a pair be among the bytes that count.
  const shown = precision < 0 ? text : text.slice(0, precision + 1);
  const bytes = Buffer.from(shown, 'utf8');
  const limited = precision < 0 ? bytes : bytes.subarray(0, precision);
  if (limited.length === 0) return padded('', directive);
  const hex = limited.toString('hex');
  if (!space) return padded(sharp ? `0x${hex}` : hex, directive);
  const separator = sharp ? ' 0x' : ' ';
  const spaced = Array.from(limited, (byte) => byte.toString(16).padStart(2, '0')).join(separator);
  return padded(sharp ? `0x${spaced}` : spaced, directive);
}

function formatInt64(value: number | bigint, verb: string, directive: Directive): string {
  switch (verb) {
    case 'v':
    case 'd':
      return formatInteger(value, 10, verb, directive);
    case 'b':
      return formatInteger(value, 2, verb, directive);
    case 'o':
    case 'O':
      return formatInteger(value, 8, verb, directive);
    case 'x':
      return formatInteger(value, 16, verb, directive);
    case 'X':
      return formatInteger(value, 16, verb, directive).toUpperCase();
    case 'c':
      return padded(characterOf(value), directive);
    case 'q':
      return padded(quoted(characterOf(value), "'", directive.plus), directive);
    case 'U':
      return padded(codePointText(value, directive), directive, false);
    default:
      return badVerb(value, verb, directive);
  }
}

const PREFIXES: Readonly<Record<string, string>> = { b: '0b', x: '0x', X: '0x' };

function signOf(negative: boolean, { plus, plusV, space }: Directive, isBig = false): string {
  if (negative) return '-';
  if (plus || (isBig && plusV)) return '+';
  return space ? ' ' : '';
}

function formatInteger(value: number | bigint, base: number, verb: string, directive: Directive): string {
  const { precision, width, minus, zero, sharp } = directive;
  const text = value.toString(base);
  const negative = text.startsWith('-');
  let digits = negative ? text.slice(1) : text;
  if (precision === 0 && digits === '0') return ' '.repeat(width);
  const sign = signOf(negative, directive);
  if (precision >= 0) digits = digits.padStart(precision, '0');
  else if (zero && !minus) digits = digits.padStart(width - sign.length, '0');
  if (sharp && base === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  const prefix = verb === 'O' ? '0o' : sharp ? (PREFIXES[verb] ?? '') : '';
  return padded(`${sign}${prefix}${digits}`, directive, false);
}

const CODE_POINT_MAX = 0x10ffff;

function characterOf(value: number | bigint): string {
  const codePoint = Number(value);
  const isCharacter =
    codePoint >= 0 && codePoint <= CODE_POINT_MAX && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
  return String.fromCodePoint(isCharacter ? codePoint : 0xfffd);
}

function codePointText(value: number | bigint, { precision, sharp }: Directive): string {
  const hex = BigInt.asUintN(64, BigInt(value)).toString(16).toUpperCase();
  const digits = hex.padStart(Math.max(precision, 4), '0');
  const codePoint = Number(value);
  const shown = sharp && codePoint >= 0 && codePoint <= CODE_POINT_MAX && isPrintable(codePoint);
  return `U+${digits}${shown ? ` '${String.fromCodePoint(codePoint)}'` : ''}`;
}

const BIG_BASES: Readonly<Record<string, number>> = { b: 2, o: 8, O: 8, d: 10, s: 10, v: 10, x: 16, X: 16 };

/** Whole numbers beyond 64 bits format themselves, by rules of their own. */
function formatBigInt(value: bigint, verb: string, directive: Directive): string {
  if (verb === 'p' || verb === 'w') {
    throw new Error(`a whole number beyond 64 bits has no format for the verb ${verb}`);
  }
  const base = BIG_BASES[verb];
  if (base === undefined) return `%!${verb}(big.Int=${value})`;
  const size = value < 0n ? -value : value;
  const digits = verb === 'X' ? size.toString(base).toUpperCase() : size.toString(base);
  const prefix = bigPrefixOf(verb, directive);
  const sign = signOf(value < 0n, directive, true);
  const { precision, width, minus, zero } = directive;
  const least = precision < 0 && zero && !minus ? width - sign.length - prefix.length : precision;
  return padded(`${sign}${prefix}${digits.padStart(least, '0')}`, directive, false);
}

function bigPrefixOf(verb: string, { sharp, sharpV }: Directive): string {
  if (verb === 'O') return '0o';
  if (!sharp && !sharpV) return '';
  if (verb === 'o') return '0';
  return verb === 'X' ? '0X' : (PREFIXES[verb] ?? '');
}

const FLOAT_VERBS: Readonly<Record<string, FloatVerb>> = {
  v: 'g',
  b: 'b',
  g: 'g',
  G: 'G',
  x: 'x',
  X: 'X',
  f: 'f',
  F: 'f',
  e: 'e',
  E: 'E',
};
const DECIMALS = 6;

function formatFloatValue(float: GoFloat, verb: string, directive: Directive): string {
  const goVerb = FLOAT_VERBS[verb];
  if (goVerb === undefined) return badVerb(float, verb, directive);
  const usual = 'feE'.includes(goVerb) ? DECIMALS : SHORTEST;
  const precision = directive.precision < 0 ? usual : directive.precision;
  const text = formatFloat(float.value, goVerb, precision);
  const negative = text.startsWith('-');
  const sign = signOf(negative, directive);
  let digits = negative ? text.slice(1) : text;
  if (directive.sharp && goVerb !== 'b') digits = withPoint(digits, goVerb, precision);
  const { zero, minus, width } = directive;
  if (zero && !minus && sign !== '') return sign + digits.padStart(width - sign.length, '0');
  return padded(sign + digits, directive);
}

/** With a point in any case, and with the zeros at the end that were left out. */
function withPoint(text: string, verb: FloatVerb, precision: number): string {
  const isHex = verb === 'x' || verb === 'X';
  const tailAt = text.search(isHex ? /p/i : /e/i);
  const number = tailAt < 0 ? text : text.slice(0, tailAt);
  const tail = tailAt < 0 ? '' : text.slice(tailAt);
  const wanted = 'gGx'.includes(verb) ? (precision === SHORTEST ? DECIMALS : precision) : 0;
  const significant = number.replace('.', '').replace(/^0+/, '').length;
  const leadingZero = number === '0' ? 1 : 0;
  const missing = Math.max(wanted - significant - leadingZero, 0);
  return `${number}${number.includes('.') ? '' : '.'}${'0'.repeat(missing)}${tail}`;
}
