import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNotation, writeNotation } from './notation.js';
import { anyValue } from './testing/any-value.js';
import { compareValues, Decimal, objectOf, setOf } from './value.js';

test('every value is read as it was written', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      expect(compareValues(readNotation(writeNotation(value)), value)).toBe(0);
    }),
  );
});

test.each([
  ['null', null],
  [' [1, 2 , 3] ', [1, 2, 3]],
  ['set()', setOf([])],
  ['{}', objectOf([])],
  ['{1, "a", 1}', setOf([1, 'a'])],
  [
    '{1: {2}, [3]: set()}',
    objectOf([
      [1, setOf([2])],
      [[3], setOf([])],
    ]),
  ],
  ['"\\u00e5\\n"', 'å\n'],
  ['9007199254740993', 9007199254740993n],
  ['1.0', new Decimal('1.0')],
  ['-1.5', -1.5],
  ['0.1000000000000000055511151231257827', new Decimal('0.1000000000000000055511151231257827')],
])('%s', (text, value) => {
  expect(readNotation(text)).toEqual(value);
});

test.each(['', '[', '[1', '{1:', '{"a" 1}', '1 2', 'nul', '"open', '{1, }', "'a'"])('refuses %j', (text) => {
  expect(() => readNotation(text)).toThrow();
});
