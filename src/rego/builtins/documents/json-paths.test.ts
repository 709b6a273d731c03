import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { numberOf, objectOf, setOf, type RegoValue } from '../../value.js';
import { jsonPathBuiltins } from './json-paths.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(jsonPathBuiltins);
afterAll(() => {
  agreement.close();
});

const inner = objectOf([
  ['a', 1],
  ['b', [2, [3], 4]],
  [1, 5],
  ['', 6],
  ['a/b', 7],
  ['~', 8],
]);
const document = objectOf([
  ['a', inner],
  ['b', setOf([1, 'x', inner])],
  ['0', null],
  [numberOf('2.0'), [inner]],
]);

const PATHS: readonly RegoValue[] = [
  [],
  [''],
  ['/'],
  ['a', 'c'],
  ['/a/b', 'a/b/0'],
  ['a/b/1', 'a/b/2', 'a/b'],
  ['///a/a~1b', 'a/~0'],
  ['a/', 'a/1'],
  ['b/x', 'b/1'],
  ['a/a/x'],
  [
    ['a', 1],
    ['a', numberOf('1.0'), 'x'],
  ],
  [
    ['b', 'x'],
    ['b', inner, 'a'],
  ],
  [[2, '0', 'a']],
  [[2, 0, 'a']],
  [[]],
  setOf(['a/b/0', ['0']]),
  [1],
  [setOf(['a'])],
  objectOf([['a', 1]]),
  'a',
];
const CASES = {
  'json.filter': [...PATHS.map((paths) => [document, paths]), [['a'], ['0']], [null, []]],
  'json.remove': [...PATHS.map((paths) => [document, paths]), [['a'], ['0']], [null, []]],
};

test.each(rowsOf(CASES))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

const key = fc.constantFrom<RegoValue>('a', 'b', '0', '1', '', 0, 1, numberOf('1.0'), null, ['a']);
const nested = fc.letrec<{ value: RegoValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    key,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(tie('value'), { maxLength: 3 }).map(setOf),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(objectOf),
  ),
})).value;
const path = fc.oneof(
  fc.array(key, { maxLength: 4 }),
  fc.array(fc.constantFrom('a', 'b', '0', '1', ''), { maxLength: 4 }).map((steps) => steps.join('/')),
);

test('agrees with OPA on any document and paths', () => {
  const object = fc.array(fc.tuple(key, nested), { maxLength: 4 }).map(objectOf);
  fc.assert(
    fc.property(object, fc.array(path, { maxLength: 4 }), fc.boolean(), (value, paths, asSet) => {
      const operand = asSet ? setOf(paths) : paths;
      agreement.expectSame('json.filter', value, operand);
      agreement.expectSame('json.remove', value, operand);
    }),
    { numRuns: 250 },
  );
});

test('agrees with OPA on operands of any type', () => {
  fc.assert(
    fc.property(regoValue(1), regoValue(2), (value, paths) => {
      agreement.expectSame('json.filter', value, paths);
      agreement.expectSame('json.remove', document, paths);
    }),
    { numRuns: 60 },
  );
});

test('paths may be far longer than a document is deep', () => {
  const long = 'a/'.repeat(100_000);
  expect(jsonPathBuiltins['json.remove']!(document, [long])).toEqual(document);
});
