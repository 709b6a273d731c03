import { wrongOperand, type Builtin, type Builtins } from '../../builtin.js';
import { integerOf, integerValue, isNumber, type RegoValue } from '../../value.js';
import { bitsOf, checkPower } from './big-float.js';

/** The bits of whole numbers of any size, of which negative ones have endless ones in front. */
export const bitBuiltins: Builtins = {
  'bits.and': binary((a, b) => a & b),
  'bits.or': binary((a, b) => a | b),
  'bits.xor': binary((a, b) => a ^ b),
  'bits.negate': (number) => integerValue(~integerOperand(number, 1)),
  'bits.lsh': binary((number, shift) => {
    const by = shiftOf(shift);
    if (number !== 0n) checkPower(bitsOf(number) + Number(by));
    return number === 0n ? 0n : number << by;
  }),
  'bits.rsh': binary((number, shift) => number >> shiftOf(shift)),
};

function binary(compute: (a: bigint, b: bigint) => bigint): Builtin {
  return (a, b) => integerValue(compute(integerOperand(a, 1), integerOperand(b, 2)));
}

function integerOperand(operand: RegoValue | undefined, position: number): bigint {
  if (operand === undefined || !isNumber(operand)) throw wrongOperand(operand, position, 'number');
  const integer = integerOf(operand);
  if (integer === undefined) throw new Error(`operand ${position} must be an integer`);
  return integer;
}

/** As in Go, the lowest 64 bits count. */
function shiftOf(shift: bigint): bigint {
  if (shift < 0n) throw new Error('operand 2 must not be negative');
  return BigInt.asUintN(64, shift);
}
