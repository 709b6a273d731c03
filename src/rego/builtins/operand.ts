import { wrongOperand } from '../builtin.js';
import { isNumber, numberText, RegoSet, type RegoValue } from '../value.js';

/** Longest text that a built-in makes of a few short operands, in UTF-16 code units. */
export const TEXT_LENGTH_MAX = 4 * 1024 * 1024;

/** @throws Error when a text would be longer than the longest allowed. */
export function checkTextLength(length: number): void {
  if (length > TEXT_LENGTH_MAX) {
    throw new Error(`the result is longer than ${TEXT_LENGTH_MAX} characters`);
  }
}

/** Digits that OPA reads into 64 bits; with more it does not try. */
const INT64_DIGITS_MAX = 19;
const INT64_MAX = 2n ** 63n - 1n;

/**
 * The 64-bit integer that a text means where OPA wants an index or a count: a sign, digits, and zeros alone after the
 * point. What has an exponent is none.
 */
export function int64Of(text: string): bigint | undefined {
  const start = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
  const length = text.length - start;
  if (length === 0 || length > INT64_DIGITS_MAX) return undefined;
  const digits = /^[+-]?(\d*)(?:\.0*)?$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const value = text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
  return value > INT64_MAX || value < -INT64_MAX - 1n ? undefined : value;
}

/**
 * A count, an index or a limit. Beyond what a JavaScript number holds exactly it is rounded, which no collection is
 * large enough to notice.
 *
 * @throws Error when the operand is no number, or none that fits 64 bits
 */
export function countOperand(operand: RegoValue | undefined, position: number): number {
  if (typeof operand === 'number' && Number.isSafeInteger(operand)) return operand;
  if (operand === undefined || !isNumber(operand)) throw wrongOperand(operand, position, 'number');
  const value = int64Of(numberText(operand));
  if (value === undefined) throw new Error(`operand ${position} must be a whole number of 64 bits`);
  return Number(value);
}

/** The items of an array or a set. @throws Error when the operand is neither. */
export function itemsOperand(operand: RegoValue | undefined, position: number): readonly RegoValue[] {
  if (operand instanceof RegoSet) return operand.items;
  if (Array.isArray(operand)) return operand as readonly RegoValue[];
  throw wrongOperand(operand, position, 'array', 'set');
}
