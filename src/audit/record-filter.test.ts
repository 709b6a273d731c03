import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { OUTCOMES } from '../decision/decision.js';
import { ENFORCEMENTS } from '../policy/manifest.js';
import { ENFORCEMENT_LEVELS, FINDING_OUTCOMES, type RecordFilter } from './query.js';
import { FILTER_NAMES, narrowFilter, parseFilterText, readFilter, writeFilter } from './record-filter.js';
import { RECORD_KINDS } from './record.js';
import { drawRanks } from './sample-draw.js';
import { wordsOf } from './words.js';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const time = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

const filters: fc.Arbitrary<RecordFilter> = fc.record(
  {
    kind: fc.constantFrom(...RECORD_KINDS),
    subject: text,
    resource: text,
    action: text,
    domain: text,
    consumer_domain: text,
    decision: fc.boolean(),
    code: text,
    caller: text,
    revision: fc.nat(),
    proposal: text,
    policy: text,
    layer: text,
    enforcement: fc.constantFrom(...ENFORCEMENT_LEVELS),
    outcome: fc.constantFrom(...FINDING_OUTCOMES),
    waiver: text,
    within: fc.constantFrom('sales', 'finance,sales', 'finance,finance/risk,sales'),
    text: text.map((some) => `${some} Wort`),
    from: time,
    to: time,
  },
  { requiredKeys: [] },
);

describe('the grammar of record filters', () => {
  test('what is written reads as it was, and is written the same again', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const written = writeFilter(filter);
        expect(parseFilterText(written)).toEqual(filter);
        expect(writeFilter(parseFilterText(written))).toBe(written);
      }),
    );
  });

  test('equal filters have equal texts, whatever order they were given in', () => {
    expect(writeFilter(parseFilterText('policy=retention&decision=false'))).toBe(
      'decision=false&policy=retention',
    );
    expect(writeFilter(parseFilterText('within=sales,finance,sales'))).toBe('within=finance%2Csales');
    expect(writeFilter({ text: 'a & b', subject: 'é' })).toBe('subject=%C3%A9&text=a+%26+b');
    expect([...FILTER_NAMES]).toEqual([...FILTER_NAMES].sort());
  });

  test.each([
    ['polcy=retention', /`polcy` is not known here; known are `action`, .*`policy`/],
    ['decision=false&decision=false', /`decision` is given more than once/],
    ['decision=no', /`decision` is `no`; expected true or false/],
    ['kind=decisions', /`kind` is `decisions`; expected decision, /],
    ['outcome=denied', /expected error, deny, permit or abstain/],
    ['enforcement=Hard', /expected hard, soft, advisory or shadow/],
    ['revision=-1', /expected a whole number/],
    ['revision=1e3', /expected a whole number/],
    ['subject=', /`subject` is ``; expected a value/],
    ['from=yesterday', /`from` is `yesterday`; expected an RFC 3339 time/],
    ['to=2026-13-01T00:00:00Z', /expected an RFC 3339 time/],
    ['text=%E2%80%A6', /expected 1 to 32 words/],
    ['toString=1', /`toString` is not known here/],
    ['within=sales,', /`within` is `sales,`; expected 1 to 100 domains/],
    ['within=Sales', /expected 1 to 100 domains/],
    [`within=${Array(101).fill('a').join()}`, /expected 1 to 100 domains/],
    [`subject=${'a'.repeat(9000)}`, /more than 8192 characters/],
  ])('refuses `%s`', (written, message) => {
    expect(() => parseFilterText(written)).toThrow(message);
  });

  test('every fault is reported', () => {
    expect(() => readFilter([['a', '1'] as const, ['decision', 'x'] as const])).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        faults: [expect.anything(), expect.anything()],
      }) as Error,
    );
  });

  test('a filter is narrowed by what it does not ask for otherwise', () => {
    expect(narrowFilter({ decision: false }, { decision: false, policy: 'p' })).toEqual({
      decision: false,
      policy: 'p',
    });
    expect(() => narrowFilter({ policy: 'p' }, { policy: 'q' })).toThrow(
      /`policy` is `q`, but the query asks for `p` already/,
    );
  });

  test('knows the enforcement levels of policies and the outcomes of findings', () => {
    expect(ENFORCEMENT_LEVELS).toEqual(ENFORCEMENTS);
    expect(FINDING_OUTCOMES).toEqual(OUTCOMES);
  });
});

test('words are letters, marks and digits of any script, composed and in lower case, each once', () => {
  expect(wordsOf('Für 30 Tage: für e\u0301tat, データ-Zugriff (no_purpose)')).toEqual([
    'für',
    '30',
    'tage',
    'état',
    'データ',
    'zugriff',
    'no',
    'purpose',
  ]);
  expect(wordsOf('… —')).toEqual([]);
});

describe('drawing ranks', () => {
  test('as many as asked for, each once, ascending, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(300), fc.nat(300), (seed, size, population) => {
        const ranks = drawRanks(seed, size, population);
        expect(ranks).toHaveLength(Math.min(size, population));
        expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
        expect(ranks.every((rank) => rank >= 0 && rank < population)).toBe(true);
        expect(drawRanks(seed, size, population)).toEqual(ranks);
      }),
    );
  });

  test('as the description says', () => {
    expect(drawRanks('seed', 3, 1000)).toEqual(expectedRanks('seed', 3, 1000));
  });

  test.each([3, 7])('every rank is drawn about as often: %i of 10', (size) => {
    const drawn = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 5000; seed += 1) {
      for (const rank of drawRanks(String(seed), size, 10)) drawn[rank] = (drawn[rank] ?? 0) + 1;
    }
    // Five standard deviations of a binomial distribution on either side.
    const expected = (5000 * size) / 10;
    const spread = 5 * Math.sqrt(expected * (1 - size / 10));
    for (const count of drawn) expect(Math.abs(count - expected)).toBeLessThan(spread);
  });
});

/** The same draw said with whole numbers of any size. */
function expectedRanks(seed: string, size: number, population: number): readonly number[] {
  const ranks: number[] = [];
  for (let counter = 0; ranks.length < size; counter += 1) {
    const hex = createHash('sha256').update(`${seed}:${counter}`).digest('hex').slice(0, 12);
    const draw = BigInt(`0x${hex}`);
    if (draw >= (2n ** 48n / BigInt(population)) * BigInt(population)) continue;
    const rank = Number(draw % BigInt(population));
    if (!ranks.includes(rank)) ranks.push(rank);
  }
  return ranks.sort((a, b) => a - b);
}
