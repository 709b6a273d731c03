import { stringOperand, type Builtins } from '../builtin.js';
import { integerValue, numberOf, type RegoNumber } from '../value.js';

/** A larger exponent is refused, since its digits would be written out; OPA refuses more than 6 digits. */
const EXPONENT_MAX = 5000;
/** A longer number is refused. OPA has no limit. */
const NUMBER_LENGTH_MAX = 5000;
/** Digits after the point of what is not whole. */
const DECIMALS = 10;

const PREFIXES = ['k', 'm', 'g', 't', 'p', 'e'];

/** 0.001 as a binary fraction, since OPA multiplies by what a 64-bit float has. */
const MILLI: Fraction = { numerator: 1152921504606847n, denominator: 2n ** 60n };

interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** A quantity as it is written: digits with their sign and point, times a power of ten, and a unit. */
interface Quantity {
  readonly digits: bigint;
  readonly negative: boolean;
  readonly exponent: number;
  readonly unit: string;
}

/** Quantities with units, decimal and binary: `10K`, `0.5Gi`. */
export const unitBuiltins: Builtins = {
  'units.parse'(text) {
    const { unit, ...quantity } = quantityOf(withPlainI(stringOperand(text, 1)));
    const { numerator, denominator } = factorOf(unit);
    const scale = 10n ** BigInt(Math.abs(quantity.exponent));
    const whole = quantity.exponent > 0;
    const above = quantity.digits * numerator * (whole ? scale : 1n);
    const below = denominator * (whole ? 1n : scale);
    return roundedNumber(above, below, quantity.negative);
  },
  'units.parse_bytes'(text) {
    const { unit, ...quantity } = quantityOf(withPlainI(stringOperand(text, 1)).toLowerCase());
    const bytes = wholeOf(times(floatOf(quantity), rounded(byteFactorOf(unit), 0, FLOAT_BITS)));
    return integerValue(quantity.negative ? -bytes : bytes);
  },
};

/** The lower case of `İ` is `i` in Go, and two characters in JavaScript. */
function withPlainI(text: string): string {
  return text.includes('\u0130') ? text.replaceAll('\u0130', 'i') : text;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,6}))?$/i;

function quantityOf(quoted: string): Quantity {
  const text = quoted.includes('"') ? quoted.replaceAll('"', '') : quoted;
  if (text.includes(' ')) throw new Error('operand 1 must have no spaces');
  const end = numberEnd(text);
  if (end === 0) throw new Error('operand 1 must have an amount');
  if (end > NUMBER_LENGTH_MAX) throw new Error(`the amount is longer than ${NUMBER_LENGTH_MAX} characters`);
  const [, sign, whole = '', decimals = '', exponent = '0'] = NUMBER.exec(text.slice(0, end)) ?? [];
  if (whole === '' && decimals === '') throw new Error('the amount must be a number');
  if (Math.abs(Number(exponent)) > EXPONENT_MAX) throw new Error(`the exponent is beyond ${EXPONENT_MAX}`);
  return {
    digits: BigInt(`${whole}${decimals}`),
    negative: sign === '-',
    exponent: Number(exponent) - decimals.length,
    unit: text.slice(end),
  };
}

/** Where the unit begins: at the first character of no number, or at an `e` that no digit or sign follows. */
function numberEnd(text: string): number {
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (/[eE]/.test(character)) {
      if (!/[-+\d]/.test(text.charAt(index + 1))) return index;
      if (!/\d/.test(text.charAt(index + 1))) index += 1;
    } else if (!/[-+.\d]/.test(character)) return index;
  }
  return text.length;
}

/** Case counts in the first letter alone, and there only between `m` and `M`. */
function factorOf(unit: string): Fraction {
  if (unit === 'm') return MILLI;
  const factor = /^M$/.test(unit) ? 1000n ** 2n : prefixFactor(unit, /^([kmgtpe])(i?)$/i);
  return { numerator: factor, denominator: 1n };
}

function byteFactorOf(unit: string): bigint {
  return prefixFactor(unit, /^([kmgtpe])(i?)b?$/);
}

function prefixFactor(unit: string, form: RegExp): bigint {
  if (unit === '') return 1n;
  const [, prefix, binary] = form.exec(unit) ?? [];
  if (prefix === undefined) throw new Error('the unit of operand 1 is not known');
  const power = BigInt(PREFIXES.indexOf(prefix.toLowerCase()) + 1);
  return (binary === '' ? 1000n : 1024n) ** power;
}

/** A fraction as a number: whole, or with ten decimals, halves away from zero. */
function roundedNumber(above: bigint, below: bigint, negative: boolean): RegoNumber {
  const sign = negative ? '-' : '';
  if (above % below === 0n) return integerValue((negative ? -1n : 1n) * (above / below));
  const scaled = (above * 10n ** BigInt(DECIMALS) * 2n + below) / (below * 2n);
  const digits = String(scaled).padStart(DECIMALS + 1, '0');
  return numberOf(`${sign}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`);
}

/** What Go's `big.Float` holds: a mantissa of so many bits, times a power of two. */
interface BigFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const FLOAT_BITS = 64;
const POWER_BITS = 128;
const SQUARE_BITS = 192;
/** The largest power of five that Go begins with. */
const FIVES_EXACT = 27;

/** Halves to even. */
function rounded(mantissa: bigint, exponent: number, bits: number): BigFloat {
  const excess = mantissa.toString(2).length - bits;
  if (excess <= 0) return { mantissa, exponent };
  const shift = BigInt(excess);
  const kept = mantissa >> shift;
  const rest = mantissa - (kept << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (kept & 1n) === 1n);
  return { mantissa: up ? kept + 1n : kept, exponent: exponent + excess };
}

function times(a: BigFloat, b: BigFloat, bits = FLOAT_BITS): BigFloat {
  return rounded(a.mantissa * b.mantissa, a.exponent + b.exponent, bits);
}

/** The digits times a power of ten, rounded as Go rounds when it reads a number. */
function floatOf({ digits, exponent }: Omit<Quantity, 'unit'>): BigFloat {
  if (digits === 0n) return { mantissa: 0n, exponent: 0 };
  const fives = powerOfFive(Math.abs(exponent));
  if (exponent >= 0) return rounded(digits * fives.mantissa, fives.exponent + exponent, FLOAT_BITS);
  // So many more bits that the quotient has all that count, and one for whether anything is left.
  const shift = fives.mantissa.toString(2).length + FLOAT_BITS + 2;
  const dividend = digits << BigInt(shift);
  const quotient = dividend / fives.mantissa;
  const left = quotient * fives.mantissa === dividend ? 0n : 1n;
  return rounded((quotient << 1n) | left, exponent - fives.exponent - shift - 1, FLOAT_BITS);
}

function powerOfFive(power: number): BigFloat {
  let result: BigFloat = { mantissa: 5n ** BigInt(Math.min(power, FIVES_EXACT)), exponent: 0 };
  let square: BigFloat = { mantissa: 5n, exponent: 0 };
  for (let rest = Math.max(power - FIVES_EXACT, 0); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = times(result, square, POWER_BITS);
    square = times(square, square, SQUARE_BITS);
  }
  return result;
}

/** Without what is after the point. */
function wholeOf({ mantissa, exponent }: BigFloat): bigint {
  return exponent >= 0 ? mantissa << BigInt(exponent) : mantissa >> BigInt(-exponent);
}
