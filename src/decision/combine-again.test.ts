import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recurring } from '../document/recurring.js';
import { combine, type Question } from './combine.js';
import { combineAgain } from './combine-again.js';
import { findingsArbitrary } from './testing/finding-arbitrary.js';

const CHAINS = [['global'], ['global', 'finance'], ['global', 'finance', 'finance/risk']];
const question: fc.Arbitrary<Question> = fc.record({
  kind: fc.constantFrom('access' as const, 'publish' as const),
  action: fc.constantFrom('read', 'write', 'x'.repeat(200)),
  grantingLayers: fc.constantFrom(...CHAINS),
});

describe('combining again', () => {
  it('comes to what combining comes to, whatever was combined before', () => {
    const lists = fc.array(findingsArbitrary, { minLength: 1, maxLength: 4 });
    const asked = fc.array(fc.tuple(fc.array(fc.nat(), { maxLength: 4 }), question), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(lists, fc.boolean(), asked, (given, allRecur, questions) => {
        // Where one does not recur, nothing is remembered.
        const known = given.map((list, at) => (allRecur || at > 0 ? recurring([...list]) : list));
        for (const [places, each] of questions) {
          const found = places.map((place) => known[place % known.length] ?? []);
          expect(combineAgain(found, each)).toStrictEqual(combine(found.flat(), each));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is the same decision for the same lists and question, and another one for others', () => {
    const granting = ['global'];
    const ask = (action: string) => ({ kind: 'access' as const, action, grantingLayers: granting });
    const [first, second] = [recurring([]), recurring([])];
    const read = combineAgain([first, second], ask('read'));
    expect(combineAgain([first, second], ask('read'))).toBe(read);
    expect(combineAgain([first, second], ask('write'))).not.toBe(read);
    expect(combineAgain([second, first], ask('read'))).not.toBe(read);
  });
});
