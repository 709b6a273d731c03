import { wrongOperand, type Builtins } from '../../builtin.js';
import {
  compareValues,
  integerOf,
  integerValue,
  isNumber,
  numberOf,
  RegoSet,
  type RegoNumber,
  type RegoValue,
} from '../../value.js';
import {
  bigFloatOf,
  bigFloatOfNumber,
  bitsOf,
  checkPower,
  difference,
  isWhole,
  quotient,
  sum,
  textOfBigFloat,
  times,
  wholeOf,
  type BigFloat,
} from './big-float.js';
import { itemsOperand } from '../operand.js';

/** A product that is not whole has as many bits as Go's `big.NewFloat`, with which OPA begins it. */
const PRODUCT_BITS = 53;
const HALF: BigFloat = { mantissa: 1n, exponent: -1 };

/** Numbers as OPA computes with them: exactly as long as all are whole, else in binary with 64 bits. */
export const arithmeticBuiltins: Builtins = {
  plus: (a, b) => binary(numberOperand(a, 1), numberOperand(b, 2), PLUS),
  minus(a, b) {
    if (a instanceof RegoSet && b instanceof RegoSet) return without(a, b);
    if (!isNumberOperand(a) && !(a instanceof RegoSet)) throw wrongOperand(a, 1, 'number', 'set');
    if (!isNumberOperand(a) || !isNumberOperand(b)) {
      throw wrongOperand(b, 2, a instanceof RegoSet ? 'set' : 'number');
    }
    return binary(a, b, MINUS);
  },
  mul: (a, b) => binary(numberOperand(a, 1), numberOperand(b, 2), MUL),
  div: (a, b) => divided(numberOperand(a, 1), numberOperand(b, 2)),
  rem: (a, b) => remainder(numberOperand(a, 1), numberOperand(b, 2)),
  abs: (number) => unary(numberOperand(number, 1), abs, Math.abs),
  ceil: (number) => unary(numberOperand(number, 1), ceil),
  floor: (number) => unary(numberOperand(number, 1), floor),
  round: (number) => unary(numberOperand(number, 1), round),
  sum: (numbers) => total(itemsOperand(numbers, 1)),
  product: (numbers) => product(itemsOperand(numbers, 1)),
};

function isNumberOperand(operand: RegoValue | undefined): operand is RegoNumber {
  return operand !== undefined && isNumber(operand);
}

function numberOperand(operand: RegoValue | undefined, position: number): RegoNumber {
  if (isNumberOperand(operand)) return operand;
  throw wrongOperand(operand, position, 'number');
}

interface Operation {
  readonly small: (a: number, b: number) => number;
  readonly exact: (a: bigint, b: bigint) => bigint;
  readonly float: (a: BigFloat, b: BigFloat) => BigFloat;
}

const PLUS: Operation = { small: (a, b) => a + b, exact: (a, b) => a + b, float: sum };
const MINUS: Operation = { small: (a, b) => a - b, exact: (a, b) => a - b, float: difference };
const MUL: Operation = {
  small: (a, b) => a * b,
  exact(a, b) {
    checkPower(bitsOf(a) + bitsOf(b) - 1);
    return a * b;
  },
  float: times,
};

function isSmall(number: RegoNumber): number is number {
  return typeof number === 'number' && Number.isSafeInteger(number);
}

function binary(a: RegoNumber, b: RegoNumber, { small, exact, float }: Operation): RegoNumber {
  if (isSmall(a) && isSmall(b)) {
    const result = small(a, b);
    // Without the sign of a zero.
    if (Number.isSafeInteger(result)) return result + 0;
  }
  const wholeA = integerOf(a);
  const wholeB = wholeA === undefined ? undefined : integerOf(b);
  if (wholeA !== undefined && wholeB !== undefined) return integerValue(exact(wholeA, wholeB));
  return numberOfFloat(float(bigFloatOfNumber(a), bigFloatOfNumber(b)));
}

function divided(a: RegoNumber, b: RegoNumber): RegoNumber {
  if (isSmall(a) && isSmall(b) && b !== 0 && a % b === 0) return a / b + 0;
  const divisor = bigFloatOfNumber(b);
  if (divisor.mantissa === 0n) throw new Error('operand 2 must not be zero');
  return numberOfFloat(quotient(bigFloatOfNumber(a), divisor));
}

function remainder(a: RegoNumber, b: RegoNumber): RegoNumber {
  if (isSmall(a) && isSmall(b) && b !== 0) return (a % b) + 0;
  const dividend = integerOf(a);
  const divisor = integerOf(b);
  if (dividend === undefined || divisor === undefined) throw new Error('both operands must be integers');
  if (divisor === 0n) throw new Error('operand 2 must not be zero');
  return integerValue(dividend % divisor);
}

function unary(
  number: RegoNumber,
  float: (value: BigFloat) => RegoNumber,
  small?: (value: number) => number,
): RegoNumber {
  if (isSmall(number)) return (small === undefined ? number : small(number)) + 0;
  return float(bigFloatOfNumber(number));
}

function abs({ mantissa, exponent }: BigFloat): RegoNumber {
  return numberOfFloat({ mantissa: mantissa < 0n ? -mantissa : mantissa, exponent });
}

/** As in OPA, what lies between -1 and 0 becomes 1. */
function ceil(value: BigFloat): RegoNumber {
  const whole = wholeOf(value);
  return integerValue(whole < 0n || isWhole(value) ? whole : whole + 1n);
}

/** As in OPA, what lies between -1 and 0 becomes 0. */
function floor(value: BigFloat): RegoNumber {
  const whole = wholeOf(value);
  return integerValue(whole >= 0n || isWhole(value) ? whole : whole - 1n);
}

/** Halves away from zero. */
function round(value: BigFloat): RegoNumber {
  return integerValue(wholeOf(value.mantissa < 0n ? difference(value, HALF) : sum(value, HALF)));
}

function numberOfFloat(value: BigFloat, bits?: number): RegoNumber {
  checkPower(bitsOf(value.mantissa) + value.exponent);
  return numberOf(textOfBigFloat(value, bits));
}

/** The numbers as whole ones; `undefined` when one is not. */
function wholes(items: readonly RegoValue[]): readonly bigint[] | undefined {
  const numbers: bigint[] = [];
  for (const item of items) {
    const whole = integerOf(item);
    if (whole === undefined) return undefined;
    numbers.push(whole);
  }
  return numbers;
}

function floats(items: readonly RegoValue[]): readonly BigFloat[] {
  return items.map((item) => {
    if (isNumber(item)) return bigFloatOfNumber(item);
    throw new Error('operand 1 must hold nothing but numbers');
  });
}

function total(items: readonly RegoValue[]): RegoNumber {
  let small = 0;
  for (const item of items) {
    // What is not safe stays so, whatever follows.
    small = isNumber(item) && isSmall(item) && Number.isSafeInteger(small) ? small + item : Number.NaN;
  }
  if (Number.isSafeInteger(small)) return small + 0;
  const exact = wholes(items);
  if (exact !== undefined) return integerValue(exact.reduce((a, b) => a + b, 0n));
  return numberOfFloat(floats(items).reduce(sum));
}

function product(items: readonly RegoValue[]): RegoNumber {
  const exact = wholes(items);
  if (exact !== undefined) return integerValue(exact.reduce(MUL.exact, 1n));
  const one = bigFloatOf(1n, 0);
  const result = floats(items).reduce((a, b) => times(a, b, PRODUCT_BITS), one);
  return numberOfFloat(result, PRODUCT_BITS);
}

function without(set: RegoSet, other: RegoSet): RegoSet {
  let at = 0;
  return new RegoSet(
    set.items.filter((item) => {
      let order = -1;
      while (at < other.items.length) {
        order = compareValues(other.items[at] ?? null, item);
        if (order >= 0) break;
        at += 1;
      }
      return order !== 0;
    }),
  );
}
