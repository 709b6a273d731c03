import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Decimal } from '../../value.js';
import { numberBuiltins } from './numbers.js';
import { opaAgreement, rowsOf, type Calls } from '../testing/opa-agreement.js';
import { regoNumber, regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(numberBuiltins);
afterAll(() => {
  agreement.close();
});

const CASES: Calls = {
  'numbers.range': [
    [0, 3],
    [3, 0],
    [2, 2],
    [-2, 3],
    [49649733057, 49649733060],
    [2n ** 64n, 2n ** 64n + 2n],
    [2n ** 53n + 1n, 2n ** 53n - 2n],
    [new Decimal('1.0'), new Decimal('3e0')],
    [10n ** 30n, new Decimal('1e30')],
    [3.14, 4],
    [3, 3.14],
    ['1', 2],
    [1, null],
  ],
  format_int: [
    ...[2, 8, 10, 16].flatMap((base) =>
      [
        0,
        15,
        -15,
        15.9,
        -15.9,
        -0.5,
        2n ** 64n + 1n,
        new Decimal('5.0'),
        new Decimal('1e30'),
        new Decimal('123456789012345678901.5'),
        new Decimal('1e60'),
        new Decimal('1e-3'),
      ].map((number) => [number, base]),
    ),
    [1, 3],
    [1, new Decimal('10.0')],
    [1, '10'],
    ['1', 10],
    [null, 10],
  ],
  'numbers.range_step': [
    [0, 10, 2],
    [0, 10, 3],
    [0, -10, 2],
    [2, 2, 2],
    [1024, 4096, 1024],
    [0, 10, 99999999999999999999n],
    [2n ** 63n, 2n ** 63n + 9n, 4],
    [0, 10, -2],
    [0, 10, 0],
    [0, 10, 0.5],
    [0, 10, '2'],
    [600, 0, 200],
    [0, 600, 200],
  ],
};

test.each(rowsOf(CASES))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

test('agrees with OPA on any ends that are near each other', () => {
  const near = fc.integer({ min: -30, max: 30 });
  fc.assert(
    fc.property(
      fc.constantFrom(0n, 500n, 2n ** 53n, -(2n ** 63n), 10n ** 30n),
      near,
      near,
      near,
      (base, a, b, step) => {
        const [from, to] = [base + BigInt(a), base + BigInt(b)];
        agreement.expectSame('numbers.range', from, to);
        agreement.expectSame('numbers.range_step', from, to, step);
      },
    ),
    { numRuns: 150 },
  );
});

test('format_int agrees with OPA on any number', () => {
  fc.assert(
    fc.property(regoNumber(), fc.constantFrom(2, 8, 10, 16), (number, base) => {
      agreement.expectSame('format_int', number, base);
    }),
    { numRuns: 100 },
  );
});

test('agrees with OPA on what is no number', () => {
  fc.assert(
    fc.property(regoValue(1), (value) => {
      agreement.expectSame('numbers.range', value, value);
      agreement.expectSame('numbers.range_step', value, value, value);
    }),
    { numRuns: 50 },
  );
});

test('a range of more than a million numbers is refused at once', () => {
  expect(numberBuiltins['numbers.range']!(1, 1_000_000)).toHaveLength(1_000_000);
  expect(() => numberBuiltins['numbers.range']!(0, 1_000_000)).toThrow('more than 1000000 numbers');
  expect(() => numberBuiltins['numbers.range']!(0, 10n ** 300n)).toThrow('more than 1000000 numbers');
});
