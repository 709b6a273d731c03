import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Decimal, objectOf, setOf } from '../../value.js';
import { stringBuiltins } from './strings.js';
import { opaAgreement, rowsOf, type Calls } from '../testing/opa-agreement.js';
import { regoNumber, regoText, regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(stringBuiltins);
afterAll(() => {
  agreement.close();
});

const CASES: Calls = {
  indexof_n: [
    ['cad', 'a'],
    ['sdad', 'd'],
    ['aaaa', 'aa'],
    ['abab ababab', 'abab'],
    ['', 'a'],
    ['a', ''],
    ['', ''],
    ['a', 'aa'],
    ['😀a😀b😀', '😀'],
    ['é😀éa', 'éa'],
    ['ab', 1],
    [null, 'a'],
  ],
  'strings.any_prefix_match': [
    ['abc', 'ab'],
    ['abc', ''],
    ['', ''],
    ['abc', 'abcd'],
    ['abc', ['x', 'a']],
    ['abc', setOf(['x', 'ab'])],
    [['x', 'yes'], 'y'],
    [setOf(['x', 'yes']), ['no', 'ye']],
    [[], []],
    [['a'], []],
    [[], ['a']],
    [[], 'a'],
    [[''], ['']],
    [[], [1]],
    ['a', ['a', 1]],
    [['a', 1], 'a'],
    [[1], []],
    ['a', 1],
    [1, 'a'],
    [objectOf([]), 'a'],
    ['a', objectOf([['a', 'a']])],
    ['😀', '\ufffd'],
  ],
  'strings.any_suffix_match': [
    ['abc', 'bc'],
    ['abc', ''],
    ['abc', ['x', 'c']],
    [setOf(['x', 'sey']), ['no', 'ey']],
    [['é😀'], ['😀']],
    [['a'], []],
    ['a', [null]],
    [null, 'a'],
  ],
  'strings.count': [
    ['cheese', 'e'],
    ['five', ''],
    ['é😀', ''],
    ['', ''],
    ['', 'a'],
    ['aaaa', 'aa'],
    ['dummy', 'x'],
    [1, 'a'],
    ['a', 1],
  ],
  'strings.split_n': [
    ['a.b.c', '.', 2],
    ['a.b.c', '.', 0],
    ['a.b.c', '.', 9],
    ['a.b.c', '.', -1],
    ['a.b.c', '.', -2],
    ['a.b.c', '.', -9],
    ['', '.', 1],
    ['', '', 1],
    ['', '', -1],
    ['é😀a', '', 2],
    ['é😀a', '', -2],
    ['a.b', '.', new Decimal('1.0')],
    ['a.b', '.', new Decimal('1e0')],
    ['a.b', '.', new Decimal('1.0000000000000000000')],
    ['a.b', '.', 1.5],
    ['a.b', '.', 2n ** 63n - 1n],
    ['a.b', '.', 2n ** 63n],
    ['a.b', '.', -(2n ** 63n)],
    ['a.b', '.', '1'],
    ['a.b', 1, 1],
    [1, '.', 1],
  ],
};

test.each(rowsOf(CASES))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

const someTexts = fc.oneof(
  regoText(5),
  fc.array(regoText(5), { maxLength: 5 }),
  fc.array(regoText(5), { maxLength: 5 }).map(setOf),
  fc.array(regoValue(1), { maxLength: 3 }),
);

test('search, count and split agree with OPA on any texts', () => {
  fc.assert(
    fc.property(regoText(12), regoText(2), regoNumber(), (text, part, count) => {
      agreement.expectSame('indexof_n', text, part);
      agreement.expectSame('strings.count', text, part);
      agreement.expectSame('strings.split_n', text, part, count);
    }),
    { numRuns: 150 },
  );
});

test('prefixes and suffixes agree with OPA on any texts', () => {
  fc.assert(
    fc.property(someTexts, someTexts, (texts, affixes) => {
      agreement.expectSame('strings.any_prefix_match', texts, affixes);
      agreement.expectSame('strings.any_suffix_match', texts, affixes);
    }),
    { numRuns: 150 },
  );
});

test('many texts are matched with many affixes as few are', () => {
  const texts = Array.from({ length: 300 }, (_, index) => `${index}.${'x'.repeat(index % 3)}`);
  for (const affixes of [['299.xx', ...texts.map((text) => `${text}!`)], texts.map((text) => `!${text}`)]) {
    agreement.expectSame('strings.any_prefix_match', texts, affixes);
    agreement.expectSame('strings.any_suffix_match', texts, affixes);
  }
});

test('a search that would compare everything with everything stays linear', () => {
  const started = performance.now();
  const found = stringBuiltins['indexof_n']!('a'.repeat(200_000), 'a'.repeat(100_000));
  expect(found).toHaveLength(100_001);
  expect(performance.now() - started).toBeLessThan(1000);
});
