/** How Go writes floating-point numbers of 64 bits (`strconv.FormatFloat`). Numbers are finite. */

/** Digits with the place of the point: 0.d₁d₂… × 10^point. Without digits it is zero. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

export type FloatVerb = 'e' | 'E' | 'f' | 'g' | 'G' | 'b' | 'x' | 'X';

/** Fewest digits that mean the number, and no others. */
export const SHORTEST = -1;

/** Up to so many digits, rounding the shortest ones is rounding the number itself. */
const SHORTEST_EXACT_DIGITS = 15;
/** Smaller numbers are held with fewer digits. */
const NORMAL_MIN = 2.2250738585072014e-308;
const MANTISSA_BITS = 52;
const EXPONENT_BIAS = 1075;

/** The number with its sign when it is negative. */
export function formatFloat(value: number, verb: FloatVerb, precision: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  switch (verb) {
    case 'b': {
      const { mantissa, exponent } = partsOf(size);
      return `${sign}${mantissa}p${signed(exponent)}`;
    }
    case 'x':
    case 'X': {
      const text = formatHex(size, precision);
      return sign + (verb === 'x' ? text : text.toUpperCase());
    }
    case 'e':
    case 'E':
      return (
        sign +
        formatExponent(
          digitsFor(size, () => precision + 1, precision),
          precision,
          verb,
        )
      );
    case 'f':
      return (
        sign +
        formatFixed(
          digitsFor(size, (point) => point + precision, precision),
          precision,
        )
      );
    case 'g':
    case 'G':
      return sign + formatShorter(size, precision, verb);
  }
}

/** Without an exponent as long as it is neither far below one nor longer than the precision. */
function formatShorter(size: number, precision: number, verb: 'g' | 'G'): string {
  const shortest = precision === SHORTEST;
  const wanted = Math.max(precision, 1);
  const rounded = digitsFor(size, () => wanted, precision);
  const count = rounded.digits.length;
  const most = shortest ? count : wanted;
  const limit = shortest ? 6 : most > count && count >= rounded.point ? count : most;
  const exponent = rounded.point - 1;
  if (exponent < -4 || exponent >= limit) {
    return formatExponent(rounded, Math.min(most, count) - 1, verb === 'g' ? 'e' : 'E');
  }
  const decimals = Math.max((most > rounded.point ? count : most) - rounded.point, 0);
  return formatFixed(rounded, decimals);
}

/** @param decimals digits after the point; `SHORTEST` for as many as there are */
function formatExponent({ digits, point }: Digits, decimals: number, letter: 'e' | 'E'): string {
  const exponent = digits === '' ? 0 : point - 1;
  const rest = decimals === SHORTEST ? digits.slice(1) : digits.slice(1, decimals + 1).padEnd(decimals, '0');
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits.charAt(0) || '0'}${rest === '' ? '' : `.${rest}`}${letter}${exponent < 0 ? '-' : '+'}${power}`;
}

/** @param decimals digits after the point; `SHORTEST` for as many as there are */
function formatFixed({ digits, point }: Digits, decimals: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const count = decimals === SHORTEST ? Math.max(digits.length - point, 0) : decimals;
  if (count === 0) return whole;
  const leading = '0'.repeat(Math.min(Math.max(-point, 0), count));
  const rest = digits.slice(Math.max(point, 0), Math.max(point + count, 0));
  return `${whole}.${`${leading}${rest}`.padEnd(count, '0')}`;
}

/** The digits of a number, rounded to as many as are wanted, halves to even. */
function digitsFor(size: number, wantedAt: (point: number) => number, precision: number): Digits {
  if (size === 0) return { digits: '', point: 0 };
  const shortest = shortestDigits(size);
  if (precision === SHORTEST) return shortest;
  const wanted = wantedAt(shortest.point);
  if (wanted < 0) return { digits: '', point: 0 };
  const rest = shortest.digits.slice(wanted);
  const isExact = wanted <= SHORTEST_EXACT_DIGITS && rest !== '5' && size >= NORMAL_MIN;
  if (isExact) return roundedDigits(shortest, wanted);
  const exact = exactDigits(size);
  return roundedDigits(exact, wantedAt(exact.point));
}

function shortestDigits(size: number): Digits {
  const [mantissa = '', exponent = '0'] = size.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

function exactDigits(size: number): Digits {
  const { mantissa, exponent } = partsOf(size);
  const whole = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const digits = String(whole);
  return { digits, point: digits.length + Math.min(exponent, 0) };
}

function roundedDigits({ digits, point }: Digits, wanted: number): Digits {
  if (wanted >= digits.length) return { digits: withoutZeros(digits), point };
  const kept = digits.slice(0, wanted);
  const rest = digits.slice(wanted);
  const half = /^50*$/.test(rest);
  const odd = /[13579]$/.test(kept);
  const up = half ? odd : rest >= '5';
  if (!up) return { digits: withoutZeros(kept), point: kept === '' ? 0 : point };
  const nines = /9*$/.exec(kept)?.[0].length ?? 0;
  const head = kept.slice(0, kept.length - nines);
  if (head === '') return { digits: '1', point: point + 1 };
  return { digits: head.slice(0, -1) + String(Number(head.slice(-1)) + 1), point };
}

function withoutZeros(digits: string): string {
  return digits.endsWith('0') ? digits.replace(/0+$/, '') : digits;
}

interface FloatParts {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const view = new DataView(new ArrayBuffer(8));

/** The number as a whole number times a power of two, as it is stored. */
function partsOf(size: number): FloatParts {
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const stored = Number(bits >> BigInt(MANTISSA_BITS));
  const fraction = bits & ((1n << BigInt(MANTISSA_BITS)) - 1n);
  return stored === 0
    ? { mantissa: fraction, exponent: 1 - EXPONENT_BIAS }
    : { mantissa: fraction | (1n << BigInt(MANTISSA_BITS)), exponent: stored - EXPONENT_BIAS };
}

const HEX_DIGITS = 15;
const HEX_BITS = BigInt(HEX_DIGITS * 4);

function formatHex(size: number, precision: number): string {
  const parts = partsOf(size);
  let exponent = size === 0 ? 0 : parts.exponent + MANTISSA_BITS;
  let mantissa = parts.mantissa << (HEX_BITS - BigInt(MANTISSA_BITS));
  while (mantissa !== 0n && mantissa >> HEX_BITS === 0n) {
    mantissa <<= 1n;
    exponent -= 1;
  }
  if (precision >= 0 && precision < HEX_DIGITS) {
    const dropped = HEX_BITS - BigInt(precision * 4);
    const rest = mantissa & ((1n << dropped) - 1n);
    const half = 1n << (dropped - 1n);
    mantissa >>= dropped;
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa += 1n;
    mantissa <<= dropped;
    if (mantissa >> HEX_BITS > 1n) {
      mantissa >>= 1n;
      exponent += 1;
    }
  }
  const [whole = '', ...rest] = mantissa.toString(16).padStart(HEX_DIGITS + 1, '0');
  const fraction =
    precision < 0 ? withoutZeros(rest.join('')) : rest.join('').slice(0, precision).padEnd(precision, '0');
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `0x${whole}${fraction === '' ? '' : `.${fraction}`}p${exponent < 0 ? '-' : '+'}${power}`;
}

function signed(number: number): string {
  return number < 0 ? String(number) : `+${number}`;
}
