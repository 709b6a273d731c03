import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { globBuiltins } from './globs.js';
import { opaAgreement, rowsOf, type Calls } from '../testing/opa-agreement.js';
import { regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(globBuiltins);
afterAll(() => {
  agreement.close();
});

const CASES: Calls = {
  'glob.match': [
    ['*.github.com', [], 'api.github.com'],
    ['*.github.com', [], 'api.cdn.github.com'],
    ['**.github.com', [], 'api.cdn.github.com'],
    ['*:github:com', [':'], 'api:github:com'],
    ['*hub*', null, 'api.cdn\ngithub.com'],
    ['?at', [], 'cat'],
    ['?at', ['c'], 'cat'],
    ['', [], ''],
    ['{cat,bat,[fr]at}', [], 'rat'],
    ['{,a}b', [], 'b'],
    ['{{a,b}c,d}', [], 'bc'],
    ['[a-c]at', [], 'dat'],
    ['[!a-c]at', [], 'dat'],
    ['[!.]', [], '.'],
    ['[ab-c]', [], '-'],
    [']-a]', [], ']'],
    ['[]-a]', [], '^'],
    ['[\\]]', [], ']'],
    ['[!!]', [], 'a'],
    ['a,b}', [], 'a,b}'],
    ['(a)$|', [], '(a)$|'],
    ['a.b', [], 'axb'],
    ['\\*', [], '*'],
    ['😀?', ['😀'], '😀😀'],
    ['a😀*', ['😀'], 'a😀b'],
    ...['[', '[]', '[!]', '[c-a]', '[a-c', '[a-cd]', '{', '{a', 'a\\', '[a', '{a}}', '{{a}'].map(
      (pattern) => [pattern, [], 'a'],
    ),
    ['a', [''], 'a'],
    ['a', ['ab'], 'a'],
    ['a', [1], 'a'],
    ['a', '.', 'a'],
    ['a', [], 1],
    [1, [], 'a'],
  ],
};

test.each(rowsOf(CASES))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

describe('agrees with OPA on any pattern', () => {
  const separators = fc.constantFrom(null, [], ['.'], [':'], ['/', '.'], ['å'], ['😀']);
  test.each([
    ['ab.*?[]{},!-\\/:(å', 'aab..:/å(*'],
    ['ab*?/.', 'aabb./'],
    ['a*{},b0', 'aab0'],
    ['[]!-\\ab', 'ab-!]\\'],
    ['a*?{},😀\n', 'a😀\n'],
  ])('of %s', (marks, characters) => {
    const pattern = fc.string({ unit: fc.constantFrom(...Array.from(marks)), maxLength: 9 });
    const text = fc.string({ unit: fc.constantFrom(...Array.from(characters)), maxLength: 7 });
    fc.assert(
      fc.property(pattern, separators, text, (...operands) => {
        agreement.expectSame('glob.match', ...operands);
      }),
      { numRuns: 200 },
    );
  });
});

test('agrees with OPA on what is no text', () => {
  fc.assert(
    fc.property(regoValue(1), regoValue(1), (value, other) => {
      agreement.expectSame('glob.match', value, other, 'a');
      agreement.expectSame('glob.match', 'a', value, 'a');
      agreement.expectSame('glob.match', '*', null, value);
    }),
    { numRuns: 50 },
  );
});

test('takes a time linear in the text, and refuses what is too much', () => {
  const match = globBuiltins['glob.match']!;
  expect(match(`${'*a'.repeat(20)}b`, null, 'a'.repeat(20_000))).toBe(false);
  expect(match('{'.repeat(5000) + '}'.repeat(5000), null, '')).toBe(true);
  expect(() => match('*a'.repeat(1000), null, 'a'.repeat(20_000))).toThrow('too long for so large a pattern');
  expect(() => match('a'.repeat(70_000), null, 'a')).toThrow('longer than 65536');
});
