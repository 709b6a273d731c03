import { typeOf, type RegoType, type RegoValue } from './value.js';

/**
 * A built-in that the host computes. `undefined` is Rego's undefined, which is no failure.
 *
 * @throws Error when it cannot be computed: the policy that called it is then in error. The message never holds a
 * value, since values may be personal data and the message is recorded.
 */
export interface Builtin {
  (...operands: RegoValue[]): RegoValue | undefined;
  /** What a call takes from the budget of an evaluation, where it is more than its operands say. */
  readonly steps?: number;
}

/** Built-ins by OPA's name for them. */
export type Builtins = Readonly<Record<string, Builtin>>;

/** The operand as a string. @throws Error when it is none. */
export function stringOperand(operand: RegoValue | undefined, position: number): string {
  if (typeof operand === 'string') return operand;
  throw wrongOperand(operand, position, 'string');
}

/** What is wrong with an operand of another type than expected; positions count from 1, as in OPA's messages. */
export function wrongOperand(
  operand: RegoValue | undefined,
  position: number,
  ...expected: readonly RegoType[]
): Error {
  const given = operand === undefined ? 'missing' : typeOf(operand);
  return new Error(`operand ${position} must be ${expected.join(' or ')} but is ${given}`);
}
