import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Obligation } from './decision.js';
import { mergeObligations } from './obligations.js';
import { obligationArbitrary } from './testing/finding-arbitrary.js';

const of = (type: string, properties: Obligation['properties']): Obligation => ({ type, properties });
const mask = (method: string, more = {}): Obligation => of('mask_column', { column: 'c', method, ...more });
const filter = (value: unknown): Obligation => of('filter_rows', { column: 'c', operator: 'eq', value });
const allow = (columns: string[], more = {}): Obligation => of('allow_columns', { columns, ...more });
const limit = (max: number): Obligation => of('limit_rows', { max });
const expire = (at: string): Obligation => of('expire', { at });

describe('merging obligations', () => {
  it.each<[string, Obligation[], Obligation[]]>([
    ['nothing of nothing', [], []],
    ['`null` over `redact`', [mask('redact'), mask('null')], [mask('null')]],
    ['`redact` over `hash`', [mask('hash'), mask('redact')], [mask('redact')]],
    ['`hash` over `tokenize`', [mask('tokenize'), mask('hash')], [mask('hash')]],
    ['`tokenize` over `generalize`', [mask('generalize'), mask('tokenize')], [mask('tokenize')]],
    ['`generalize` over `partial`', [mask('partial'), mask('generalize')], [mask('generalize')]],
    [
      'masks of two tables both',
      [mask('null', { table: 't' }), mask('hash', { table: 'u' })],
      [mask('null', { table: 't' }), mask('hash', { table: 'u' })],
    ],
    [
      'masks of two columns both',
      [mask('null'), mask('hash', { column: 'd' })],
      [mask('null'), mask('hash', { column: 'd' })],
    ],
    ['every row filter', [filter(2), filter(1)], [filter(1), filter(2)]],
    ['the same filter once', [filter(1), filter(1)], [filter(1)]],
    ['columns that all lists allow', [allow(['b', 'a', 'c']), allow(['c', 'b', 'd'])], [allow(['b', 'c'])]],
    ['no column when the lists share none', [allow(['a']), allow(['b'])], [allow([])]],
    [
      'lists of two tables both',
      [allow(['a'], { table: 't' }), allow(['b'], { table: 'u' })],
      [allow(['a'], { table: 't' }), allow(['b'], { table: 'u' })],
    ],
    ['one list sorted and without repeats', [allow(['b', 'a', 'b'])], [allow(['a', 'b'])]],
    ['the smallest limit', [limit(10), limit(0), limit(9)], [limit(0)]],
    [
      'the earliest expiry, whatever its offset',
      [expire('2026-01-01T00:30:00Z'), expire('2026-01-01T01:00:00+01:00')],
      [expire('2026-01-01T01:00:00+01:00')],
    ],
    [
      'others without repeats',
      [of('notify', { who: 'a' }), of('notify', { who: 'b' }), of('notify', { who: 'a' })],
      [of('notify', { who: 'a' }), of('notify', { who: 'b' })],
    ],
    [
      'others equal whatever the order of their members',
      [of('x', { a: 1, b: 2 }), of('x', { b: 2, a: 1 })],
      [of('x', { a: 1, b: 2 })],
    ],
  ])('keeps %s', (_, given, expected) => {
    expect(mergeObligations(given)).toEqual(expected);
  });

  const some = fc.array(obligationArbitrary, { maxLength: 8 });
  const check = (property: fc.IProperty<unknown>): void => {
    fc.assert(property, { numRuns: 1000 });
  };

  it('does not depend on the order', () => {
    check(
      fc.property(
        some.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(mergeObligations(shuffled)).toEqual(mergeObligations(all));
        },
      ),
    );
  });

  it('merged again is the same, and so is merged in parts', () => {
    check(
      fc.property(some, some, (a, b) => {
        const whole = mergeObligations([...a, ...b]);
        expect(mergeObligations(whole)).toEqual(whole);
        expect(mergeObligations([...mergeObligations(a), ...mergeObligations(b)])).toEqual(whole);
      }),
    );
  });
});
