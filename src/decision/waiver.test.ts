import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaiverIndex } from './waiver-index.js';
import { covers, NO_WAIVERS, type Refused, type Waiver } from './waiver.js';

const waiver: Waiver = { id: 'w', layer: 'global', policy: 'p', domain: 'finance', fromMs: 100, toMs: 200 };
const refused: Refused = {
  layer: 'global',
  policy: 'p',
  kind: 'access',
  domain: 'finance',
  subject: 'ada',
  resource: 'ledger',
  nowMs: 150,
};

describe('finding a waiver', () => {
  it.each<[string, Partial<Waiver>, Partial<Refused>, boolean]>([
    ['covers every subject and resource when it names none', {}, {}, true],
    ['holds from its first moment', {}, { nowMs: 100 }, true],
    ['does not hold before', {}, { nowMs: 99 }, false],
    ['holds until just before its end', {}, { nowMs: 199 }, true],
    ['has ended at its end', {}, { nowMs: 200 }, false],
    ['covers its policy alone', {}, { policy: 'q' }, false],
    ['covers its layer alone', {}, { layer: 'finance' }, false],
    ['covers its domain alone', {}, { domain: 'marketing' }, false],
    ['covers no domain within its own', {}, { domain: 'finance/risk' }, false],
    ['covers no domain around its own', { domain: 'finance/risk' }, {}, false],
    ['covers nothing that belongs to nobody', {}, { domain: undefined }, false],
    ['covers a named resource', { resources: ['x', 'ledger'] }, {}, true],
    ['covers no other resource', { resources: ['x'] }, {}, false],
    ['knows no wildcard', { resources: ['*'] }, {}, false],
    ['covers a named subject', { subjects: ['ada'] }, {}, true],
    ['covers no other subject', { subjects: ['bob'] }, {}, false],
    ['must cover both', { subjects: ['ada'], resources: ['x'] }, {}, false],
    ['must cover the subject too', { subjects: ['bob'], resources: ['ledger'] }, {}, false],
    ['covers nothing by an empty list', { resources: [] }, {}, false],
  ])('%s', (_, given, asked, expected) => {
    const index = WaiverIndex.of([{ ...waiver, ...given }]);
    expect(index.find({ ...refused, ...asked }) !== undefined).toBe(expected);
  });

  it('takes the first by id, whatever the order', () => {
    const [a, b] = [
      { ...waiver, id: 'a' },
      { ...waiver, id: 'b', resources: ['ledger'] },
    ];
    expect(WaiverIndex.of([a, b]).find(refused)).toBe(a);
    expect(WaiverIndex.of([b, a]).find(refused)).toBe(a);
    expect(WaiverIndex.of().find(refused)).toBeUndefined();
    expect(NO_WAIVERS.find(refused)).toBeUndefined();
  });

  it('leaves the index that someone holds as it was', () => {
    const before = WaiverIndex.of([waiver]);
    const without = before.without(waiver);
    expect([before.find(refused), without.find(refused)]).toEqual([waiver, undefined]);
    expect(without.with(waiver).find(refused)).toBe(waiver);
  });

  it('finds what a look at every waiver finds, however the index came to be', () => {
    const ids = fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }), {
      nil: undefined,
    });
    const oneOf = fc.constantFrom('a', 'b');
    const waivers = fc
      .array(
        fc
          .record({
            layer: oneOf,
            policy: oneOf,
            domain: oneOf,
            resources: ids,
            subjects: ids,
            toMs: fc.nat(9),
          })
          .map(({ resources, subjects, ...rest }) => ({
            ...rest,
            fromMs: 2,
            ...(resources !== undefined && { resources }),
            ...(subjects !== undefined && { subjects }),
          })),
        { maxLength: 12 },
      )
      .map((list) => list.map((each, index): Waiver => ({ ...each, id: String(index) })));
    const asked = fc.record({
      layer: oneOf,
      policy: oneOf,
      domain: oneOf,
      kind: fc.constant('access' as const),
      subject: fc.constantFrom('a', 'b', 'c'),
      resource: fc.constantFrom('a', 'b', 'c'),
      nowMs: fc.nat(9),
    });
    fc.assert(
      fc.property(waivers, fc.array(fc.nat(11)), asked, (all, dropped, question) => {
        const left = all.filter(({ id }) => !dropped.includes(Number(id)));
        const [expected] = left
          .filter((each) => covers(each, question))
          .sort((one, other) => (one.id < other.id ? -1 : 1));
        const gone = all.filter((each) => !left.includes(each));
        const shrunk = gone.reduce((index, each) => index.without(each), WaiverIndex.of(all));
        const grown = left.reduce((index, each) => index.with(each), WaiverIndex.of());
        for (const index of [WaiverIndex.of(left), shrunk, grown]) {
          expect(index.find(question)).toEqual(expected);
        }
      }),
      { seed: 20_260_601, numRuns: 2000 },
    );
  });
});
