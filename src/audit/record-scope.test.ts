import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { WitanError } from '../errors.js';
import { generatedRecord, numbersFrom, VALUES } from '../store/testing/generated-records.js';
import { matcherOf } from './matches-filter.js';
import type { RecordFilter } from './query.js';
import { filterInScope, isInScope, requireInScope, type RecordScope } from './record-scope.js';

function refusalOf(act: () => unknown): string {
  try {
    return JSON.stringify(act());
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WitanError);
    return `${(thrown as WitanError).code}: ${(thrown as WitanError).message}`;
  }
}

describe('a filter in a scope', () => {
  it.each<[string, RecordFilter, RecordScope, RecordFilter]>([
    ['of the whole mesh stays as it is', { domain: 'finance' }, 'all', { domain: 'finance' }],
    ['of one domain is narrowed to it', { decision: false }, ['sales'], { decision: false, within: 'sales' }],
    ['of several is narrowed to all of them', {}, ['sales', 'finance'], { within: 'finance,sales' }],
    ['may name its domain', { domain: 'sales' }, ['sales'], { domain: 'sales', within: 'sales' }],
    ['may name some of its domains', { within: 'sales' }, ['finance', 'sales'], { within: 'sales' }],
    [
      'may ask what others consume of it',
      { consumer_domain: 'finance' },
      ['sales'],
      { consumer_domain: 'finance', within: 'sales' },
    ],
    [
      'may ask what it consumes of others',
      { domain: 'finance', consumer_domain: 'sales' },
      ['sales'],
      { domain: 'finance', consumer_domain: 'sales', within: 'sales' },
    ],
  ])('%s', (_title, filter, scope, narrowed) => {
    expect(filterInScope(filter, scope)).toEqual(narrowed);
  });

  it.each<[string, RecordFilter]>([
    ['another domain', { domain: 'finance' }],
    ['a domain within its own', { domain: 'sales/leads' }],
    ['what others own and consume', { domain: 'finance', consumer_domain: 'marketing' }],
    ['several of which one is another', { within: 'finance,sales' }],
  ])('is not asked for %s', (_title, filter) => {
    expect(refusalOf(() => filterInScope(filter, ['sales']))).toMatch(
      /^forbidden: records of `.*` cannot be seen with roles of `sales` alone, which show what that domain owns or consumes$/,
    );
  });
});

const domains = ['finance', 'finance/risk', 'sales', 'marketing', 'nowhere'];
const scopes = fc.oneof(
  fc.constant('all' as const),
  fc.subarray(domains, { minLength: 1 }),
) as fc.Arbitrary<RecordScope>;
const filters: fc.Arbitrary<RecordFilter> = fc.record(
  {
    domain: fc.constantFrom(...domains),
    consumer_domain: fc.constantFrom(...domains),
    within: fc.subarray(domains, { minLength: 1 }).map((some) => some.toSorted().join(',')),
    kind: fc.constantFrom(...VALUES.kind),
    decision: fc.boolean(),
  },
  { requiredKeys: [] },
);

test('whatever a filter finds lies in the scope, and nothing that it asks for there is left out', () => {
  const below = numbersFrom(7);
  const records = Array.from({ length: 300 }, (_, n) =>
    JSON.parse(JSON.stringify(generatedRecord(n, below))),
  );
  fc.assert(
    fc.property(filters, scopes, (filter, scope) => {
      let narrowed: RecordFilter;
      try {
        narrowed = filterInScope(filter, scope);
      } catch (thrown) {
        expect((thrown as WitanError).code).toBe('forbidden');
        return;
      }
      const found = records.filter(matcherOf(narrowed));
      const asked = records.filter(matcherOf(filter));
      expect(found).toEqual(asked.filter((record) => isInScope(record, scope)));
      for (const record of found) {
        expect(
          scope === 'all' || scope.includes(record.domain) || scope.includes(record.consumer_domain),
        ).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('a record without a domain, and one that is none, are of no scope but that of the whole mesh', () => {
  const stored = (record: unknown) => ({ sequence: 0, bytes: Buffer.from(JSON.stringify(record)) });
  for (const record of [{ kind: 'seed' }, [], 'x', null, { domain: ['sales'] }]) {
    expect(
      refusalOf(() => {
        requireInScope(stored(record), ['sales']);
      }),
    ).toMatch(/^forbidden: this record/);
    requireInScope(stored(record), 'all');
  }
  requireInScope(stored({ domain: 'finance', consumer_domain: 'sales' }), ['sales']);
});
