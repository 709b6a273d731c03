import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Decimal, setOf } from '../../value.js';
import { arrayBuiltins } from '../collections/arrays.js';
import { opaAgreement, rowsOf, type Calls } from '../testing/opa-agreement.js';
import { regoNumber, regoText, regoValue } from '../testing/rego-arbitrary.js';
import { textBuiltins } from './texts.js';

const agreement = opaAgreement({ ...textBuiltins, ...arrayBuiltins });
afterAll(() => {
  agreement.close();
});

const COUNTS = [0, 1, 2, 3, 9, -1, new Decimal('1.0'), 1.5, new Decimal('1e0'), 2n ** 63n, 2n ** 63n - 1n];
const SLICES = COUNTS.flatMap((from) =>
  [0, 2, -1, 9].flatMap((to) => [
    [from, to],
    [to, from],
  ]),
);
const CASES: Calls = {
  concat: [
    [',', []],
    [',', ['a']],
    [',', ['a', 'b', '']],
    ['', ['a', 'b']],
    ['å', setOf(['b', '😀', 'a', '\uffff'])],
    [',', ['a', 1]],
    [',', [1]],
    [',', setOf([])],
    [',', 'ab'],
    [1, ['a']],
  ],
  indexof: [
    ['abc', 'c'],
    ['abc', 'x'],
    ['å😀b', 'b'],
    ['å😀b', '😀b'],
    ['aab', 'ab'],
    ['', 'a'],
    ['a', ''],
    ['a', 'abc'],
    ['a', 1],
    [1, 'a'],
  ],
  replace: [
    ['banana', 'an', 'x'],
    ['aaa', 'aa', 'b'],
    ['abc', 'b', '$&'],
    ['abc', 'x', 'y'],
    ['abc', '', '-'],
    ['aå😀', '', '-'],
    ['aå😀', '', 'å'],
    ['aå', '', ''],
    ['', '', 'x'],
    ['abc', 'b', ''],
    ['a', 'a', 1],
    ['a', 1, 'a'],
    [1, 'a', 'a'],
  ],
  substring: [
    ...SLICES.map((slice) => ['aå😀b', ...slice]),
    ...SLICES.map((slice) => ['abc', ...slice]),
    ['', 1, 1],
    ['abc', '1', 1],
    [1, 1, 1],
  ],
  'array.slice': [
    ...SLICES.map((slice) => [[1, 2, 3], ...slice]),
    ['abc', 0, 1],
    [setOf([1]), 0, 1],
    [[1], null, 1],
  ],
};

test.each(rowsOf(CASES))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

test('agrees with OPA on any texts', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', 'å', '😀'), maxLength: 2 });
  const text = fc.oneof(regoText(), fc.string({ unit: fc.constantFrom('a', 'b', 'å', '😀'), maxLength: 9 }));
  const count = fc.oneof(fc.integer({ min: -2, max: 9 }), regoNumber());
  fc.assert(
    fc.property(text, part, part, count, count, (whole, sought, other, from, length) => {
      agreement.expectSame('indexof', whole, sought);
      agreement.expectSame('replace', whole, sought, other);
      agreement.expectSame('concat', sought, [whole, other, sought]);
      agreement.expectSame('substring', whole, from, length);
      agreement.expectSame('array.slice', Array.from(whole), from, length);
    }),
    { numRuns: 150 },
  );
});

test('agrees with OPA on operands of any type', () => {
  fc.assert(
    fc.property(regoValue(1), regoValue(1), (value, other) => {
      agreement.expectSame('concat', value, other);
      agreement.expectSame('indexof', value, other);
      agreement.expectSame('substring', 'ab', value, other);
      agreement.expectSame('replace', 'ab', value, other);
      agreement.expectSame('array.slice', value, other, 1);
    }),
    { numRuns: 50 },
  );
});

test('takes no time beyond the lengths, and refuses results that are too long', () => {
  const text = 'a'.repeat(1_000_000);
  const part = `b${'a'.repeat(400_000)}`;
  expect(textBuiltins['indexof']!(text, part)).toBe(-1);
  expect(textBuiltins['indexof']!(text, text.slice(1))).toBe(0);
  expect(textBuiltins['replace']!(text, 'a'.repeat(500_000), 'b')).toBe('bb');
  expect(() => textBuiltins['replace']!(text, 'a', 'bbbbb')).toThrow('longer than');
  expect(() => textBuiltins['replace']!(text, '', 'bbbbb')).toThrow('longer than');
  expect(() => textBuiltins['concat']!(text, ['', '', '', '', '', ''])).toThrow('longer than');
});
