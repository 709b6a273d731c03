import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readNotation } from '../../notation.js';
import { objectOf, setOf, type RegoValue } from '../../value.js';
import { jsonPatchBuiltins } from './json-patch.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(jsonPatchBuiltins);
afterAll(() => {
  agreement.close();
});

const CALLS: readonly (readonly [document: string, operations: string])[] = [
  ['{"a":1}', '[]'],
  ['1', '[]'],
  ['{"a":1}', '[{"op":"add","path":"/b","value":2}]'],
  ['{"a":1}', '[{"op":"add","path":"b","value":2}]'],
  ['{"a":1}', '[{"op":"add","path":"//b","value":2}]'],
  ['{"a":1}', '[{"op":"add","path":"/","value":2}]'],
  ['{"a":1}', '[{"op":"add","path":"/a/","value":2}]'],
  ['{"a":1}', '[{"op":"add","path":["a"],"value":2}]'],
  ['{"a":1}', '[{"op":"add","path":[],"value":2}]'],
  ['{"a":1}', '[{"op":"add","path":[1],"value":2}]'],
  ['{1:{"x":1}}', '[{"op":"add","path":[1.0,"y"],"value":2},{"op":"remove","path":[1,"x"]}]'],
  ['{"a~/b":1}', '[{"op":"replace","path":"/a~0~1b","value":2}]'],
  ['{"a~1b":1}', '[{"op":"replace","path":"/a~01b","value":2}]'],
  ['{"a":1}', '[{"op":"add","path":"","value":[1]},{"op":"add","path":"/-","value":2}]'],
  ['{"a":1}', '[{"op":"replace","path":"","value":[1]}]'],
  ['{"a":1}', '[{"op":"remove","path":""}]'],
  ['{"a":1}', '[{"op":"remove","path":""},{"op":"test","path":"","value":null}]'],
  ['{"a":1}', '[{"op":"remove","path":""},{"op":"add","path":"","value":2}]'],
  ['{"a":1}', '[{"op":"remove","path":""},{"op":"remove","path":""}]'],
  ['{"a":1}', '[{"op":"remove","path":""},{"op":"add","path":"/a","value":2}]'],
  ['{"a":1}', '[{"op":"remove","path":"/a"},{"op":"remove","path":"/a"}]'],
  ['{"a":1}', '[{"op":"remove","path":"/a"},{"op":"add","path":"/a/b","value":1}]'],
  [
    '{"a":{}}',
    '[{"op":"remove","path":"/a"},{"op":"add","path":"/a","value":[]},{"op":"add","path":"/a/0","value":1}]',
  ],
  ['{"a":1}', '[{"op":"replace","path":"/b","value":1}]'],
  ['{"a":1}', '[{"op":"replace","path":"/a"}]'],
  ['{"a":1}', '[{"op":"move","from":"/a","path":"/b"}]'],
  ['{"a":{"b":1}}', '[{"op":"move","from":"/a","path":"/a/b"}]'],
  ['{"a":{"b":1}}', '[{"op":"move","from":"/a/b","path":""}]'],
  ['{"a":{"b":1}}', '[{"op":"copy","from":"","path":"/a/b"}]'],
  ['{"a":{"b":1}}', '[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/d","value":2}]'],
  ['{"a":1}', '[{"op":"move","from":"/x","path":"/b"}]'],
  ['{"a":1}', '[{"op":"move","path":"/b"}]'],
  ['{"a":1}', '[{"op":"copy","path":"/b"}]'],
  ['{"a":1}', '[{"op":"test","path":"/a","value":1.0}]'],
  ['{"a":1}', '[{"op":"test","path":"/a","value":2}]'],
  ['{"a":1}', '[{"op":"test","path":"/a"}]'],
  ['{"a":null}', '[{"op":"test","path":"/a","value":null}]'],
  ['{"a":1}', '[{"op":"test","path":"/b","value":null}]'],
  ['{"a":1}', '[{"op":"Add","path":"/b","value":null}]'],
  ['{"a":1}', '[{"op":1,"path":"/b","value":null}]'],
  ['{"a":1}', '[{"path":"/b","value":null}]'],
  ['{"a":1}', '[{"op":"add","value":null}]'],
  ['{"a":1}', '[{"op":"add","path":1,"value":null}]'],
  ['{"a":1}', '[{"op":"add","path":null,"value":null}]'],
  ['{"a":1}', '[{"op":"add","path":{"a"},"value":null}]'],
  ['{"a":1}', '["add"]'],
  ['{"a":1}', '{"op":"add"}'],
  ['{"a":1}', '{1}'],
  ['{"a":1}', 'null'],
  ['1', '[{"op":"add","path":"/a","value":1}]'],
  ['"x"', '[{"op":"remove","path":"/0"}]'],
  [
    '[1,2]',
    '[{"op":"add","path":"/1","value":9},{"op":"add","path":"/3","value":8},{"op":"add","path":"/-","value":7}]',
  ],
  ['[1,2]', '[{"op":"add","path":"/3","value":9}]'],
  ['[1,2]', '[{"op":"add","path":"/-1","value":9}]'],
  ['[1,2]', '[{"op":"add","path":"/01","value":9}]'],
  ['[1,2]', '[{"op":"add","path":"/00","value":9}]'],
  ['[1,2]', '[{"op":"add","path":"/+1","value":9}]'],
  ['[1,2]', '[{"op":"add","path":"/1.0","value":9}]'],
  ['[1,2]', '[{"op":"add","path":"/.","value":9}]'],
  ['[1,2]', '[{"op":"add","path":"/1e0","value":9}]'],
  ['[1,2]', '[{"op":"add","path":"/x","value":9}]'],
  ['[1,2]', '[{"op":"add","path":[1.0],"value":9}]'],
  ['[1,2]', '[{"op":"add","path":[0.5],"value":9}]'],
  ['[1,2]', '[{"op":"add","path":[null],"value":9}]'],
  ['[1,2]', '[{"op":"add","path":"/99999999999999999999","value":9}]'],
  ['[1,2]', '[{"op":"remove","path":"/-"}]'],
  ['[1,2]', '[{"op":"remove","path":"/2"}]'],
  ['[1,2]', '[{"op":"remove","path":"/0"},{"op":"remove","path":"/0"},{"op":"add","path":"/0","value":3}]'],
  ['[[1],[2]]', '[{"op":"add","path":"/1/0","value":0},{"op":"move","from":"/0","path":"/1"}]'],
  // OPA looks where an item was before others were added or removed.
  [
    '{"a":[{"x":1},{"x":2}]}',
    '[{"op":"add","path":"/a/0","value":{}},{"op":"replace","path":"/a/1/x","value":9}]',
  ],
  ['[{"x":1}]', '[{"op":"add","path":"/0","value":{}},{"op":"add","path":"/1/y","value":9}]'],
  ['[{"x":1},{"x":2}]', '[{"op":"remove","path":"/0"},{"op":"test","path":"/0/x","value":1}]'],
  ['[{"x":1},{"x":2}]', '[{"op":"remove","path":"/0"},{"op":"test","path":"/-","value":{"x":2}}]'],
  ['{1,2}', '[{"op":"add","path":[3],"value":3},{"op":"remove","path":[1]}]'],
  ['{"a"}', '[{"op":"add","path":"/b","value":"b"},{"op":"remove","path":"/a"}]'],
  ['{"a"}', '[{"op":"add","path":"/b","value":"c"}]'],
  ['{1,2}', '[{"op":"remove","path":[1]},{"op":"remove","path":[1]}]'],
  ['{1,2}', '[{"op":"remove","path":[1]},{"op":"test","path":[1],"value":1}]'],
  ['{1,2}', '[{"op":"remove","path":[3]}]'],
  ['{[0],"a"}', '[{"op":"add","path":[[0],1],"value":1},{"op":"add","path":[[0,1],2],"value":3}]'],
  ['{[0],"a"}', '[{"op":"remove","path":[[0]]},{"op":"remove","path":[[0]]}]'],
  [
    '{{"k":{1}}}',
    '[{"op":"add","path":[{"k":{1}},"k",2],"value":2},{"op":"test","path":[{"k":{1,2}}],"value":{"k":{1,2}}}]',
  ],
];

test.each(rowsOf({ 'json.patch': CALLS.map((operands) => operands.map(readNotation)) }))(
  '%s(%s) agrees with OPA',
  (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  },
);

const step = fc.constantFrom('a', 'b', '0', '1', '2', '-');
const path = fc.oneof(
  fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => `/${steps.join('/')}`),
  fc.array(
    fc.oneof<fc.Arbitrary<RegoValue>[]>(step, fc.constantFrom<RegoValue[]>(0, 1, 'c', setOf([]), [])),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
);

function operations(value: fc.Arbitrary<RegoValue>): fc.Arbitrary<RegoValue> {
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'add', 'remove', 'replace', 'move', 'copy', 'test'),
      path,
      from: path,
      value,
    },
    { requiredKeys: ['op', 'path', 'from', 'value'] },
  );
  return fc.array(
    operation.map((members) => objectOf(Object.entries(members))),
    { maxLength: 5 },
  );
}

// OPA panics over arrays in which scalars and collections were added, so there are none with both.
describe.each<[string, fc.Arbitrary<RegoValue>, fc.Arbitrary<RegoValue>]>([
  [
    'scalars',
    fc.letrec<{ value: RegoValue; scalar: RegoValue }>((tie) => ({
      scalar: fc.constantFrom<RegoValue[]>(1, 'a', 'b', null),
      value: fc.oneof(
        { maxDepth: 2 },
        fc.array(tie('scalar'), { maxLength: 4 }),
        fc.array(tie('scalar'), { maxLength: 4 }).map(setOf),
        fc.array(fc.tuple(fc.constantFrom('a', 'b', '1'), tie('value')), { maxLength: 3 }).map(objectOf),
      ),
    })).value,
    fc.constantFrom<RegoValue[]>(1, 'a', 'b', null),
  ],
  [
    'collections',
    ...((): [fc.Arbitrary<RegoValue>, fc.Arbitrary<RegoValue>] => {
      const { value } = fc.letrec<{ value: RegoValue }>((tie) => ({
        value: fc.oneof(
          { maxDepth: 3 },
          fc.constantFrom<RegoValue[]>([], setOf([]), objectOf([])),
          fc.array(tie('value'), { maxLength: 4 }),
          fc.array(tie('value'), { maxLength: 4 }).map(setOf),
          fc.array(fc.tuple(fc.constantFrom('a', 'b', '1'), tie('value')), { maxLength: 3 }).map(objectOf),
        ),
      }));
      return [value, value];
    })(),
  ],
])('documents of %s', (_, document, value) => {
  test('are patched as OPA patches them', () => {
    fc.assert(
      fc.property(document, operations(value), (target, changes) => {
        agreement.expectSame('json.patch', target, changes);
      }),
      { numRuns: 200 },
    );
  });
});

test('agrees with OPA on any operands', () => {
  fc.assert(
    fc.property(regoValue(2), regoValue(2), (target, changes) => {
      agreement.expectSame('json.patch', target, changes);
    }),
    { numRuns: 60 },
  );
});

test.each([
  [
    '[]',
    '[{"op":"add","path":"/0","value":{}},{"op":"add","path":"/0","value":1},{"op":"add","path":"/0","value":2}]',
    '[2,1,{}]',
  ],
  [
    '{"a":1}',
    '[{"op":"replace","path":"","value":{"b":1}},{"op":"add","path":"/c","value":2}]',
    '{"b":1,"c":2}',
  ],
])('where OPA panics, %s with %s is patched by the rules', (document, changes, expected) => {
  expect(jsonPatchBuiltins['json.patch']!(readNotation(document), readNotation(changes))).toEqual(
    readNotation(expected),
  );
});

test('operations that would rewrite a large document again and again are refused', () => {
  const document = setOf(Array.from({ length: 2000 }, (_, index) => [index]));
  const changes = Array.from({ length: 3000 }, (_, index) =>
    objectOf([
      ['op', 'add'],
      ['path', [[-index - 1]]],
      ['value', [-index - 1]],
    ]),
  );
  expect(() => jsonPatchBuiltins['json.patch']!(document, changes)).toThrow(
    'too many for so large a document',
  );
});

test('copies of copies are refused before they are more than can be held', () => {
  const changes = Array.from({ length: 60 }, (_, index) =>
    readNotation(`{"op":"copy","from":"","path":"/${index % 2}"}`),
  );
  expect(() => jsonPatchBuiltins['json.patch']!(readNotation('{"a":1}'), changes)).toThrow(
    'too many for so large a document',
  );
});
