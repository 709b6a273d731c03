import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { numberOf, setOf, type RegoNumber } from '../../value.js';
import { arithmeticBuiltins } from './arithmetic.js';
import { opaAgreement, rowsOf, type Calls } from '../testing/opa-agreement.js';
import { regoNumber, regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(arithmeticBuiltins);
afterAll(() => {
  agreement.close();
});

const numbers = (...texts: readonly string[]): RegoNumber[] => texts.map(numberOf);
const pairs = (...texts: readonly string[]): RegoNumber[][] =>
  texts.map((pair) => pair.split(' ').map(numberOf));

const UNARY = numbers(
  ...['0', '-0.0', '-0e1', '1', '-1', '1.0', '0.5', '-0.5', '1.5', '-1.5', '2.5', '-2.5', '1e2', '1e-2'],
  ...['0.49999999999999999999999', '0.99999999999999999999999', '-0.99999999999999999999999'],
  ...['9007199254740993', '-9223372036854775808', '18446744073709551615', '18446744073709551617'],
  ...['-36893488147419103233', '1e30', '-1e30', '1e300', '123456789012345678901234.5', '1e-300'],
);
const CASES: Calls = {
  plus: [
    ...pairs('1 2', '9007199254740991 1', '0.1 0.2', '1e30 1', '1e30 0.5', '-0.0 0', '1.5 -1.5', '1e-4 1e-5'),
    ...pairs('18446744073709551616 0.5', '123456.7 0', '1234567.5 0.0', '0.0001 0.0', '0.00001 0.0'),
    [1, '2'],
    [null, 2],
    [setOf([1]), setOf([2])],
  ],
  minus: [
    ...pairs('1 2', '0.06 1.06', '1.5 1.5', '1e30 1e30', '1e300 1', '-9223372036854775808 1'),
    [setOf([1, 2, 'a', [3]]), setOf([2, [3], 'b'])],
    [setOf([]), setOf([1])],
    [setOf([1]), 1],
    [1, setOf([1])],
    ['a', 1],
    [1, 'a'],
  ],
  mul: [
    ...pairs('3 4', '-3 0', '9007199254740993 9007199254740993', '0.15 100', '4.35 100', '1e2500 1e2500'),
    ...pairs('0.0 1e-4990', '1e300 1.5', '1e-300 1e-300'),
    [1, [2]],
  ],
  div: [
    ...pairs(
      '6 3',
      '7 2',
      '1 3',
      '-1 3',
      '2 3',
      '0 -2',
      '0.09 0.01',
      '1e30 10',
      '1 1e30',
      '10 18446744073709551616',
    ),
    ...pairs('1 0', '1 0.0', '1 0e5', '0 0', '123456789012345678901234567890 3'),
    [true, 1],
  ],
  rem: [
    ...pairs(
      '7 2',
      '-7 2',
      '7 -2',
      '7 0',
      '7.0 2',
      '1e2 7',
      '7.5 2',
      '7 2.5',
      '10 18446744073709551616',
      '7 0.0',
    ),
    ['7', 2],
  ],
  abs: [...UNARY.map((number) => [number]), ['1']],
  ceil: [...UNARY.map((number) => [number]), ['1']],
  floor: [...UNARY.map((number) => [number]), ['1']],
  round: [...UNARY.map((number) => [number]), ['1']],
  sum: [
    ...[[], [1, 2], numbers('0.1', '0.2', '0.7'), new Array<number>(10).fill(0.1), numbers('1.0', '2')].map(
      (items) => [items],
    ),
    [numbers('9007199254740991', '1', '1', '-10')],
    [numbers('9223372036854775807', '1', '18446744073709551617')],
    [setOf(numbers('0.7', '0.1', '1e30'))],
    [[1, 'a']],
    [['a']],
    [[0.5, null]],
    [1],
  ],
  product: [
    ...[[], [2, 3], numbers('4.35', '100'), numbers('0.1', '0.1', '0.1'), numbers('1e30', '1e30')].map(
      (items) => [items],
    ),
    [setOf(numbers('0.7', '0.1', '1e30'))],
    [[1, 'a']],
    ['ab'],
  ],
};

test.each(rowsOf(CASES))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

const digits = (most: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));
const exponent = fc.oneof(
  fc.constant(''),
  fc.integer({ min: -30, max: 30 }).map((power) => `e${power}`),
  fc.integer({ min: -1200, max: 1200 }).map((power) => `e${power}`),
);
const decimal = fc
  .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 2n ** 80n }), digits(25), exponent)
  .map(([sign, whole, decimals, power]) => numberOf(`${sign}${whole}.${decimals}${power}`));
const money = fc.integer({ min: -100_000, max: 100_000 }).map((cents) => numberOf((cents / 100).toFixed(2)));
const number = fc.oneof(regoNumber(), decimal, money);

describe('agrees with OPA on any numbers:', () => {
  test.each(['plus', 'minus', 'mul', 'div', 'rem'])('%s', (name) => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        agreement.expectSame(name, a, b);
      }),
      { numRuns: 120 },
    );
  });
  test.each(['abs', 'ceil', 'floor', 'round'])('%s', (name) => {
    fc.assert(
      fc.property(number, (operand) => {
        agreement.expectSame(name, operand);
      }),
      { numRuns: 100 },
    );
  });
  test.each(['sum', 'product'])('%s', (name) => {
    fc.assert(
      fc.property(fc.array(number, { maxLength: 4 }), fc.boolean(), (items, asSet) => {
        agreement.expectSame(name, asSet ? setOf(items) : items);
      }),
      { numRuns: 100 },
    );
  });
});

test('agrees with OPA on what is no number', () => {
  fc.assert(
    fc.property(regoValue(1), regoValue(1), (a, b) => {
      for (const name of ['plus', 'minus', 'div']) agreement.expectSame(name, a, b);
      for (const name of ['round', 'sum', 'product']) agreement.expectSame(name, a);
    }),
    { numRuns: 40 },
  );
});

test('writes what is not whole as Go does', () => {
  const texts = [
    [arithmeticBuiltins['div']!(1, 3), '0.33333333333333333334'],
    [arithmeticBuiltins['plus']!(0.1, 0.2), '0.3'],
    [arithmeticBuiltins['mul']!(...numbers('1234567.5', '1.0')), '1.2345675e+06'],
    [arithmeticBuiltins['div']!(1, 100_000), '1e-05'],
    [arithmeticBuiltins['abs']!(...numbers('-1e30')), '1000000000000000000000000000000'],
  ];
  for (const [value, text] of texts) expect(value).toEqual(numberOf(text as string));
});

test('refuses results beyond 10^±5000 at once', () => {
  const [large, small, huge] = numbers('1e4999', '1e-4999', '1e6000');
  expect(() => arithmeticBuiltins['mul']!(large!, large!)).toThrow('beyond 10^±5000');
  expect(() => arithmeticBuiltins['mul']!(small!, numberOf('0.1e-4999'))).toThrow('beyond 10^±5000');
  expect(() => arithmeticBuiltins['div']!(large!, small!)).toThrow('beyond 10^±5000');
  expect(() => arithmeticBuiltins['product']!(new Array(100).fill(large!))).toThrow('beyond 10^±5000');
  expect(() => arithmeticBuiltins['div']!(huge!, 3)).toThrow();
});
