import { wrongOperand, type Builtins } from '../../builtin.js';
import { integerOf, integerValue, isNumber, numberText, type RegoValue } from '../../value.js';
import { bigFloatOf, wholeOf } from './big-float.js';

/** Most numbers in a range; more is refused. OPA has no limit. */
const RANGE_LENGTH_MAX = 1_000_000;

export const numberBuiltins: Builtins = {
  'numbers.range': (from, to) => range(integerOperand(from, 1), integerOperand(to, 2), 1n),
  'numbers.range_step'(from, to, step) {
    const first = integerOperand(from, 1);
    const last = integerOperand(to, 2);
    const by = integerOperand(step, 3);
    if (by <= 0n) throw new Error('operand 3 must be a positive integer');
    return range(first, last, by);
  },
  format_int(number, base) {
    if (!isNumber(number)) throw wrongOperand(number, 1, 'number');
    if (typeof base !== 'number' || !BASES.has(base)) throw new Error('operand 2 must be 2, 8, 10 or 16');
    return truncated(numberText(number)).toString(base);
  },
};

const BASES: ReadonlySet<number> = new Set([2, 8, 10, 16]);

const NUMBER = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
/** A larger exponent is refused, since its digits would be written out. */
const EXPONENT_MAX = 5000;

/** A number without what is after the point. With a point or an exponent it has 64 bits, as in OPA. */
function truncated(text: string): bigint {
  const [, sign = '', whole = '0', decimals = '', exponent] = NUMBER.exec(text) ?? [];
  if (decimals === '' && exponent === undefined) return BigInt(`${sign}${whole}`);
  const power = Number(exponent ?? '0');
  if (Math.abs(power) > EXPONENT_MAX) throw new Error(`the exponent is beyond ${EXPONENT_MAX}`);
  const size = wholeOf(bigFloatOf(BigInt(`${whole}${decimals}`), power - decimals.length));
  return sign === '' ? size : -size;
}

function integerOperand(operand: RegoValue | undefined, position: number): bigint {
  if (operand === undefined || !isNumber(operand)) throw wrongOperand(operand, position, 'number');
  const integer = integerOf(operand);
  if (integer === undefined) throw new Error(`operand ${position} must be an integer`);
  return integer;
}

/** The numbers from the first to the last, both included, upwards or downwards. */
function range(first: bigint, last: bigint, step: bigint): RegoValue {
  const distance = first <= last ? last - first : first - last;
  const length = distance / step + 1n;
  if (length > BigInt(RANGE_LENGTH_MAX))
    throw new Error(`the range has more than ${RANGE_LENGTH_MAX} numbers`);
  const by = first <= last ? step : -step;
  const exact = [first, last, by].every((end) => typeof integerValue(end) === 'number');
  if (exact) {
    const [start, every] = [Number(first), Number(by)];
    return Array.from({ length: Number(length) }, (_, index) => start + index * every);
  }
  return Array.from({ length: Number(length) }, (_, index) => integerValue(first + BigInt(index) * by));
}
