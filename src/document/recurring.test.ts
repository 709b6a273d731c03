import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeJson } from './json.js';
import { recurring, writeMembers } from './recurring.js';

describe('the text of an object by its members', () => {
  it('is the same as its text as a whole, whichever of them recur', () => {
    const member = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.bigInt());
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.tuple(member, fc.boolean())), (given) => {
        const object = Object.fromEntries(
          Object.entries(given).map(([name, [value, recurs]]) => [
            name,
            recurs && typeof value === 'object' && value !== null ? recurring(value) : value,
          ]),
        );
        expect(writeMembers(object)).toBe(writeJson(object));
        expect(writeMembers(object)).toBe(writeJson(object));
      }),
    );
  });
});
