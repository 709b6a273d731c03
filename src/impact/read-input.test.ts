import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyInput } from '../decision/input.js';
import { valueAt } from '../document/json.js';
import { bothRead, type Reads } from '../rego/reads.js';
import { isTold, ReadInput, ReadNumbers } from './read-input.js';

const SEED = 20_260_701;
const NAMES = ['a', 'b', '0', '1'] as const;

const readsArbitrary: fc.Arbitrary<Reads> = fc.letrec<{ reads: Reads }>((tie) => ({
  reads: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.constant<Reads>(true),
    fc.constant<Reads>({}),
    fc.record({ each: tie('reads') }),
    fc.record({ members: fc.dictionary(fc.constantFrom(...NAMES), tie('reads')) }),
    fc.record({ each: tie('reads'), members: fc.dictionary(fc.constantFrom(...NAMES), tie('reads')) }),
  ),
})).reads;

/** Values of few sorts, so that many agree in what is read of them. */
const valueArbitrary: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.constantFrom<unknown>(null, 1, 'x', true),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 2 }),
  ),
})).value;

const ofContext = (reads: Reads): Reads => ({ members: { context: reads } });
/** Few of its members matter here. */
const inputOf = (context: unknown): PolicyInput => ({ context }) as PolicyInput;

/** Says whether two contexts are told apart by what is read of them. */
function telling(one: unknown, other: unknown): (reads: Reads) => boolean {
  const numbers = new ReadNumbers();
  const inputs = [one, other].map((context) => new ReadInput(inputOf(context), {}, numbers));
  return (reads) => {
    const places = numbers.placesOf(ofContext(reads));
    return new Set(inputs.map((input) => input.keyOf(places))).size > 1;
  };
}

const values = [valueArbitrary, valueArbitrary] as const;

describe('what is read of an input', () => {
  it('tells apart, read together, all that is told apart by either', () => {
    fc.assert(
      fc.property(readsArbitrary, readsArbitrary, ...values, (one, other, a, b) => {
        const tells = telling(a, b);
        if (tells(one) || tells(other)) expect(tells(bothRead(one, other))).toBe(true);
      }),
      { seed: SEED, numRuns: 20_000 },
    );
  });

  it('tells whether something is there where it says so', () => {
    const pointerArbitrary = fc
      .array(fc.constantFrom(...NAMES), { maxLength: 3 })
      .map((segments) => ['', 'context', ...segments].join('/'));
    fc.assert(
      fc.property(readsArbitrary, pointerArbitrary, ...values, (reads, pointer, a, b) => {
        fc.pre(isTold(new ReadNumbers().placesOf(ofContext(reads)), pointer));
        fc.pre(!telling(a, b)(reads));
        const [one, other] = [a, b].map((context) => valueAt(inputOf(context), pointer) !== undefined);
        expect(one).toBe(other);
      }),
      { seed: SEED, numRuns: 5_000 },
    );
  });

  it.each<[string, Reads, boolean]>([
    ['/context/a', ofContext(true), true],
    ['/context/a', ofContext({ members: { a: {} } }), true],
    ['/context/a', ofContext({ members: { b: {} } }), false],
    ['/context/a/b', ofContext({ members: { a: {} } }), false],
    ['/context/0', ofContext({ members: { '0': true } }), false],
    ['/context/0', ofContext({ each: {} }), true],
    ['/subject/id', ofContext(true), false],
    ['/contracts/0/id', { members: { contracts: {} } }, true],
    ['/product', {}, false],
  ])('tells whether there is something at %s, where %j is read: %s', (pointer, reads, told) => {
    expect(isTold(new ReadNumbers().placesOf(reads), pointer)).toBe(told);
  });
});
