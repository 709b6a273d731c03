import { stringOperand, type Builtins } from '../../builtin.js';
import { integerValue, numberOf, type RegoNumber } from '../../value.js';
import { bigFloatOf, times, wholeOf } from './big-float.js';

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
    const amount = bigFloatOf(quantity.digits, quantity.exponent);
    const bytes = wholeOf(times(amount, { mantissa: byteFactorOf(unit), exponent: 0 }));
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
