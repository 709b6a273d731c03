import { numberText, type RegoNumber } from '../../value.js';

/**
 * A number as Go's `big.Float` holds it: a whole number times a power of two, with so many bits (64 unless it is said
 * otherwise), rounded with halves to even. Zero has no sign.
 */
export interface BigFloat {
  readonly mantissa: bigint;
  /** Of two. */
  readonly exponent: number;
}

const BITS = 64;
const POWER_BITS = 128;
const SQUARE_BITS = 192;
/** The largest power of five that Go begins with. */
const FIVES_EXACT = 27;

/** Powers of two that are near 10^5000, beyond which no number may be written with an exponent. */
const POWER_MAX = 16_610;

/** @param power of two. @throws Error when a result would be beyond what is allowed; OPA has no limit */
export function checkPower(power: number): void {
  if (Math.abs(power) > POWER_MAX) throw new Error(`the result is beyond 10^±${EXPONENT_MAX}`);
}

/** Larger exponents are refused, since the digits would be written out. */
const EXPONENT_MAX = 5000;
const NUMBER = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** @throws Error for an exponent beyond ±5000 */
export function bigFloatOfNumber(value: RegoNumber): BigFloat {
  const [, sign = '', whole = '0', decimals = '', exponent = '0'] = NUMBER.exec(numberText(value)) ?? [];
  const power = Number(exponent);
  if (Math.abs(power) > EXPONENT_MAX) throw new Error(`the exponent of a number is beyond ${EXPONENT_MAX}`);
  return bigFloatOf(BigInt(`${sign}${whole}${decimals}`), power - decimals.length);
}

/** Digits times a power of ten, as Go reads them. */
export function bigFloatOf(digits: bigint, exponent: number): BigFloat {
  if (digits === 0n) return ZERO;
  const fives = powerOfFive(Math.abs(exponent));
  if (exponent < 0) {
    return quotient({ mantissa: digits, exponent }, fives);
  }
  return rounded(digits * fives.mantissa, fives.exponent + exponent, BITS);
}

const ZERO: BigFloat = { mantissa: 0n, exponent: 0 };

export function sum(a: BigFloat, b: BigFloat): BigFloat {
  const exponent = Math.min(a.exponent, b.exponent);
  const above = a.mantissa << BigInt(a.exponent - exponent);
  return rounded(above + (b.mantissa << BigInt(b.exponent - exponent)), exponent, BITS);
}

export function difference(a: BigFloat, { mantissa, exponent }: BigFloat): BigFloat {
  return sum(a, { mantissa: -mantissa, exponent });
}

export function times(a: BigFloat, b: BigFloat, bits = BITS): BigFloat {
  return rounded(a.mantissa * b.mantissa, a.exponent + b.exponent, bits);
}

/** INVARIANT: the divisor is not zero. */
export function quotient(a: BigFloat, b: BigFloat): BigFloat {
  // So many more bits that the quotient has all that count, and one for whether anything is left.
  const shift = Math.max(bitsOf(b.mantissa) - bitsOf(a.mantissa), 0) + BITS + 2;
  const dividend = a.mantissa << BigInt(shift);
  const whole = dividend / b.mantissa;
  const left = whole * b.mantissa === dividend ? 0n : a.mantissa < 0n === b.mantissa < 0n ? 1n : -1n;
  return rounded((whole << 1n) + left, a.exponent - b.exponent - shift - 1, BITS);
}

/** Without what is after the point. */
export function wholeOf({ mantissa, exponent }: BigFloat): bigint {
  return exponent >= 0 ? mantissa << BigInt(exponent) : mantissa / (1n << BigInt(-exponent));
}

export function isWhole({ mantissa, exponent }: BigFloat): boolean {
  return exponent >= 0 || mantissa % (1n << BigInt(-exponent)) === 0n;
}

export function bitsOf(value: bigint): number {
  const digits = (value < 0n ? -value : value).toString(16);
  return digits.length * 4 - (Math.clz32(Number.parseInt(digits.charAt(0), 16)) - 28);
}

function rounded(mantissa: bigint, exponent: number, bits: number): BigFloat {
  if (mantissa === 0n) return ZERO;
  const excess = bitsOf(mantissa) - bits;
  if (excess <= 0) return { mantissa, exponent };
  const shift = BigInt(excess);
  const size = mantissa < 0n ? -mantissa : mantissa;
  const kept = size >> shift;
  const rest = size - (kept << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (kept & 1n) === 1n);
  const result = up ? kept + 1n : kept;
  return { mantissa: mantissa < 0n ? -result : result, exponent: exponent + excess };
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

/** Digits with the place of the point: 0.d₁d₂… × 10^point. Zeros do not stand at the end. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

/** A larger exponent is without it only in a whole number. */
const PLAIN_EXPONENT_MIN = -4;
const PLAIN_EXPONENT_MAX = 6;

/** The shortest decimal that is nearest to the number among those of so many bits: whole numbers without an exponent. */
export function textOfBigFloat(value: BigFloat, bits = BITS): string {
  if (value.mantissa === 0n) return '0';
  const sign = value.mantissa < 0n ? '-' : '';
  const { digits, point } = shortestDigits(
    value.mantissa < 0n ? -value.mantissa : value.mantissa,
    value.exponent,
    bits,
  );
  const exponent = point - 1;
  if (isWhole(value)) return sign + digits.padEnd(point, '0');
  if (exponent < PLAIN_EXPONENT_MIN || exponent >= PLAIN_EXPONENT_MAX) {
    const rest = digits.length === 1 ? '' : `.${digits.slice(1)}`;
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits.charAt(0)}${rest}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  return point <= 0
    ? `${sign}0.${'0'.repeat(-point)}${digits}`
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** As few digits as lie nearer to the number than to its neighbours; where there is a choice, the nearest. */
function shortestDigits(mantissa: bigint, exponent: number, bits: number): Digits {
  // With one bit more, the bounds halfway to the neighbours are whole numbers too.
  const shift = bits + 1 - bitsOf(mantissa);
  const doubled = mantissa << BigInt(shift);
  const exact = decimalOf(doubled, exponent - shift);
  const lower = decimalOf(doubled - 1n, exponent - shift).digits;
  const upper = decimalOf(doubled + 1n, exponent - shift).digits;
  // A number halfway is rounded to this one when this one is even.
  const inclusive = (doubled & 2n) === 0n;
  for (let index = 0; index < exact.digits.length; index += 1) {
    const digit = digitAt(exact.digits, index);
    const above = digitAt(upper, index);
    const downSuffices = digitAt(lower, index) !== digit || (inclusive && index + 1 === lower.length);
    const upSuffices = digit !== above && (inclusive || digit + 1 < above || index + 1 < upper.length);
    if (downSuffices && upSuffices) return nearest(exact, index + 1);
    if (downSuffices) return cut(exact, index + 1);
    if (upSuffices) return next(exact, index + 1);
  }
  return exact;
}

function digitAt(digits: string, index: number): number {
  return index < digits.length ? digits.charCodeAt(index) - 0x30 : 0;
}

function decimalOf(mantissa: bigint, exponent: number): Digits {
  const whole = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const digits = String(whole);
  return { digits: withoutZeros(digits), point: digits.length + Math.min(exponent, 0) };
}

function withoutZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

function nearest(exact: Digits, count: number): Digits {
  const half = exact.digits[count] === '5' && count + 1 === exact.digits.length;
  const up = half ? digitAt(exact.digits, count - 1) % 2 === 1 : digitAt(exact.digits, count) >= 5;
  return up ? next(exact, count) : cut(exact, count);
}

function cut({ digits, point }: Digits, count: number): Digits {
  return { digits: withoutZeros(digits.slice(0, count)), point };
}

/** The next number above of so many digits. */
function next({ digits, point }: Digits, count: number): Digits {
  if (count >= digits.length) return { digits, point };
  const increased = String(BigInt(digits.slice(0, count)) + 1n);
  return { digits: withoutZeros(increased), point: point + increased.length - count };
}
