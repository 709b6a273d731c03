import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isObject, replaceAt, valueAt } from './json.js';
import { pointerSegment } from './pointer.js';

const DOCUMENT = { a: [{ b: null }, 'x'], '': 1, '~/': { '0': 2 }, 'a/b': 3 };

describe('canonical JSON', () => {
  it.each<[unknown, string]>([
    [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
    [{ a: undefined, b: [undefined, null] }, '{"b":[null,null]}'],
    [{ '€': 1, $: 2, '😀': 3, '\ufb33': 4 }, '{"$":2,"€":1,"😀":3,"\ufb33":4}'],
    [{ 10: 'a', 9: 'b' }, '{"10":"a","9":"b"}'],
    ['"\n', '"\\"\\n"'],
    [[], '[]'],
    [null, 'null'],
    [-0, '0'],
  ])('of %j', (value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  it('reads back as the same value, and is the same whatever the order of members', () => {
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : isObject(value)
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([name, inner]) => [name, reversed(inner)]),
            )
          : value;
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });
});

describe('JSON pointers', () => {
  it.each<[string, unknown]>([
    ['', DOCUMENT],
    ['/', 1],
    ['/a/0/b', null],
    ['/a/1', 'x'],
    ['/~0~1/0', 2],
    ['/a~1b', 3],
    ['/a/2', undefined],
    ['/a/-', undefined],
    ['/a/01', undefined],
    ['/a/', undefined],
    ['/a/length', undefined],
    ['/a/1/length', undefined],
    ['/a/0/b/c', undefined],
    ['/none', undefined],
    ['/toString', undefined],
    ['/__proto__', undefined],
  ])('%j names', (pointer, expected) => {
    expect(valueAt(DOCUMENT, pointer)).toEqual(expected);
  });

  it('replaces the value named, in a copy', () => {
    const before = structuredClone(DOCUMENT);
    expect(replaceAt(DOCUMENT, '/a/0/b', () => 'new')).toEqual({ ...before, a: [{ b: 'new' }, 'x'] });
    expect(replaceAt(DOCUMENT, '/~0~1/0', (old) => [old])).toEqual({ ...before, '~/': { '0': [2] } });
    expect(replaceAt(DOCUMENT, '', () => 0)).toBe(0);
    expect(DOCUMENT).toEqual(before);
  });

  it.each(['/none', '/a/2', '/a/-', '/a/-1', '/a/x', '/a/0/c', '/a/1/0', '/toString', '/__proto__'])(
    'replaces nothing at %j, where there is nothing',
    (pointer) => {
      expect(replaceAt(DOCUMENT, pointer, () => 'new')).toEqual(DOCUMENT);
    },
  );

  it('replaces what it finds', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.array(fc.nat(), { minLength: 1 }), { minKeys: 1 }),
        (document) => {
          const [name] = Object.keys(document);
          const pointer = `/${pointerSegment(name!)}/0`;
          expect(valueAt(document, pointer)).toBe(document[name!]![0]);
          expect(
            valueAt(
              replaceAt(document, pointer, () => 'new'),
              pointer,
            ),
          ).toBe('new');
        },
      ),
    );
  });
});
