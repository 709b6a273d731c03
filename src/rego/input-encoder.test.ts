import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson, writeJson } from '../document/json.js';
import { inputEncoder, type EncodedInput, type InputEncoder } from './input-encoder.js';
import { moduleInput } from './policy-module.js';
import type { Reads } from './reads.js';

const encode = (reads: Reads, value: unknown): string => inputEncoder(reads)(moduleInput(value)).text;
const member = (name: string, reads: Reads): Reads => ({ members: { [name]: reads } });

describe('what is read is written', () => {
  test.each<[string, Reads, unknown, string]>([
    ['everything', true, { b: [1, { c: 2 }], a: undefined }, '{"b":[1,{"c":2}]}'],
    ['nothing of an object', {}, { a: 1 }, '{}'],
    ['nothing of an array', member('a', {}), { a: [1, 2], b: 3 }, '{"a":[]}'],
    ['a scalar, whatever is said of it', member('a', { each: true }), { a: 'text' }, '{"a":"text"}'],
    ['a member', member('a', member('b', true)), { a: { b: [1], c: 2 }, d: 3 }, '{"a":{"b":[1]}}'],
    ['a member that is missing', member('a', member('b', true)), { a: { c: 2 } }, '{"a":{}}'],
    ['a member of what is missing', member('a', member('b', true)), { c: 2 }, '{}'],
    ['a member that is undefined', member('a', true), { a: undefined }, '{}'],
    ['a member that is null', member('a', member('b', true)), { a: null }, '{"a":null}'],
    ['a member that is false', member('a', {}), { a: false }, '{"a":false}'],
    ['a member of an array', member('a', member('b', true)), { a: [{ b: 1 }] }, '{"a":[]}'],
    ['elements', { each: member('a', true) }, [{ a: 1, b: 2 }, 3, [4], null], '[{"a":1},3,[],null]'],
    ['elements that are undefined', { each: {} }, [undefined, { a: 1 }], '[null,{}]'],
    ['members in turn', { each: {} }, { b: { c: 1 }, a: [1], d: undefined }, '{"b":{},"a":[]}'],
    [
      'one of the members otherwise',
      { each: {}, members: { a: true } },
      { b: { c: 1 }, a: { c: 1 } },
      '{"b":{},"a":{"c":1}}',
    ],
    ['a whole number beyond 2^53', member('a', true), { a: 2n ** 80n }, '{"a":1208925819614629174706176}'],
    ['one in a document', member('a', true), { a: [2n ** 64n] }, '{"a":[18446744073709551616]}'],
    ['a name that must be escaped', member('a"\n', true), { 'a"\n': 1 }, '{"a\\"\\n":1}'],
    ['what an object inherits is not there', member('constructor', {}), { a: 1 }, '{}'],
    ['a member of an inherited name', member('toString', {}), { toString: 'a' }, '{"toString":"a"}'],
    [
      'the prototype as a member',
      member('__proto__', true),
      JSON.parse('{"__proto__":{"a":1}}'),
      '{"__proto__":{"a":1}}',
    ],
    ['no prototype', member('__proto__', true), { a: 1 }, '{}'],
    ['a scalar as input', member('a', true), 'text', '"text"'],
  ])('%s', (_, reads, value, text) => {
    expect(encode(reads, value)).toBe(text);
  });

  test('what is not read is not even looked at', () => {
    const value = {
      a: 1,
      get contracts(): never {
        throw new Error('looked at');
      },
    };
    expect(encode(member('a', true), value)).toBe('{"a":1}');
    expect(inputEncoder(member('a', true))({ value, apart: ['contracts'] })).toEqual({
      text: '{"a":1}',
      apart: [],
    });
  });

  test('everything is what JSON says, wherever members stand', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const encodeAll = inputEncoder(true);
        for (const apart of [undefined, [], ['a'], ['b', 'a'], ['c']]) {
          expect(together(encodeAll(moduleInput({ a, b }, apart)))).toEqual(readJson(writeJson({ a, b })));
        }
      }),
    );
  });
});

/** An input as a module puts it together. */
function together({ text, apart }: EncodedInput): unknown {
  const members = apart.map(({ name, value, write }) => [name, readJson(write(value))] as const);
  return { ...(readJson(text) as object), ...Object.fromEntries(members) };
}

describe('members that stand apart', () => {
  const reads: Reads = { members: { a: member('b', true), c: true } };
  const encoder = inputEncoder(reads);

  test('are left out of the text, and come with what writes what is read of them', () => {
    const a = { b: 1, e: 2 };
    const { text, apart } = encoder(moduleInput({ a, c: { d: 1 }, f: 3 }, ['a']));
    expect(text).toBe('{"c":{"d":1}}');
    expect(apart.map(({ name, value, write }) => [name, value, write(value)])).toEqual([['a', a, '{"b":1}']]);
    expect(encoder(moduleInput({ c: 1 }, ['a']))).toEqual({ text: '{"c":1}', apart: [] });
  });

  test('are written by the same function each time, and by another one for another member or entrypoint', () => {
    const input = moduleInput({ a: {}, c: {} }, ['a', 'c']);
    const writers = (encode: InputEncoder) => encode(input).apart.map(({ write }) => write);
    expect(writers(encoder)).toEqual(writers(encoder));
    expect(writers(encoder)[0]).not.toBe(writers(encoder)[1]);
    expect(writers(inputEncoder(reads))[0]).not.toBe(writers(encoder)[0]);
  });
});
