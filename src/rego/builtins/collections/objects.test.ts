import fc from 'fast-check';
import { afterAll, test } from 'vitest';
import { numberOf, objectOf, setOf, type RegoValue } from '../../value.js';
import { objectBuiltins } from './objects.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(objectBuiltins);
afterAll(() => {
  agreement.close();
});

const a = (value: RegoValue): RegoValue => objectOf([['a', value]]);
const LISTS: readonly RegoValue[] = [
  [],
  [a(1)],
  [a(1), a(2)],
  [a(a(1)), objectOf([['b', 2]]), a(objectOf([['b', 3]]))],
  [a(objectOf([['b', 2]])), a(4), a(objectOf([['c', 3]]))],
  [a(a(objectOf([['x', 1]]))), a(a(2)), a(a(objectOf([['y', 3]])))],
  [a(a(1)), a(objectOf([]))],
  [a([1]), a([2])],
  [objectOf([[1, 'x']]), objectOf([[numberOf('1.0'), 'y']])],
  [a(1), 1],
  [1],
  setOf([a(1)]),
  a(a(1)),
  'a',
];

test.each(rowsOf({ 'object.union_n': LISTS.map((list) => [list]) }))(
  '%s(%s) agrees with OPA',
  (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  },
);

const key = fc.constantFrom<RegoValue>('a', 'b', 1, numberOf('1.0'), null);
const { object } = fc.letrec<{ object: RegoValue; value: RegoValue }>((tie) => ({
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map(objectOf),
  value: fc.oneof({ depthSize: 'small', maxDepth: 3 }, fc.constantFrom(1, 'x', [1]), tie('object')),
}));

test('agrees with OPA on any objects', () => {
  fc.assert(
    fc.property(fc.array(object, { maxLength: 5 }), (objects) => {
      agreement.expectSame('object.union_n', objects);
    }),
    { numRuns: 300 },
  );
});

test('agrees with OPA on what is no array of objects', () => {
  fc.assert(
    fc.property(regoValue(2), (value) => {
      agreement.expectSame('object.union_n', value);
    }),
    { numRuns: 60 },
  );
});
