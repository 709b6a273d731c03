import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Council } from './council.js';
import { VOTES, type Ballot, type Vote } from './proposal.js';
import { tally, type Tally, type TallyInput } from './tally.js';

const DIGEST = 'sha256:new';
const AT = '2026-06-01T00:00:00.000Z';

function councilWith(seats: number | Council['seats'], rules: Partial<Council> = {}): Council {
  return {
    of: 'global',
    seats:
      typeof seats === 'number'
        ? Array.from({ length: seats }, (_, at) => ({ id: `s${at}`, members: [`m${at}`] }))
        : seats,
    quorum: 0.5,
    threshold: 0.5,
    votingPeriod: 'P7D',
    activationPeriod: 'P30D',
    breakGlassPeriod: 'P1D',
    touchedDomainsMustVote: false,
    ...rules,
  };
}

const ballot = (seat: string, vote: Vote, more: Partial<Ballot> = {}): Ballot => ({
  member: seat.replace('s', 'm'),
  seat,
  digest: DIGEST,
  vote,
  at: AT,
  ...more,
});

/** `'+-0.'`: the votes of the seats in order: approve, reject, abstain, none. */
function ballotsOf(votes: string): readonly Ballot[] {
  const meant: Readonly<Record<string, Vote>> = { '+': 'approve', '-': 'reject', '0': 'abstain' };
  return Array.from(votes).flatMap((sign, at) =>
    meant[sign] === undefined ? [] : [ballot(`s${at}`, meant[sign])],
  );
}

const counted = (input: Partial<TallyInput> & Pick<TallyInput, 'council'>): Tally =>
  tally({ ballots: [], digest: DIGEST, author: 'someone', closed: false, ...input });

describe('the outcome of a vote', () => {
  it.each<[string, Partial<Council>, string, Tally['outcome'], Tally['outcome']]>([
    // what is counted, rules, votes, outcome while it is open, outcome when it has ended
    ['nothing voted', {}, '......', 'open', 'expired'],
    ['too few votes', {}, '++....', 'open', 'expired'],
    ['the quorum and all for it, while the others could undo it', {}, '+++...', 'open', 'approved'],
    ['the quorum and all for it, when the others no longer can', {}, '++++..', 'approved', 'approved'],
    ['a tie', {}, '+++---', 'rejected', 'rejected'],
    ['a tie that may be broken', {}, '++--..', 'open', 'rejected'],
    ['abstentions count for the quorum alone', {}, '+00...', 'open', 'approved'],
    ['abstentions alone', {}, '000000', 'rejected', 'rejected'],
    ['abstentions that leave it to those who are missing', {}, '0000..', 'open', 'rejected'],
    ['a majority against', {}, '----..', 'rejected', 'rejected'],
    ['half against, before the quorum is reached', { quorum: 1 }, '---...', 'rejected', 'expired'],
    ['all must vote', { quorum: 1 }, '+++++.', 'open', 'expired'],
    ['all voted', { quorum: 1 }, '+++++-', 'approved', 'approved'],
    ['all must approve', { threshold: 1 }, '+++++-', 'rejected', 'rejected'],
    ['all approve', { threshold: 1 }, '++++++', 'approved', 'approved'],
    ['all of those who do not abstain approve', { threshold: 1 }, '+++++0', 'approved', 'approved'],
    [
      'more than half must approve, also where the threshold is less',
      { threshold: 0.2 },
      '++--00',
      'rejected',
      'rejected',
    ],
  ])('%s', (_, rules, votes, open, ended) => {
    const council = councilWith(votes.length, rules);
    const ballots = ballotsOf(votes);
    expect(counted({ council, ballots }).outcome).toBe(open);
    expect(counted({ council, ballots, closed: true }).outcome).toBe(ended);
  });

  it.each<[number, number, string, Tally['outcome']]>([
    // threshold, seats, votes: shares are taken as they are written
    [0.66, 3, '++-', 'approved'],
    [2 / 3, 3, '++-', 'approved'],
    [0.667, 3, '++-', 'rejected'],
    [0.667, 6, '+++++-', 'approved'],
    [0.6, 5, '+++--', 'approved'],
    [0.7, 10, '+++++++---', 'approved'],
    [0.71, 10, '+++++++---', 'rejected'],
    [0.1, 10, '+++++-----', 'rejected'],
  ])('a threshold of %d of %d seats with %s is %s', (threshold, seats, votes, outcome) => {
    const council = councilWith(seats, { threshold });
    expect(counted({ council, ballots: ballotsOf(votes), closed: true }).outcome).toBe(outcome);
  });

  it.each<[number, number, number]>([
    // quorum as a share, seats, how many of them
    [0.3, 10, 3],
    [0.1, 30, 3],
    [0.7, 10, 7],
    [0.57, 100, 57],
    [0.55, 100, 55],
    [0.5, 6, 3],
    [0.5, 5, 3],
    [0.34, 3, 2],
    [0.01, 3, 1],
    [1, 6, 6],
    [0.5, 0, 1],
  ])('a quorum of %d of %d seats is %d', (quorum, seats, expected) => {
    expect(counted({ council: councilWith(seats, { quorum }) }).quorum).toBe(expected);
  });

  it('is decided by nobody where there are no seats', () => {
    const none = counted({ council: councilWith(0), ballots: [ballot('s0', 'approve')], closed: true });
    expect(none).toMatchObject({ outcome: 'expired', seats: 0, cast: 0, quorum: 1 });
    expect(none.needs[0]).toContain('no member');
    expect(counted({ council: councilWith(0) }).outcome).toBe('open');
  });
});

describe('the ballots that count', () => {
  const council = councilWith([
    { id: 'finance', members: ['jada', 'ivo'] },
    { id: 'sales', members: ['cleo'] },
    { id: 'platform', members: ['sam'] },
  ]);
  const by = (member: string, seat: string, vote: Vote, digest = DIGEST): Ballot =>
    ballot(seat, vote, { member, digest });

  it.each<[string, readonly Ballot[], Partial<Tally>]>([
    [
      'a changed vote is the last one',
      [by('cleo', 'sales', 'approve'), by('cleo', 'sales', 'reject')],
      { cast: 1, approve: 0, reject: 1 },
    ],
    [
      'two members of one seat have one vote, the last one',
      [by('jada', 'finance', 'approve'), by('ivo', 'finance', 'abstain')],
      { cast: 1, approve: 0, abstain: 1 },
    ],
    [
      'a ballot for an earlier bundle says nothing',
      [by('cleo', 'sales', 'approve', 'sha256:old')],
      { cast: 0, missing: ['finance', 'sales', 'platform'] },
    ],
    [
      'a ballot for an earlier bundle takes nothing back either',
      [by('cleo', 'sales', 'approve'), by('cleo', 'sales', 'reject', 'sha256:old')],
      { cast: 1, approve: 1, reject: 0 },
    ],
    ['who left has no vote any more', [by('gone', 'sales', 'approve')], { cast: 0 }],
    [
      'who left leaves the vote of who stayed',
      [by('jada', 'finance', 'approve'), by('gone', 'finance', 'reject')],
      { cast: 1, approve: 1, reject: 0 },
    ],
    ['a seat that is gone has no vote any more', [by('cleo', 'marketing', 'approve')], { cast: 0 }],
    ['a member of another seat does not vote for this one', [by('sam', 'sales', 'approve')], { cast: 0 }],
  ])('%s', (_, ballots, expected) => {
    expect(counted({ council, ballots })).toMatchObject(expected);
  });

  it.each<[string, readonly Ballot[], Tally['outcome']]>([
    [
      'the author alone approves nothing',
      [by('cleo', 'sales', 'approve'), by('sam', 'platform', 'abstain')],
      'rejected',
    ],
    [
      'the author and someone else approve',
      [by('cleo', 'sales', 'approve'), by('sam', 'platform', 'approve')],
      'approved',
    ],
    [
      'someone else alone approves',
      [by('sam', 'platform', 'approve'), by('ivo', 'finance', 'abstain')],
      'approved',
    ],
  ])('%s', (_, ballots, outcome) => {
    expect(counted({ council, ballots, author: 'cleo', closed: true }).outcome).toBe(outcome);
  });

  it('holds on to an approval by another member of the author’s seat', () => {
    const seat = councilWith([{ id: 'finance', members: ['jada', 'ivo'] }]);
    const another = by('ivo', 'finance', 'approve');
    const own = by('jada', 'finance', 'approve');
    const outcome = (...ballots: readonly Ballot[]) =>
      counted({ council: seat, ballots, author: 'jada', closed: true }).outcome;
    expect(outcome(another)).toBe('approved');
    expect(outcome(another, own)).toBe('approved');
    expect(outcome(own, another)).toBe('approved');
    expect(outcome(own)).toBe('rejected');
    expect(outcome(another, by('ivo', 'finance', 'abstain'), own)).toBe('rejected');
    expect(outcome(another, by('jada', 'finance', 'reject'))).toBe('rejected');
  });

  it('says that nothing but the approval of another is missing', () => {
    const standing = counted({
      council,
      ballots: [by('cleo', 'sales', 'approve'), by('sam', 'platform', 'abstain')],
      author: 'cleo',
    });
    expect(standing).toMatchObject({
      outcome: 'open',
      needs: ['an approval by someone else than its author'],
    });
  });
});

describe('the domains that are touched', () => {
  const council = councilWith(4, { touchedDomainsMustVote: true });
  it.each<[string, readonly string[] | undefined, string, Tally['outcome'], readonly string[]]>([
    ['have voted', ['s0'], '+++.', 'approved', []],
    ['have not voted', ['s3'], '+++.', 'open', ['s3']],
    ['are all of them while that is not known', undefined, '+++.', 'open', ['s3']],
    ['are none', [], '+++.', 'approved', []],
    ['have no seat', ['elsewhere'], '+++.', 'approved', []],
    ['abstain', ['s3'], '+++0', 'approved', []],
    ['reject, and are outvoted', ['s3'], '+++-', 'approved', []],
  ])('%s', (_, touched, votes, outcome, missing) => {
    const given = { council, ballots: ballotsOf(votes), ...(touched !== undefined && { touched }) };
    expect(counted(given)).toMatchObject({ outcome, touched_missing: missing });
    if (missing.length > 0) expect(counted({ ...given, closed: true }).outcome).toBe('expired');
  });

  it('need not vote where the manifest does not say so', () => {
    const free = councilWith(4);
    expect(counted({ council: free, ballots: ballotsOf('+++.'), touched: ['s3'] }).outcome).toBe('approved');
  });
});

describe('whatever the council, its rules and the ballots', () => {
  const share = fc.constantFrom(0.01, 0.1, 0.3, 1 / 3, 0.5, 0.6, 0.66, 0.667, 2 / 3, 0.75, 1);
  const member = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'gone');
  const councils = fc
    .record({
      seats: fc.array(fc.uniqueArray(member, { minLength: 1, maxLength: 2 }), { maxLength: 6 }),
      quorum: share,
      threshold: share,
      touchedDomainsMustVote: fc.boolean(),
    })
    .map(({ seats, ...rules }) =>
      councilWith(
        seats.map((members, at) => ({ id: `s${at}`, members })),
        rules,
      ),
    );
  const inputs = councils.chain((council) =>
    fc.record({
      council: fc.constant(council),
      ballots: fc.array(
        fc.record({
          member,
          seat: fc.constantFrom('s0', 's1', 's2', 's3', 's4', 's5', 's9'),
          digest: fc.constantFrom(DIGEST, DIGEST, DIGEST, 'sha256:old'),
          vote: fc.constantFrom(...VOTES),
          at: fc.constant(AT),
        }),
        { maxLength: 14 },
      ),
      digest: fc.constant(DIGEST),
      author: member,
      touched: fc.option(fc.subarray(['s0', 's1', 's2', 's3']), { nil: undefined }),
      closed: fc.boolean(),
    }),
  );
  const tallyOf = ({ touched, ...rest }: Omit<TallyInput, 'touched'> & { touched: string[] | undefined }) =>
    tally({ ...rest, ...(touched !== undefined && { touched }) });
  const check = (property: (input: Parameters<typeof tallyOf>[0], pick: number) => void): void => {
    fc.assert(
      fc.property(inputs, fc.nat(1000), (input, pick) => {
        property(input, pick);
      }),
      { numRuns: 2000 },
    );
  };

  it('the order of ballots of different seats never matters', () => {
    check((input) => {
      const seats = [...new Set(input.ballots.map(({ seat }) => seat))].reverse();
      const regrouped = seats.flatMap((seat) => input.ballots.filter((each) => each.seat === seat));
      expect(tallyOf({ ...input, ballots: regrouped })).toEqual(tallyOf(input));
    });
  });

  it('a vote that has ended is never open, and one that is open never expires', () => {
    check((input) => {
      expect(tallyOf({ ...input, closed: true }).outcome).not.toBe('open');
      expect(tallyOf({ ...input, closed: false }).outcome).not.toBe('expired');
    });
  });

  it('one more approval never makes it worse', () => {
    check((input, pick) => {
      const { seats } = input.council;
      const seat = seats[pick % Math.max(1, seats.length)];
      if (seat === undefined) return;
      const member = seat.members[pick % seat.members.length] ?? '';
      const more = [...input.ballots, ballot(seat.id, 'approve', { member })];
      const [before, after] = [tallyOf(input), tallyOf({ ...input, ballots: more })];
      if (before.outcome === 'approved') expect(after.outcome).toBe('approved');
      if (before.outcome === 'open') expect(after.outcome).not.toBe('rejected');
    });
  });

  it('an approval needs the quorum, a majority, and someone else than the author', () => {
    check((input) => {
      const standing = tallyOf(input);
      expect(standing.cast).toBe(standing.approve + standing.reject + standing.abstain);
      expect(standing.cast + standing.missing.length).toBe(standing.seats);
      expect(standing.needs.length === 0).toBe(tallyOf({ ...input, closed: true }).outcome === 'approved');
      if (standing.outcome !== 'approved') return;
      expect(standing.cast).toBeGreaterThanOrEqual(standing.quorum);
      expect(standing.approve).toBeGreaterThan(standing.reject);
      expect(standing.touched_missing).toEqual([]);
      const others = input.ballots.filter(
        ({ member, vote }) => member !== input.author && vote === 'approve',
      );
      expect(others.length).toBeGreaterThan(0);
    });
  });

  it('what is decided early is what any votes of those who are missing would give', () => {
    check((input) => {
      const { outcome, missing } = tallyOf({ ...input, closed: false });
      if (outcome === 'open') return;
      for (const votes of completions(missing.length)) {
        const cast = missing.flatMap((id, at) => {
          const seat = input.council.seats.find((each) => each.id === id);
          const vote = votes[at];
          return seat === undefined || vote === undefined
            ? []
            : [ballot(id, vote, { member: seat.members[0] ?? '' })];
        });
        const ended = tallyOf({ ...input, ballots: [...input.ballots, ...cast], closed: true });
        // Where not all of them vote, what was rejected may lack its quorum as well; it is not approved.
        if (outcome === 'approved' || cast.length === missing.length) expect(ended.outcome).toBe(outcome);
        else expect(ended.outcome).not.toBe('approved');
      }
    });
  });

  it('what stays open may still be approved, or lacks an approval by another alone', () => {
    check((input) => {
      const standing = tallyOf({ ...input, closed: false });
      if (standing.outcome !== 'open' || standing.seats === 0) return;
      const all = standing.missing.flatMap((id) => {
        const seat = input.council.seats.find((each) => each.id === id);
        const member = seat?.members.find((each) => each !== input.author) ?? seat?.members[0];
        return member === undefined ? [] : [ballot(id, 'approve', { member })];
      });
      const ended = tallyOf({ ...input, ballots: [...input.ballots, ...all], closed: true });
      expect(ended.needs.filter((need) => !need.startsWith('an approval by someone else'))).toEqual([]);
    });
  });
});

/** Every way in which so many may vote, or not vote. */
function completions(seats: number): readonly (readonly (Vote | undefined)[])[] {
  const ways = [...VOTES, undefined];
  return Array.from({ length: seats }).reduce<readonly (readonly (Vote | undefined)[])[]>(
    (all) => all.flatMap((votes) => ways.map((vote) => [...votes, vote])),
    [[]],
  );
}
