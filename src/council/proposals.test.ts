import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordHead } from '../audit/record.js';
import type { CheckReport, Proposal } from './proposal.js';
import {
  commented,
  decided,
  edited,
  failed,
  isRatifiable,
  lapsed,
  opened,
  openedForVotes,
  ratified,
  touchedOf,
  voted,
  withdrawn,
  type Step,
} from './proposals.js';
import type { Tally } from './tally.js';

const head = (n: number, by = 'cleo'): RecordHead => ({
  id: `record-${n}`,
  time: new Date(Date.parse('2026-06-01T00:00:00Z') + n * 1000).toISOString(),
  caller: { id: by, roles: [] },
  revision: 3,
});
const checks: CheckReport = {
  at: '2026-06-01T00:00:00.000Z',
  revision: 3,
  faults: [],
  warnings: [],
  tests: { passed: 1, failed: 0 },
};
const tallied = (outcome: Tally['outcome']): Tally => ({
  outcome,
  council: 'global',
  seats: 2,
  quorum: 1,
  cast: 1,
  approve: 1,
  reject: 0,
  abstain: 0,
  missing: ['finance'],
  touched_missing: [],
  needs: outcome === 'approved' ? [] : ['more approvals'],
});
const first = (layer = 'finance', emergency = false): Step =>
  opened(
    {
      id: '1',
      layer,
      title: 'Change',
      author: 'cleo',
      digest: 'sha256:1',
      base: { revision: 3, digest: 'sha256:0' },
      ...(emergency && { break_glass: { reason: 'a leak', operator: 'cleo', second_operator: 'tess' } }),
    },
    head(0),
  );
const impactOf = (digest: string) => ({
  at: '2026-06-01T00:00:00.000Z',
  digest,
  touched: ['sales'],
  newly_denied: 1,
  newly_permitted: 0,
  newly_non_compliant: 0,
  newly_compliant: 0,
});
const activateBy = '2026-07-01T00:00:00.000Z';

/** Everything that can become of a proposal, whether the acts would let it or not. */
const TRANSITIONS: readonly ((proposal: Proposal, n: number) => Step)[] = [
  (proposal, n) => edited(proposal, { digest: `sha256:${n}`, base: { revision: n } }, head(n)),
  (proposal, n) => commented(proposal, 'Why?', head(n, 'pia')),
  (proposal, n) => failed(proposal, { ...checks, faults: [{ message: 'is wrong' }] }, head(n)),
  (proposal, n) =>
    openedForVotes(proposal, { checks, impact: impactOf(proposal.digest), closesAt: activateBy }, head(n)),
  (proposal, n) => openedForVotes(proposal, { checks, closesAt: activateBy }, head(n)),
  (proposal, n) => voted(proposal, { seat: 'sales', vote: 'approve', comment: 'Good.' }, head(n, 'pia')),
  (proposal, n) => decided(proposal, { tally: tallied('approved'), activateBy }, head(n, 'witan')),
  (proposal, n) => decided(proposal, { tally: tallied('rejected'), activateBy }, head(n, 'witan')),
  (proposal, n) => lapsed(proposal, head(n, 'witan')),
  (proposal, n) => withdrawn(proposal, 'a mistake', head(n)),
  (proposal, n) =>
    proposal.break_glass === undefined
      ? commented(proposal, 'No emergency.', head(n))
      : ratified(proposal, tallied('approved'), head(n, 'witan')),
];

describe('whatever becomes of a proposal', () => {
  const histories = fc.record({
    layer: fc.constantFrom('global', 'finance', 'finance/risk'),
    emergency: fc.boolean(),
    moves: fc.array(fc.nat(TRANSITIONS.length - 1), { maxLength: 20 }),
  });
  const run = (check: (step: Step, before: Proposal) => void): void => {
    fc.assert(
      fc.property(histories, ({ layer, emergency, moves }) => {
        let { proposal } = first(layer, emergency);
        for (const [at, move] of moves.entries()) {
          const step = TRANSITIONS[move]?.(proposal, at + 1);
          if (step === undefined) continue;
          check(step, proposal);
          ({ proposal } = step);
        }
      }),
    );
  };

  it('each step is one version, one line of its history and one record of the same proposal', () => {
    run(({ proposal, record }, before) => {
      expect(proposal.version).toBe(before.version + 1);
      expect(proposal.timeline).toHaveLength(proposal.version);
      expect(proposal.timeline.slice(0, -1)).toEqual(before.timeline);
      expect(proposal.timeline.at(-1)).toMatchObject({
        record: record.id,
        at: record.time,
        by: record.caller.id,
      });
      expect(record).toMatchObject({ proposal: '1', layer: proposal.layer, digest: proposal.digest });
      if (proposal.layer === 'global') expect(record).not.toHaveProperty('domain');
      else expect(record).toMatchObject({ domain: proposal.layer });
    });
  });

  it('what it is about never changes, and no ballot and no comment is ever lost', () => {
    run(({ proposal }, before) => {
      for (const fixed of ['id', 'layer', 'title', 'author', 'created_at'] as const) {
        expect(proposal[fixed]).toBe(before[fixed]);
      }
      expect(proposal.ballots.slice(0, before.ballots.length)).toEqual(before.ballots);
      expect(proposal.comments.slice(0, before.comments.length)).toEqual(before.comments);
    });
  });

  it('no member stands there without a value, so that it is the same when it is read again', () => {
    run(({ proposal, record }) => {
      expect(JSON.parse(JSON.stringify(proposal))).toStrictEqual(proposal);
      expect(JSON.parse(JSON.stringify(record))).toStrictEqual(record);
    });
  });
});

describe('an edit', () => {
  it('leaves nothing that was found out or decided about the files before', () => {
    const open = openedForVotes(
      first().proposal,
      { checks, impact: impactOf('sha256:1'), closesAt: activateBy },
      head(1),
    );
    const approved = decided(open.proposal, { tally: tallied('approved'), activateBy }, head(2)).proposal;
    const scheduled: Proposal = { ...approved, activate_at: activateBy, shadow: { since: activateBy } };
    const { proposal } = edited(scheduled, { digest: 'sha256:2', base: { revision: 4 } }, head(3));
    expect(Object.keys(proposal).sort()).toEqual(Object.keys(first().proposal).sort());
    expect(proposal).toMatchObject({ state: 'checking', digest: 'sha256:2', base: { revision: 4 } });
    expect(proposal.base).not.toHaveProperty('digest');
  });

  it('takes back what a second operator had agreed to', () => {
    const { proposal } = edited(
      first('global', true).proposal,
      { digest: 'sha256:2', base: { revision: 4 } },
      head(1),
    );
    expect(proposal.break_glass).toEqual({ reason: 'a leak', operator: 'cleo' });
  });
});

describe('what is touched', () => {
  it('is what the impact of these very files says', () => {
    const { proposal } = first();
    expect(touchedOf(proposal)).toEqual({});
    expect(touchedOf({ ...proposal, impact: impactOf('sha256:1') })).toEqual({ touched: ['sales'] });
    expect(touchedOf({ ...proposal, impact: impactOf('sha256:0') })).toEqual({});
  });
});

describe('the council ratifies', () => {
  it.each<[string, Partial<Proposal>, boolean]>([
    ['an emergency in force', {}, true],
    ['not what is not in force yet', { state: 'open' }, false],
    ['not what another took the place of', { state: 'superseded' }, false],
    [
      'not what is ratified',
      { break_glass: { reason: 'x', operator: 'sam', ratified_at: activateBy } },
      false,
    ],
    [
      'not what was taken back',
      { break_glass: { reason: 'x', operator: 'sam', reverted_at: activateBy } },
      false,
    ],
  ])('%s', (_, more, expected) => {
    expect(isRatifiable({ ...first('global', true).proposal, state: 'active', ...more })).toBe(expected);
  });

  it('nothing that came into force by its vote', () => {
    const { proposal } = first();
    expect(isRatifiable({ ...proposal, state: 'active' })).toBe(false);
    expect(() => ratified(proposal, tallied('approved'), head(1))).toThrow(RangeError);
  });
});

it('a vote that is open is not decided', () => {
  expect(() => decided(first().proposal, { tally: tallied('open'), activateBy }, head(1))).toThrow(
    RangeError,
  );
});
