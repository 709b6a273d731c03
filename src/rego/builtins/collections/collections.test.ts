import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Decimal, objectOf, setOf, type RegoObject, type RegoValue } from '../../value.js';
import { collectionBuiltins } from './collections.js';
import { opaAgreement, rowsOf, type Calls } from '../testing/opa-agreement.js';
import { regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(collectionBuiltins);
afterAll(() => {
  agreement.close();
});

const GRAPH = objectOf([
  ['a', setOf(['b', 'c'])],
  ['b', ['d', 'a', 'gone']],
  ['c', []],
  ['d', null],
  ['e', ['e']],
  [1, setOf([new Decimal('1.0'), 'c'])],
]);

const CALLS: Calls = {
  'object.subset': [
    [objectOf([]), objectOf([])],
    [objectOf([['a', 1]]), objectOf([])],
    [objectOf([['a', 1]]), objectOf([['a', new Decimal('1.0')]])],
    [objectOf([['a', 1]]), objectOf([['a', 2]])],
    [objectOf([['a', 1]]), objectOf([['b', 1]])],
    [
      objectOf([
        [
          'a',
          objectOf([
            ['b', 1],
            ['c', setOf([1, 2])],
            ['d', [1, 2, 3]],
          ]),
        ],
      ]),
      objectOf([
        [
          'a',
          objectOf([
            ['c', setOf([2])],
            ['d', [2, 3]],
          ]),
        ],
      ]),
    ],
    [objectOf([['a', [1, 2]]]), objectOf([['a', setOf([1])]])],
    [objectOf([['a', setOf([1, 2])]]), objectOf([['a', [1]]])],
    [objectOf([['a', 'x']]), objectOf([['a', null]])],
    [setOf([1, 2, 3]), setOf([1, 3])],
    [setOf([1, 2, 3]), setOf([4])],
    [setOf([[1, 2]]), setOf([[1]])],
    [setOf([]), setOf([])],
    [
      [1, 2, 3],
      [2, 3],
    ],
    [
      [1, 1, 2],
      [1, 2],
    ],
    [
      [1, 2, 3],
      [1, 3],
    ],
    [[], []],
    [[1], []],
    [[], [1]],
    [[[1, 2]], [[1]]],
    [[1, 2, 3], setOf([3, 1])],
    [[1, 2, 3], setOf([4])],
    [[1, 1], setOf([1, 2])],
    [[], setOf([])],
    [[1], setOf([])],
    [setOf([1]), [1]],
    [objectOf([]), setOf([])],
    [[], objectOf([])],
    ['abc', 'b'],
    [1, null],
  ],
  'graph.reachable_paths': [
    [GRAPH, ['a']],
    [GRAPH, setOf(['a', 'b', 'c', 'd', 'e', 1, 'gone'])],
    [GRAPH, ['e', 'e']],
    [GRAPH, []],
    [objectOf([]), ['a']],
    [objectOf([['a', 'b']]), ['a']],
    [objectOf([['a', objectOf([['b', 1]])]]), ['a']],
    [GRAPH, 'a'],
    [GRAPH, null],
    [['a'], ['a']],
    [setOf([]), 1],
  ],
};

test.each(rowsOf(CALLS))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

/** Few different values, so that much is equal. */
const part = fc.letrec<{ value: RegoValue; item: RegoValue }>((tie) => ({
  value: fc.oneof({ maxDepth: 2 }, fc.constantFrom<RegoValue[]>(1, 2, 'a', new Decimal('1.0')), tie('item')),
  item: fc.oneof(
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map(setOf),
    fc.array(fc.tuple(fc.constantFrom('a', 'b'), tie('value')), { maxLength: 3 }).map(objectOf),
  ),
}));

test('object.subset agrees with OPA on any two collections', () => {
  fc.assert(
    fc.property(part.item, part.item, (all, sub) => {
      agreement.expectSame('object.subset', all, sub);
    }),
    { numRuns: 200 },
  );
});

test('object.subset agrees with OPA on any values', () => {
  fc.assert(
    fc.property(regoValue(1), regoValue(1), (all, sub) => {
      agreement.expectSame('object.subset', all, sub);
    }),
    { numRuns: 60 },
  );
});

test('graph.reachable_paths agrees with OPA on any small graph', () => {
  const vertex = fc.constantFrom<RegoValue[]>('a', 'b', 'c', 'd', 1, setOf([1]));
  const edges = fc.oneof(
    fc.array(vertex, { maxLength: 4 }),
    fc.array(vertex, { maxLength: 4 }).map(setOf),
    fc.constant(null),
  );
  const graph = fc.array(fc.tuple(vertex, edges), { maxLength: 6 }).map(objectOf);
  fc.assert(
    fc.property(
      graph,
      fc.oneof(fc.array(vertex, { maxLength: 3 }), fc.array(vertex).map(setOf)),
      (all, starts) => {
        agreement.expectSame('graph.reachable_paths', all, starts);
      },
    ),
    { numRuns: 200 },
  );
});

test('a graph with more paths than can be walked is refused', () => {
  const vertices = Array.from({ length: 30 }, (_, index) => index);
  const complete: RegoObject = objectOf(vertices.map((vertex) => [vertex, vertices]));
  expect(() => collectionBuiltins['graph.reachable_paths']!(complete, [0])).toThrow('more than 200000 steps');
});

test('a long chain is one path, however long', () => {
  const length = 20_000;
  const chain = objectOf(Array.from({ length }, (_, index) => [index, [index + 1]]));
  expect(collectionBuiltins['graph.reachable_paths']!(chain, [0])).toEqual(
    setOf([Array.from({ length }, (_, index) => index)]),
  );
});

test('an array is searched in time linear in its length', () => {
  const started = performance.now();
  const all = Array.from({ length: 50_000 }, () => 1);
  expect(collectionBuiltins['object.subset']!(all, [...all.slice(0, 25_000), 2])).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});
