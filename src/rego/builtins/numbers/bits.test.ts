import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Decimal } from '../../value.js';
import { bitBuiltins } from './bits.js';
import { opaAgreement, rowsOf, type Calls } from '../testing/opa-agreement.js';
import { regoNumber, regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(bitBuiltins);
afterAll(() => {
  agreement.close();
});

const PAIRS = [
  [0, 0],
  [7, 9],
  [-7, 9],
  [7, -9],
  [-7, -9],
  [2n ** 70n, -1],
  [new Decimal('7.0'), new Decimal('1e1')],
  [1.5, 1],
  [1, 1.5],
  ['1', 1],
  [1, null],
];
const SHIFTS = [
  ...PAIRS,
  [0, -1],
  [1, -1],
  [1, 100],
  [-1, 100],
  [-1, 2n ** 64n + 1n],
  [3, 2n ** 64n],
  [0, 2n ** 63n],
];
const CASES: Calls = {
  'bits.and': PAIRS,
  'bits.or': PAIRS,
  'bits.xor': PAIRS,
  'bits.negate': PAIRS.map(([number = 0]) => [number]),
  'bits.lsh': SHIFTS,
  'bits.rsh': [...SHIFTS, [1, 2n ** 63n], [-1, 2n ** 63n]],
};

test.each(rowsOf(CASES))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

test('agrees with OPA on any numbers', () => {
  fc.assert(
    fc.property(regoNumber(), regoNumber(), fc.integer({ min: -2, max: 200 }), (a, b, shift) => {
      for (const name of ['bits.and', 'bits.or', 'bits.xor']) agreement.expectSame(name, a, b);
      agreement.expectSame('bits.negate', a);
      agreement.expectSame('bits.lsh', a, shift);
      agreement.expectSame('bits.rsh', a, shift);
    }),
    { numRuns: 100 },
  );
});

test('agrees with OPA on what is no number', () => {
  fc.assert(
    fc.property(regoValue(1), (value) => {
      agreement.expectSame('bits.negate', value);
      agreement.expectSame('bits.xor', value, 1);
      agreement.expectSame('bits.rsh', 1, value);
    }),
    { numRuns: 50 },
  );
});

test('a number of very many bits is refused at once', () => {
  expect(() => bitBuiltins['bits.lsh']!(1, 100_000)).toThrow('beyond 10^±5000');
  expect(() => bitBuiltins['bits.lsh']!(1, 2n ** 63n)).toThrow('beyond 10^±5000');
});
