import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recurring } from '../document/recurring.js';
import { combine, type Question } from './combine.js';
import { combineAgain } from './combine-again.js';
import type { Finding } from './decision.js';
import { findingsArbitrary } from './testing/finding-arbitrary.js';

const CHAINS = [['global'], ['global', 'finance'], ['global', 'finance', 'finance/risk']];
const question: fc.Arbitrary<Question> = fc.record({
  kind: fc.constantFrom('access' as const, 'publish' as const),
  action: fc.constantFrom('read', 'write', 'x'.repeat(200)),
  grantingLayers: fc.constantFrom(...CHAINS),
});

describe('combining again', () => {
  it('comes to what combining comes to, whatever was combined before', () => {
    const asked = fc.array(fc.tuple(fc.array(fc.nat(), { maxLength: 6 }), question), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(findingsArbitrary, fc.nat(4), asked, (given, ownAlone, questions) => {
        // Where one does not recur, nothing is remembered.
        const known = given.map((finding, at) => (at < ownAlone ? finding : recurring({ ...finding })));
        for (const [places, each] of questions) {
          const found = places.flatMap((place) => known[place % known.length] ?? []);
          expect(combineAgain(found, each)).toStrictEqual(combine(found, each));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is the same decision for the same findings and question, and another one for others', () => {
    const ask = (action: string, ...grantingLayers: string[]): Question => ({
      kind: 'access',
      action,
      grantingLayers,
    });
    const said = { layer: 'global', kind: 'access', enforcement: 'hard', binding: true } as const;
    const permits = recurring<Finding>({ ...said, policy: 'p', outcome: 'permit' });
    const silent: Finding = { ...said, policy: 'q', outcome: 'abstain' };
    const read = combineAgain([permits], ask('read', 'global'));
    expect(combineAgain([silent, permits], ask('read', 'global'))).toBe(read);
    expect(combineAgain([permits], ask('write', 'global'))).not.toBe(read);
    expect(combineAgain([permits], ask('read', 'sales'))).not.toBe(read);
    expect(combineAgain([{ ...permits }], ask('read', 'global'))).not.toBe(read);
    expect(combineAgain([], ask('read', 'global'))).not.toBe(read);
  });
});
