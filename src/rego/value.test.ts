import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyValue } from './testing/any-value.js';
import {
  compareStrings,
  compareValues,
  Decimal,
  integerOf,
  numberOf,
  numberText,
  objectOf,
  setOf,
  typeOf,
} from './value.js';

test('the order of values is one: total, antisymmetric and transitive', () => {
  fc.assert(
    fc.property(anyValue, anyValue, anyValue, (a, b, c) => {
      expect(compareValues(a, a)).toBe(0);
      expect(compareValues(a, b) + compareValues(b, a)).toBe(0);
      const sorted = [a, b, c].sort(compareValues);
      expect(compareValues(sorted[0]!, sorted[2]!)).toBeLessThanOrEqual(0);
    }),
  );
});

test('types stand in the order null, boolean, number, string, array, object, set', () => {
  const values = [null, false, true, -1, 2n ** 70n, '', 'a', [], [1], objectOf([]), setOf([])];
  expect([...values].reverse().sort(compareValues)).toEqual(values);
  expect(new Set(values.map(typeOf)).size).toBe(7);
});

test('numbers are ordered by size, however they are held', () => {
  const texts = ['-1e3', '-2.5', '0', '0.1', '0.10000000000000000001', '1.0', '9007199254740993', '1e30'];
  const numbers = texts.map(numberOf);
  expect([...numbers].reverse().sort(compareValues)).toEqual(numbers);
  expect(compareValues(numberOf('1.0'), 1)).toBe(0);
  expect(compareValues(numberOf('1e2'), 100)).toBe(0);
});

test('a number keeps its text, or is the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(numberText(numberOf(String(value))))).toBe(value === 0 ? 0 : value);
    }),
  );
});

test.each([
  ['1.0', 1n],
  ['1e3', 1000n],
  ['1.5', undefined],
  ['9007199254740993', 9007199254740993n],
  ['-0.0', 0n],
])('the whole number in %s is %s', (text, whole) => {
  expect(integerOf(numberOf(text))).toBe(whole);
});

test('a number with an exponent that would fill the memory is refused', () => {
  expect(() => compareValues(new Decimal('1e999999999'), 1)).toThrow('out of range');
});

test('texts are ordered as their bytes in UTF-8', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.string({ unit: 'binary', maxLength: 4 }),
      (a, b) => {
        expect(compareStrings(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      },
    ),
  );
  expect(compareStrings('\u{1f600}', '\uffff')).toBe(1);
});

test('of equal keys the last wins, and equal items are one', () => {
  expect(
    objectOf([
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ]).entries,
  ).toEqual([
    ['a', 3],
    ['b', 2],
  ]);
  expect(setOf([2, 1, 2, numberOf('1.0')]).items).toHaveLength(2);
});
