import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Decision, DecisionCode } from '../decision/decision.js';
import { obligationArbitrary } from '../decision/testing/finding-arbitrary.js';
import { changeOf, DecisionImpact, type ComparedDecision } from './decision-impact.js';
import { DECISION_CHANGES, type DecisionCounts } from './impact.js';

function decisionOf(code: DecisionCode, more: Partial<Decision> = {}): Decision {
  return {
    decision: code === 'permitted',
    code,
    reasons: [],
    obligations: [],
    advice: [],
    findings: [],
    ...more,
  };
}

const PERMITTED = decisionOf('permitted');
const FORBIDDEN = decisionOf('forbidden');
const IN_ERROR = decisionOf('policy_error');
const MASKING = decisionOf('permitted', { obligations: [{ type: 'x', properties: {} }] });

it.each<[string, Decision, Decision, string]>([
  ['permitted, then forbidden', PERMITTED, FORBIDDEN, 'newly_denied'],
  ['permitted, then in error', PERMITTED, IN_ERROR, 'newly_denied'],
  ['permitted, then permitted by nobody', PERMITTED, decisionOf('not_permitted'), 'newly_denied'],
  ['forbidden, then permitted', FORBIDDEN, PERMITTED, 'newly_permitted'],
  ['in error, then permitted', IN_ERROR, PERMITTED, 'newly_permitted'],
  ['permitted, then with obligations', PERMITTED, MASKING, 'obligations_changed'],
  ['forbidden, then in error', FORBIDDEN, IN_ERROR, 'newly_in_error'],
  ['in error, then forbidden', IN_ERROR, FORBIDDEN, 'unchanged'],
  ['denied for another reason', FORBIDDEN, decisionOf('not_permitted'), 'unchanged'],
  ['the same', MASKING, MASKING, 'unchanged'],
])('%s', (_, was, wouldBe, change) => {
  expect(changeOf(was, wouldBe)).toBe(change);
});

const decision: fc.Arbitrary<Decision> = fc.oneof(
  fc
    .array(obligationArbitrary, { maxLength: 2 })
    .map((obligations) => decisionOf('permitted', { obligations })),
  fc.constantFrom(FORBIDDEN, IN_ERROR, decisionOf('not_permitted')),
);
const domain = fc.constantFrom('finance', 'sales', undefined);
const compared: fc.Arbitrary<ComparedDecision> = fc
  .record({
    records: fc.integer({ min: 1, max: 9 }),
    was: decision,
    wouldBe: decision,
    domain,
    consumer: domain,
  })
  .map(({ domain: owner, consumer, ...rest }) => ({
    record: 'r',
    sequence: 1,
    time: 't',
    permitted: 0,
    masked: false,
    ...(owner !== undefined && { domain: owner }),
    ...(consumer !== undefined && { consumerDomain: consumer }),
    ...rest,
  }));

function impactOf(all: readonly ComparedDecision[]): DecisionImpact {
  const impact = new DecisionImpact();
  for (const each of all) impact.add(each);
  return impact;
}

const sumOf = (counts: DecisionCounts): number =>
  DECISION_CHANGES.reduce((sum, change) => sum + counts[change], 0);

it('swapping what is in force and what is proposed swaps newly denied and newly permitted', () => {
  fc.assert(
    fc.property(fc.array(compared, { maxLength: 30 }), (all) => {
      const there = impactOf(all).total;
      const back = impactOf(all.map((each) => ({ ...each, was: each.wouldBe, wouldBe: each.was }))).total;
      expect(back.newly_denied).toBe(there.newly_permitted);
      expect(back.newly_permitted).toBe(there.newly_denied);
      expect(back.obligations_changed).toBe(there.obligations_changed);
    }),
  );
});

it('the classes sum up to the records, in all and of every domain, and who owns sums up to all', () => {
  fc.assert(
    fc.property(fc.array(compared, { maxLength: 30 }), (all) => {
      const impact = impactOf(all);
      const records = all.reduce((sum, each) => sum + each.records, 0);
      const rows = impact.byDomain();
      for (const counts of [impact.total, ...rows.flatMap(({ owning, consuming }) => [owning, consuming])]) {
        expect(sumOf(counts)).toBe(counts.records);
        expect(counts.newly_denied_in_error).toBeLessThanOrEqual(counts.newly_denied);
      }
      expect(impact.total.records).toBe(records);
      expect(rows.reduce((sum, { owning }) => sum + owning.records, 0)).toBe(records);
      const touched = rows.flatMap(({ domain: name, owning, consuming }) =>
        name !== undefined && owning.records + consuming.records > owning.unchanged + consuming.unchanged
          ? [name]
          : [],
      );
      expect([...new Set(impact.touched())].sort()).toEqual(touched);
    }),
  );
});

const newlyDenied = (n: number, more: Partial<ComparedDecision> = {}): ComparedDecision => ({
  record: `r-${n}`,
  sequence: n,
  time: 't',
  records: 1,
  permitted: 1,
  domain: 'sales',
  masked: false,
  was: PERMITTED,
  wouldBe: FORBIDDEN,
  ...more,
});

it('samples say which record, what would be answered and why, and which policies differ', () => {
  const reasons = [{ layer: 'global', policy: 'p', enforcement: 'hard', message: 'm'.repeat(600) }] as const;
  const finding = { layer: 'global', kind: 'access', enforcement: 'hard', binding: true } as const;
  const was = decisionOf('permitted', {
    findings: [
      { ...finding, policy: 'q', outcome: 'permit' },
      { ...finding, policy: 'same', outcome: 'permit' },
    ],
  });
  const wouldBe = decisionOf('forbidden', {
    reasons,
    findings: [
      { ...finding, policy: 'p', outcome: 'deny' },
      { ...finding, policy: 'q', outcome: 'permit', advice: [{ message: 'a' }] },
      { ...finding, policy: 'same', outcome: 'permit' },
    ],
  });
  const [sample] = impactOf([newlyDenied(7, { was, wouldBe, masked: true, records: 3 })]).samples().samples;
  expect(sample).toMatchObject({
    change: 'newly_denied',
    record: 'r-7',
    records: 3,
    was: { decision: true, code: 'permitted' },
    would_be: { decision: false, code: 'forbidden' },
    reasons_total: 1,
    masked: true,
  });
  expect(sample?.reasons[0]?.message).toHaveLength(501);
  expect(sample?.policies).toEqual([
    { layer: 'global', policy: 'q', was: 'permit', would_be: 'permit' },
    { layer: 'global', policy: 'p', was: 'abstain', would_be: 'deny' },
  ]);
});

it('of each class and domain twenty samples are kept, and fewer where there are many domains', () => {
  const few = impactOf(Array.from({ length: 100 }, (_, n) => newlyDenied(n))).samples();
  expect([few.each, few.samples.length]).toEqual([20, 20]);
  const many = impactOf(
    Array.from({ length: 50_000 }, (_, n) => newlyDenied(n, { domain: `d${n % 1000}` })),
  ).samples();
  expect(many.each).toBe(2);
  expect(many.samples.length).toBeLessThanOrEqual(4000);
  const most = impactOf(
    Array.from({ length: 9000 }, (_, n) => newlyDenied(n, { domain: `d${n}` })),
  ).samples();
  expect([most.each, most.samples.length]).toEqual([1, 4000]);
});

it('records that are decided otherwise now than then are counted', () => {
  expect(impactOf([newlyDenied(1, { records: 5, permitted: 2 })]).movedSince).toBe(3);
  expect(impactOf([newlyDenied(1, { records: 5, permitted: 2, was: FORBIDDEN })]).movedSince).toBe(2);
});
