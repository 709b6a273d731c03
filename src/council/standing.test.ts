import { expect, it } from 'vitest';
import type { CheckReport, Proposal } from './proposal.js';
import { PROPOSAL_STATES } from './proposal.js';
import { standingOf } from './standing.js';
import type { Tally } from './tally.js';

const proposal: Proposal = {
  id: '1',
  version: 1,
  layer: 'global',
  title: 'Keep less',
  author: 'cleo',
  digest: 'sha256:new',
  base: { revision: 1, digest: 'sha256:old' },
  state: 'open',
  created_at: '2026-06-01T00:00:00.000Z',
  ballots: [],
  comments: [],
  timeline: [],
};
const tally: Tally = {
  outcome: 'approved',
  council: 'global',
  seats: 6,
  quorum: 4,
  cast: 5,
  approve: 4,
  reject: 1,
  abstain: 0,
  missing: ['platform'],
  touched_missing: [],
  needs: [],
};
const standing = (more: Partial<Tally>): Tally => ({ ...tally, outcome: 'open', ...more });
const report = (faults: number): CheckReport => ({
  at: proposal.created_at,
  revision: 1,
  faults: Array.from({ length: faults }, () => ({ message: 'is wrong' })),
  warnings: [],
  tests: { passed: 0, failed: 0 },
});
const emergency = { reason: 'a leak', operator: 'sam', second_operator: 'tess' };
const CLOSES = '2026-06-08T00:00:00.000Z';

const CASES: readonly [string, Partial<Proposal>, Tally?][] = [
  ['is being checked', { state: 'checking' }],
  ['failed its checks: 1 fault', { state: 'failed', checks: report(1) }],
  ['failed its checks: 3 faults', { state: 'failed', checks: report(3) }],
  [
    `needs 4 of 6 votes, 3 so far, missing: finance, healthcare, platform; closes ${CLOSES}`,
    { closes_at: CLOSES },
    standing({ cast: 3, missing: ['finance', 'healthcare', 'platform'], needs: ['4 of 6 votes, 3 so far'] }),
  ],
  [
    `needs the votes of the domains that it touches, 5 of 6 so far, missing: platform; closes ${CLOSES}`,
    { closes_at: CLOSES },
    standing({
      touched_missing: ['platform'],
      needs: ['the votes of the domains that it touches: platform'],
    }),
  ],
  [
    `needs more approvals: 2 for, 2 against, more than half must approve, missing: platform; closes ${CLOSES}`,
    { closes_at: CLOSES },
    standing({ needs: ['more approvals: 2 for, 2 against, more than half must approve'] }),
  ],
  [
    `needs an approval by someone else than its author; closes ${CLOSES}`,
    { closes_at: CLOSES },
    standing({ missing: [], needs: ['an approval by someone else than its author'] }),
  ],
  [
    `has what it needs unless more reject it: 3 for, 0 against, missing: finance, platform; closes ${CLOSES}`,
    { closes_at: CLOSES },
    standing({ approve: 3, reject: 0, missing: ['finance', 'platform'] }),
  ],
  [
    'approved by 4 of 6; may be put in force until 2026-07-08T00:00:00.000Z',
    { state: 'approved', tally, activate_by: '2026-07-08T00:00:00.000Z' },
  ],
  [
    'approved by 4 of 6; comes into force at 2026-06-20T00:00:00.000Z',
    {
      state: 'approved',
      tally,
      activate_by: '2026-07-08T00:00:00.000Z',
      activate_at: '2026-06-20T00:00:00.000Z',
    },
  ],
  [
    'approved by 4 of 6; runs in shadow since 2026-06-09T00:00:00.000Z until 2026-06-16T00:00:00.000Z; may be put in force until 2026-07-08T00:00:00.000Z',
    {
      state: 'shadow',
      tally,
      activate_by: '2026-07-08T00:00:00.000Z',
      shadow: { since: '2026-06-09T00:00:00.000Z', until: '2026-06-16T00:00:00.000Z' },
    },
  ],
  ['in force since revision 7', { state: 'active', tally, revision: 7 }],
  [
    `in force since revision 7 by two operators until ${CLOSES}, unless the council ratifies it: needs 4 of 6 votes, 0 so far, missing: platform`,
    { state: 'active', revision: 7, break_glass: { ...emergency, reverts_at: CLOSES } },
    standing({ cast: 0 }),
  ],
  [
    'in force since revision 7, ratified by 4 of 6',
    {
      state: 'active',
      revision: 7,
      tally,
      break_glass: { ...emergency, reverts_at: CLOSES, ratified_at: '2026-06-07T00:00:00.000Z' },
    },
  ],
  ['was in force since revision 7; another took its place', { state: 'superseded', revision: 7 }],
  [
    `was in force since revision 7; taken back at ${CLOSES}, since it was not ratified`,
    { state: 'superseded', revision: 7, break_glass: { ...emergency, reverted_at: CLOSES } },
  ],
  [
    'rejected: 1 for, 4 against, 0 abstentions',
    {
      state: 'rejected',
      tally: { ...tally, outcome: 'rejected', approve: 1, reject: 4, needs: ['more approvals'] },
    },
  ],
  [
    'rejected: 1 for, 0 against, 1 abstention; needed an approval by someone else than its author',
    {
      state: 'rejected',
      tally: {
        ...tally,
        outcome: 'rejected',
        approve: 1,
        reject: 0,
        abstain: 1,
        needs: ['an approval by someone else than its author'],
      },
    },
  ],
  [
    'expired: needs 4 of 6 votes, 1 so far, missing: platform',
    { state: 'expired', tally: { ...tally, outcome: 'expired', cast: 1, needs: ['4 of 6 votes, 1 so far'] } },
  ],
  [
    'approved by 4 of 6, but not put in force by 2026-07-08T00:00:00.000Z',
    { state: 'expired', tally, activate_by: '2026-07-08T00:00:00.000Z' },
  ],
  ['withdrawn', { state: 'withdrawn' }],
];

it.each(CASES)('%s', (expected, more, counted) => {
  expect(standingOf({ ...proposal, ...more }, counted)).toBe(expected);
});

it('is told of every state', () => {
  expect(new Set(CASES.map(([, { state = 'open' }]) => state))).toEqual(new Set(PROPOSAL_STATES));
});
