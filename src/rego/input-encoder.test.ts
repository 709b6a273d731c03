import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson, writeJson } from '../document/json.js';
import { HeldTexts } from './held-texts.js';
import { inputEncoder } from './input-encoder.js';
import { moduleInput } from './policy-module.js';
import type { Reads } from './reads.js';

const encode = (reads: Reads, value: unknown): string =>
  inputEncoder(reads, new HeldTexts(1000))(moduleInput(value));
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
    expect(inputEncoder(member('a', true), new HeldTexts(10))({ value, held: ['contracts'] })).toBe(
      '{"a":1}',
    );
  });

  test('everything is what JSON says, whether held or not', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const text = writeJson({ a, b });
        const encodeAll = inputEncoder(true, new HeldTexts(100));
        for (const held of [undefined, ['a'], ['b', 'a'], ['a']]) {
          expect(encodeAll(moduleInput({ a, b }, held))).toBe(text);
        }
      }),
    );
  });
});

describe('held members', () => {
  const reads: Reads = { members: { a: member('b', true), c: true } };

  test('are written as others are, and each object once', () => {
    let looked = 0;
    const a = {
      get b(): number {
        looked += 1;
        return looked;
      },
    };
    const encodeHeld = inputEncoder(reads, new HeldTexts(1000));
    expect(encodeHeld(moduleInput({ a, c: { d: 1 } }, ['a']))).toBe('{"a":{"b":1},"c":{"d":1}}');
    expect(encodeHeld(moduleInput({ a, c: { d: 2 } }, ['a']))).toBe('{"a":{"b":1},"c":{"d":2}}');
    expect(encodeHeld(moduleInput({ a, c: 3 }))).toBe('{"a":{"b":2},"c":3}');
    expect(encodeHeld(moduleInput({ a: { b: 'other' } }, ['a']))).toBe('{"a":{"b":"other"}}');
  });

  test('are kept apart for each entrypoint and member', () => {
    const texts = new HeldTexts(1000);
    const shared = { b: 1, e: 2 };
    const first = inputEncoder(reads, texts);
    const second = inputEncoder(member('a', member('e', true)), texts);
    const input = moduleInput({ a: shared, c: shared }, ['a', 'c']);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(first(input)).toBe('{"a":{"b":1},"c":{"b":1,"e":2}}');
      expect(second(input)).toBe('{"a":{"e":2}}');
    }
  });

  test('are forgotten when they come to more than may be kept, and none of the texts is ever another’s', () => {
    const value = fc.record({ b: fc.oneof(fc.integer(), fc.string({ maxLength: 30 })) });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 60 }),
        (all, turns) => {
          const encodeHeld = inputEncoder(reads, new HeldTexts(40));
          for (const turn of turns) {
            const a = all[turn % all.length];
            expect(readJson(encodeHeld(moduleInput({ a }, ['a'])))).toEqual({ a });
          }
        },
      ),
    );
  });

  test('the texts of one that is larger than what may be kept are not', () => {
    let written = 0;
    const texts = new HeldTexts(10);
    const value = {};
    const write = (): string => {
      written += 1;
      return 'x'.repeat(11);
    };
    texts.of(value, write);
    texts.of(value, write);
    expect(written).toBe(2);
  });
});
