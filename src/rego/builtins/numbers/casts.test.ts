import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { objectOf, setOf, type RegoValue } from '../../value.js';
import { castBuiltins } from './casts.js';
import { opaAgreement } from '../testing/opa-agreement.js';
import { regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(castBuiltins);
afterAll(() => {
  agreement.close();
});

const VALUES: readonly RegoValue[] = [
  null,
  true,
  0,
  'a',
  [],
  [2, 1, 2],
  setOf([]),
  setOf(['b', 'a', 1]),
  objectOf([]),
  objectOf([['a', 1]]),
];

describe.each(Object.keys(castBuiltins))('%s', (name) => {
  test.each(VALUES.map((value) => [value]))('agrees with OPA on %o', (value) => {
    agreement.expectSame(name, value);
  });

  test('agrees with OPA on any value', () => {
    fc.assert(
      fc.property(regoValue(), (value) => {
        agreement.expectSame(name, value);
      }),
      { numRuns: 60 },
    );
  });
});

test('an array becomes a set without what is double, and a set an array in order', () => {
  expect(castBuiltins['cast_set']!([2, 1, 2])).toEqual(setOf([1, 2]));
  expect(castBuiltins['cast_array']!(setOf(['b', 'a']))).toEqual(['a', 'b']);
});

test('a failure names position and types, no value', () => {
  expect(() => castBuiltins['cast_string']!(7)).toThrow('operand 1 must be string but is number');
});
