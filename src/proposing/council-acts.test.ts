import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROPOSAL_LIMITS } from '../council/proposal-limits.js';
import type { ImpactSummary, Proposal } from '../council/proposal.js';
import { WitanError, type ErrorCode } from '../errors.js';
import {
  acting,
  bundleOf,
  cleo,
  CouncilBench,
  filesOf,
  jada,
  pia,
  sam,
  tess,
} from './testing/council-bench.js';

let bench: CouncilBench;
beforeEach(async () => {
  bench = new CouncilBench();
  await bench.start();
});
afterEach(() => bench.end());

async function refused(act: Promise<unknown>): Promise<WitanError> {
  const thrown: unknown = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (thrown instanceof WitanError) return thrown;
  throw new Error(`not refused: ${String(thrown)}`);
}
const codeOf = async (act: Promise<unknown>): Promise<ErrorCode> => (await refused(act)).code;
const eventsOf = async (id: string): Promise<readonly string[]> =>
  (await bench.records(id)).map(({ kind, event, vote }) => (kind === 'ballot' ? `ballot ${vote}` : event));
const request = (layer = 'global', version = '1.1.0') => ({
  layer,
  title: 'Keep less',
  files: filesOf(layer, version),
});

describe('handing in a proposal', () => {
  it('puts it on record, checks it behind and opens it for the vote', async () => {
    const handedIn = await bench.acts.open({ ...request(), description: 'Because.' }, cleo);
    const { digest } = bundleOf('global', '1.1.0');
    expect(handedIn).toMatchObject({
      id: '1',
      version: 1,
      state: 'checking',
      author: 'cleo',
      digest,
      base: { revision: 1, digest: bundleOf('global', '1.0.0').digest },
      created_at: '2026-06-01T00:00:00.000Z',
    });
    await bench.acts.settled();
    expect(bench.proposal('1')).toMatchObject({
      state: 'open',
      version: 2,
      closes_at: '2026-06-08T00:00:00.000Z',
      checks: { tests: { passed: 3 } },
      impact: { touched: [] },
    });
    const records = await bench.records('1');
    expect(records).toMatchObject([
      {
        kind: 'proposal',
        event: 'opened',
        layer: 'global',
        digest,
        base: 1,
        author: 'cleo',
        caller: cleo.caller,
      },
      { event: 'checked', touched: [], caller: { id: 'witan' } },
    ]);
    expect(records[0]).not.toHaveProperty('domain');
    expect(bench.proposal('1').timeline.map(({ record }) => record)).toEqual(records.map(({ id }) => id));
    expect((await bench.store.bundles.byDigest(digest))?.files).toEqual(filesOf('global', '1.1.0'));
  });

  it('names the domain that a record is about', async () => {
    await bench.acts.open(request('finance'), jada);
    expect((await bench.records('1'))[0]).toMatchObject({ layer: 'finance', domain: 'finance' });
    await bench.acts.settled();
    expect(bench.proposal('1').closes_at).toBe('2026-06-04T00:00:00.000Z');
  });

  it('fails where the checks find faults, and says them', async () => {
    bench.examiner.faults = [{ file: 'policy/p.rego', row: 3, message: 'does not parse' }];
    const { state, checks } = await bench.opened();
    expect({ state, faults: checks?.faults }).toEqual({ state: 'failed', faults: bench.examiner.faults });
    expect(await eventsOf('1')).toEqual(['opened', 'failed']);
    expect((await bench.acts.shown(bench.proposal('1'))).summary).toBe('failed its checks: 1 fault');
  });

  it.each<[string, ErrorCode, () => Promise<unknown>]>([
    ['a steward for `global`', 'forbidden', () => bench.acts.open(request(), acting('x', 'steward:sales'))],
    ['an auditor', 'forbidden', () => bench.acts.open(request('finance'), acting('x', 'auditor'))],
    ['the steward of another domain', 'forbidden', () => bench.acts.open(request('finance'), cleo)],
    [
      'the steward of the domain around it',
      'forbidden',
      () => bench.acts.open(request('finance/risk'), acting('x', 'steward:finance')),
    ],
    [
      'a domain that is not registered',
      'invalid_request',
      () => bench.acts.open(request('nowhere'), acting('x', 'steward:nowhere')),
    ],
    [
      'a layer that is none',
      'invalid_request',
      () => bench.acts.open({ ...request(), layer: 'No' }, acting('x', 'steward')),
    ],
    [
      'the files of another layer',
      'manifest_invalid',
      () => bench.acts.open({ ...request(), files: filesOf('sales', '1.1.0') }, cleo),
    ],
    [
      'files that are no bundle',
      'manifest_invalid',
      () => bench.acts.open({ ...request(), files: [{ path: 'README.md', text: 'x' }] }, cleo),
    ],
    ['what is in force', 'invalid_request', () => bench.acts.open(request('global', '1.0.0'), cleo)],
    [
      'a description that is too long',
      'invalid_request',
      () => bench.acts.open({ ...request(), description: 'é'.repeat(8193) }, cleo),
    ],
    [
      'an emergency of who is no operator',
      'forbidden',
      () => bench.acts.open({ ...request(), break_glass: { reason: 'x' } }, cleo),
    ],
  ])('refuses %s', async (_, code, act) => {
    expect(await codeOf(act())).toBe(code);
    expect([...bench.council.proposals()]).toEqual([]);
    expect(await bench.records('1')).toEqual([]);
  });

  it('says which layers do not go together', async () => {
    const { message } = await refused(
      bench.acts.open({ ...request(), files: filesOf('sales', '1.1.0') }, cleo),
    );
    expect(message).toContain('`sales`');
    expect(message).toContain('`global`');
  });

  it('is bounded for each author, and for the mesh', async () => {
    bench.examiner.touched = undefined;
    for (let at = 1; at <= PROPOSAL_LIMITS.pendingOfAuthor; at += 1) {
      await bench.acts.open(request('global', `1.${at}.0`), cleo);
    }
    expect(await codeOf(bench.acts.open(request('global', '9.0.0'), cleo))).toBe('too_many_items');
    const others = Array.from({ length: PROPOSAL_LIMITS.pending - PROPOSAL_LIMITS.pendingOfAuthor });
    for (const at of others.keys()) {
      await bench.acts.open(request('global', `2.${at}.0`), acting(`u${at}`, 'representative:sales'));
    }
    expect(await codeOf(bench.acts.open(request('global', '9.0.0'), jada))).toBe('too_many_items');
    await bench.acts.withdraw('1', 'not needed', cleo);
    await bench.acts.open(request('global', '9.0.0'), cleo);
    await bench.acts.settled();
    expect(bench.examiner.atOnceMax).toBe(1);
  });
});

describe('editing', () => {
  it('voids all ballots and checks again, on the base of what is in force now', async () => {
    await bench.opened();
    await bench.vote('1', jada);
    const files = filesOf('global', '1.2.0');
    expect(await bench.acts.edit('1', files, cleo)).toMatchObject({ state: 'checking' });
    expect(bench.proposal('1')).not.toHaveProperty('closes_at');
    await bench.acts.settled();
    const now = bench.proposal('1');
    expect(now).toMatchObject({
      state: 'open',
      digest: bundleOf('global', '1.2.0').digest,
      base: { revision: 1 },
    });
    expect((await bench.acts.shown(now)).standing).toMatchObject({ cast: 0 });
    expect(await eventsOf('1')).toEqual(['opened', 'checked', 'ballot approve', 'edited', 'checked']);
  });

  it('is for the author alone, before the end, and for something new', async () => {
    await bench.opened();
    const edit = (version: string, by = cleo) => bench.acts.edit('1', filesOf('global', version), by);
    expect(await codeOf(edit('1.2.0', jada))).toBe('forbidden');
    expect(await codeOf(edit('1.1.0'))).toBe('invalid_request');
    expect(await codeOf(edit('1.0.0'))).toBe('invalid_request');
    await bench.vote('1', jada);
    await edit('1.2.0');
    await bench.acts.settled();
    expect((await refused(edit('1.1.0'))).message).toContain('voted on these very files before');
    expect(await codeOf(bench.acts.edit('7', filesOf('global', '1.3.0'), cleo))).toBe('not_found');
    expect(await codeOf(bench.acts.edit('1', filesOf('sales', '1.3.0'), cleo))).toBe('manifest_invalid');
    await bench.acts.withdraw('1', 'no', cleo);
    expect(await codeOf(edit('1.3.0'))).toBe('proposal_closed');
  });

  it('checks the same files again where they had failed', async () => {
    bench.examiner.faults = [{ message: 'is wrong' }];
    await bench.opened();
    bench.examiner.faults = [];
    await bench.acts.edit('1', filesOf('global', '1.1.0'), cleo);
    await bench.acts.settled();
    expect(bench.proposal('1').state).toBe('open');
  });

  it('drops what was found out about the files before', async () => {
    const { reached, goOn } = bench.examiner.hold('beforeCheck');
    await bench.acts.open(request(), cleo);
    await reached;
    await bench.acts.edit('1', filesOf('global', '1.2.0'), cleo);
    bench.examiner.faults = [{ message: 'is wrong' }];
    goOn();
    await bench.acts.settled();
    expect(bench.examiner.checked).toEqual([
      bundleOf('global', '1.1.0').digest,
      bundleOf('global', '1.2.0').digest,
    ]);
    expect(bench.proposal('1').state).toBe('failed');
    expect(await eventsOf('1')).toEqual(['opened', 'edited', 'failed']);
  });
});

describe('voting', () => {
  it('approves as soon as those who are missing could not change it', async () => {
    await bench.opened();
    await bench.vote('1', cleo);
    await bench.vote('1', jada);
    expect(bench.proposal('1').state).toBe('open');
    const decided = await bench.vote('1', sam);
    expect(decided).toMatchObject({
      state: 'approved',
      decided_at: '2026-06-01T00:00:00.000Z',
      activate_by: '2026-07-01T00:00:00.000Z',
      tally: { outcome: 'approved', approve: 3, seats: 4 },
    });
    const records = await bench.records('1');
    expect(records.slice(2)).toMatchObject([
      { kind: 'ballot', seat: 'sales', vote: 'approve', caller: cleo.caller, digest: decided.digest },
      { kind: 'ballot', seat: 'finance', vote: 'approve' },
      { kind: 'ballot', seat: 'platform', vote: 'approve' },
      { event: 'approved', tally: { approve: 3 }, touched: [], author: 'cleo', caller: { id: 'witan' } },
    ]);
    expect(decided.version).toBe(records.length);
    expect(await codeOf(bench.vote('1', pia))).toBe('proposal_closed');
  });

  it('lets a member change a vote, and gives one seat one vote', async () => {
    await bench.opened();
    await bench.vote('1', jada, 'reject');
    await bench.vote('1', acting('ivo', 'representative:finance'), 'abstain');
    await bench.acts.vote(
      '1',
      { vote: 'approve', digest: bench.proposal('1').digest, comment: 'After all.' },
      jada,
    );
    const { standing } = await bench.acts.shown(bench.proposal('1'));
    expect(standing).toMatchObject({ cast: 1, approve: 1, reject: 0, abstain: 0 });
    expect((await bench.records('1')).at(-1)).toMatchObject({ vote: 'approve', reason: 'After all.' });
  });

  it('rejects when nothing could save it', async () => {
    await bench.opened();
    await bench.vote('1', jada, 'reject');
    expect(await bench.vote('1', sam, 'reject')).toMatchObject({ state: 'rejected', tally: { reject: 2 } });
    expect(bench.proposal('1')).not.toHaveProperty('activate_by');
    expect(await eventsOf('1')).toEqual(['opened', 'checked', 'ballot reject', 'ballot reject', 'rejected']);
  });

  it('waits for the domains that are touched', async () => {
    bench.examiner.touched = ['healthcare'];
    await bench.opened();
    await bench.vote('1', jada);
    await bench.vote('1', sam);
    expect((await bench.vote('1', cleo)).state).toBe('open');
    expect((await bench.acts.shown(bench.proposal('1'))).summary).toBe(
      'needs the votes of the domains that it touches, 3 of 4 so far, missing: healthcare; closes 2026-06-08T00:00:00.000Z',
    );
    expect(await bench.vote('1', pia, 'abstain')).toMatchObject({ state: 'approved' });
    expect((await bench.records('1')).at(-1)).toMatchObject({ event: 'approved', touched: ['healthcare'] });
  });

  it('takes every domain for touched where the impact is not known', async () => {
    bench.examiner.touched = undefined;
    expect(await bench.opened()).not.toHaveProperty('impact');
    for (const member of [cleo, jada, sam]) await bench.vote('1', member);
    expect(bench.proposal('1').state).toBe('open');
    await bench.vote('1', pia);
    expect(bench.proposal('1').state).toBe('approved');
    expect((await bench.records('1')).at(-1)).not.toHaveProperty('touched');
  });

  it('is by the council of the layer: the stewards of a domain, or of the one around it', async () => {
    await bench.opened(jada, { layer: 'finance' });
    expect(await codeOf(bench.vote('1', cleo))).toBe('forbidden');
    await bench.vote('1', acting('kurt', 'steward:finance'));
    expect((await bench.records('1')).at(-1)).toMatchObject({ seat: 'kurt', domain: 'finance' });
    await bench.opened(acting('lena', 'steward:finance/risk'), { layer: 'finance/risk' });
    await bench.vote('2', jada);
    expect((await bench.acts.shown(bench.proposal('2'))).standing).toMatchObject({
      council: 'finance',
      cast: 1,
    });
  });

  it.each<[string, ErrorCode, () => Promise<unknown>]>([
    ['who has no seat', 'forbidden', () => bench.vote('1', acting('bob', 'representative:sales'))],
    ['who has a seat and not its role', 'forbidden', () => bench.vote('1', acting('cleo', 'steward:sales'))],
    ['an auditor', 'forbidden', () => bench.vote('1', acting('uma', 'auditor'))],
    [
      'a ballot for other files',
      'ballot_outdated',
      () => bench.acts.vote('1', { vote: 'approve', digest: 'sha256:x' }, cleo),
    ],
    [
      'a proposal that there is not',
      'not_found',
      () => bench.acts.vote('7', { vote: 'approve', digest: 'sha256:x' }, cleo),
    ],
    [
      'a comment that is too long',
      'invalid_request',
      () =>
        bench.acts.vote(
          '1',
          { vote: 'approve', digest: bench.proposal('1').digest, comment: 'x'.repeat(4097) },
          cleo,
        ),
    ],
  ])('refuses %s', async (_, code, act) => {
    await bench.opened();
    expect(await codeOf(act())).toBe(code);
    expect(await eventsOf('1')).toEqual(['opened', 'checked']);
  });

  it('is refused before it is open, and while it is checked again', async () => {
    bench.examiner.faults = [{ message: 'is wrong' }];
    await bench.opened();
    expect(await codeOf(bench.vote('1', jada))).toBe('proposal_closed');
  });

  it('is bounded for each member', async () => {
    await bench.opened();
    for (let cast = 0; cast < PROPOSAL_LIMITS.ballotsOfMember; cast += 1)
      await bench.vote('1', pia, 'abstain');
    expect(await codeOf(bench.vote('1', pia))).toBe('too_many_items');
    await bench.vote('1', jada);
  });

  it('comes one after the other: none is lost, and the decision comes once', async () => {
    await bench.opened();
    const cast = await Promise.allSettled([cleo, jada, sam, pia].map((member) => bench.vote('1', member)));
    expect(cast.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect((await eventsOf('1')).filter((event) => event === 'approved')).toEqual(['approved']);
  });
});

describe('the clock', () => {
  it('closes a vote and decides it by what was cast', async () => {
    await bench.opened();
    await bench.vote('1', jada);
    await bench.vote('1', pia);
    expect(bench.acts.nextDueMs()).toBe(Date.parse('2026-06-08T00:00:00Z'));
    bench.passDays(6.99);
    await bench.tick();
    expect(bench.proposal('1').state).toBe('open');
    bench.passDays(0.01);
    await bench.tick();
    expect(bench.proposal('1')).toMatchObject({ state: 'approved', activate_by: '2026-07-08T00:00:00.000Z' });
  });

  it('lets a vote expire that had no quorum', async () => {
    await bench.opened();
    await bench.vote('1', jada);
    bench.passDays(7);
    await bench.tick();
    await bench.tick();
    expect(bench.proposal('1')).toMatchObject({ state: 'expired', tally: { outcome: 'expired', cast: 1 } });
    expect(await eventsOf('1')).toEqual(['opened', 'checked', 'ballot approve', 'expired']);
    expect(bench.acts.nextDueMs()).toBeUndefined();
  });

  it('takes no ballot after the end, also when the clock is late', async () => {
    await bench.opened();
    await bench.vote('1', jada);
    bench.passDays(8);
    expect(await codeOf(bench.vote('1', pia))).toBe('proposal_closed');
    expect(await eventsOf('1')).toEqual(['opened', 'checked', 'ballot approve', 'expired']);
  });

  it('ends an approval that was not put in force in time', async () => {
    await bench.opened();
    for (const member of [cleo, jada, sam]) await bench.vote('1', member);
    expect(bench.acts.nextDueMs()).toBe(Date.parse('2026-07-01T00:00:00Z'));
    bench.passDays(30);
    await bench.tick();
    expect(bench.proposal('1')).toMatchObject({ state: 'expired', tally: { outcome: 'approved' } });
    expect((await bench.records('1')).at(-1)).toMatchObject({
      event: 'expired',
      reason: 'not in force by 2026-07-01T00:00:00.000Z',
      tally: { approve: 3 },
    });
  });

  it('leaves what is scheduled for the very end to its activation for a minute', async () => {
    await bench.opened();
    for (const member of [cleo, jada, sam]) await bench.vote('1', member);
    const now = bench.proposal('1');
    bench.council.apply({ kind: 'put_proposal', proposal: { ...now, activate_at: now.activate_by ?? '' } });
    bench.passDays(30);
    await bench.tick();
    expect(bench.proposal('1').state).toBe('approved');
    bench.nowMs += 60_000;
    await bench.tick();
    expect(bench.proposal('1').state).toBe('expired');
  });

  it('tries the others where one cannot be recorded, and says so', async () => {
    await bench.opened();
    await bench.opened(jada, { version: '1.2.0' });
    bench.passDays(7);
    bench.beforeCommit = (record) => {
      if (record.kind === 'proposal' && record.proposal === '1')
        throw new WitanError('overloaded', 'too much');
    };
    expect(await codeOf(bench.tick())).toBe('overloaded');
    expect([bench.proposal('1').state, bench.proposal('2').state]).toEqual(['open', 'expired']);
    bench.beforeCommit = () => undefined;
    await bench.tick();
    expect(bench.proposal('1').state).toBe('expired');
  });
});

describe('after a crash', () => {
  it('a proposal that was being checked is checked again', async () => {
    const { reached } = bench.examiner.hold('beforeCheck');
    await bench.acts.open(request(), cleo);
    await reached;
    await bench.start();
    expect(bench.proposal('1').state).toBe('checking');
    await bench.tick();
    await bench.acts.settled();
    expect(bench.proposal('1').state).toBe('open');
    expect(await eventsOf('1')).toEqual(['opened', 'checked']);
  });

  it('a proposal whose impact was being found out is checked again', async () => {
    const { reached } = bench.examiner.hold('beforeImpact');
    await bench.acts.open(request(), cleo);
    await reached;
    await bench.start();
    await bench.tick();
    await bench.acts.settled();
    expect(bench.examiner.checked).toHaveLength(2);
    expect(bench.proposal('1').state).toBe('open');
  });

  it('a vote that was decided by the last ballot is decided', async () => {
    await bench.opened();
    await bench.vote('1', cleo);
    await bench.vote('1', jada);
    bench.beforeCommit = ({ kind }) => {
      if (kind === 'proposal') throw new WitanError('audit_unavailable', 'the disk is full');
    };
    expect((await bench.vote('1', sam)).state).toBe('open');
    expect(bench.warnings.join()).toContain('could not be decided yet: the disk is full');
    bench.beforeCommit = () => undefined;
    await bench.start();
    expect(bench.proposal('1')).toMatchObject({ state: 'open', ballots: [{}, {}, {}] });
    await bench.tick();
    expect(bench.proposal('1').state).toBe('approved');
    expect((await eventsOf('1')).slice(-2)).toEqual(['ballot approve', 'approved']);
  });

  it('everything is as it was', async () => {
    await bench.opened();
    await bench.vote('1', cleo);
    await bench.acts.comment('1', 'Why?', pia);
    const before = bench.proposal('1');
    await bench.start();
    expect(bench.proposal('1')).toEqual(before);
  });
});

describe('a check that cannot be made', () => {
  it('is tried again with the clock, and failed in the end', async () => {
    const trouble = () => new WitanError('toolchain_failed', 'the toolchain is gone');
    bench.examiner.failures = [trouble(), trouble(), trouble()];
    await bench.opened();
    expect(bench.proposal('1').state).toBe('checking');
    await bench.tick();
    await bench.acts.settled();
    expect(bench.proposal('1').state).toBe('checking');
    await bench.tick();
    await bench.acts.settled();
    expect(bench.proposal('1')).toMatchObject({
      state: 'failed',
      checks: {
        faults: [{ code: 'toolchain_failed', message: 'could not be checked: the toolchain is gone' }],
      },
    });
    expect(bench.warnings).toHaveLength(3);
  });

  it('does not stand in the way of the next one', async () => {
    bench.examiner.failures = [new Error('secret path')];
    await bench.acts.open(request(), cleo);
    await bench.acts.open(request('global', '1.2.0'), jada);
    await bench.acts.settled();
    expect([bench.proposal('1').state, bench.proposal('2').state]).toEqual(['checking', 'open']);
    await bench.tick();
    await bench.acts.settled();
    expect(bench.proposal('1').state).toBe('open');
  });

  it('tells nobody but the operator what broke inside', async () => {
    bench.examiner.failures = [new Error('secret'), new Error('secret'), new Error('secret')];
    await bench.opened();
    for (let tick = 0; tick < 2; tick += 1) {
      await bench.tick();
      await bench.acts.settled();
    }
    expect(bench.proposal('1').state).toBe('failed');
    expect(JSON.stringify(bench.proposal('1'))).not.toContain('secret');
  });

  it('leaves no trace when the service stops', async () => {
    const { reached, goOn } = bench.examiner.hold('beforeCheck');
    await bench.acts.open(request(), cleo);
    await reached;
    await bench.acts.open(request('global', '1.2.0'), cleo);
    const stopped = bench.acts.stop();
    goOn();
    await stopped;
    expect(bench.examiner.checked).toHaveLength(1);
    expect(bench.proposal('1').state).toBe('checking');
  });

  it('opens where the impact alone could not be found out', async () => {
    bench.examiner.beforeImpact = () => Promise.reject(new Error('out of memory'));
    expect((await bench.opened()).state).toBe('open');
    expect(bench.warnings).toEqual(['the impact of proposal 1 was not found out: out of memory']);
  });

  it('keeps the impact that was found out meanwhile', async () => {
    const found: ImpactSummary = {
      at: '2026-06-01T00:00:00.000Z',
      digest: bundleOf('global', '1.1.0').digest,
      touched: ['sales'],
      newly_denied: 1,
      newly_permitted: 0,
      newly_non_compliant: 0,
      newly_compliant: 0,
    };
    bench.examiner.beforeImpact = () => {
      bench.council.apply({ kind: 'put_proposal', proposal: { ...bench.proposal('1'), impact: found } });
      bench.examiner.touched = undefined;
      return Promise.reject(new Error('cancelled'));
    };
    expect(await bench.opened()).toMatchObject({ state: 'open', impact: found });
  });
});

describe('comments', () => {
  it('are for those who have a say', async () => {
    await bench.opened(jada, { layer: 'finance' });
    const comment = (by = jada, text = 'Why?') => bench.acts.comment('1', text, by);
    expect((await comment()).comments).toEqual([
      { author: 'jada', text: 'Why?', at: '2026-06-01T00:00:00.000Z' },
    ]);
    await comment(tess);
    expect(await codeOf(comment(cleo))).toBe('not_found');
    expect(await codeOf(comment(acting('uma', 'auditor')))).toBe('forbidden');
    expect(await codeOf(comment(acting('uma', 'auditor:finance')))).toBe('forbidden');
    expect(await codeOf(comment(acting('gate', 'enforcement_point')))).toBe('forbidden');
    expect(await codeOf(comment(jada, 'é'.repeat(2049)))).toBe('invalid_request');
    expect((await bench.records('1')).at(-1)).toMatchObject({
      event: 'commented',
      reason: 'Why?',
      domain: 'finance',
    });
    await bench.acts.withdraw('1', 'no', jada);
    expect(await codeOf(comment())).toBe('proposal_closed');
  });

  it('are bounded', async () => {
    const { comments, ...rest } = await bench.opened();
    const full = Array.from({ length: PROPOSAL_LIMITS.comments }, () => ({
      author: 'pia',
      text: 'x',
      at: rest.created_at,
    }));
    bench.council.apply({ kind: 'put_proposal', proposal: { ...rest, comments: [...comments, ...full] } });
    expect(await codeOf(bench.acts.comment('1', 'one more', pia))).toBe('too_many_items');
  });
});

describe('withdrawing', () => {
  it('is for the author or an operator, before the end', async () => {
    await bench.opened();
    expect(await codeOf(bench.acts.withdraw('1', 'no', jada))).toBe('forbidden');
    expect(await bench.acts.withdraw('1', 'a mistake', cleo)).toMatchObject({ state: 'withdrawn' });
    expect((await bench.records('1')).at(-1)).toMatchObject({
      event: 'withdrawn',
      reason: 'a mistake',
      caller: cleo.caller,
    });
    expect(await codeOf(bench.acts.withdraw('1', 'again', cleo))).toBe('proposal_closed');
    await bench.opened(jada, { version: '1.2.0' });
    expect(await bench.acts.withdraw('2', 'spam', tess)).toMatchObject({ state: 'withdrawn' });
  });

  it('while it is checked leaves it withdrawn', async () => {
    const { reached, goOn } = bench.examiner.hold('beforeCheck');
    await bench.acts.open(request(), cleo);
    await reached;
    await bench.acts.withdraw('1', 'no', cleo);
    goOn();
    await bench.acts.settled();
    expect(bench.proposal('1').state).toBe('withdrawn');
  });
});

describe('two proposals of one layer', () => {
  const inForce = (proposal: Proposal) => (revision: number) =>
    ({ ...proposal, version: proposal.version + 1, state: 'active', revision }) as const;

  it('know of each other, and may both go on', async () => {
    await bench.opened();
    await bench.opened(jada, { version: '1.2.0' });
    await bench.opened(jada, { layer: 'finance' });
    expect((await bench.acts.shown(bench.proposal('1'))).conflict).toMatchObject({ with: '2' });
    expect((await bench.acts.shown(bench.proposal('2'))).conflict).toMatchObject({ with: '1' });
    expect(await bench.acts.shown(bench.proposal('3'))).not.toHaveProperty('conflict');
    await bench.vote('1', pia);
    await bench.vote('2', pia);
  });

  it('must be edited once the other one is in force', async () => {
    await bench.opened();
    await bench.opened(jada, { version: '1.2.0' });
    for (const member of [cleo, jada, sam]) await bench.vote('1', member);
    await bench.putInForce(bundleOf('global', '1.1.0'), inForce(bench.proposal('1')));
    const { conflict } = await bench.acts.shown(bench.proposal('2'));
    expect(conflict).toMatchObject({ with: '1' });
    expect(conflict?.message).toContain('edit it to go on');
    const { code, message } = await refused(bench.vote('2', pia));
    expect({ code, message }).toEqual({ code: 'revision_moved', message: conflict?.message });
    await bench.acts.edit('2', filesOf('global', '1.3.0'), jada);
    await bench.acts.settled();
    expect(bench.proposal('2')).toMatchObject({
      base: { revision: 2, digest: bundleOf('global', '1.1.0').digest },
    });
    expect(await bench.acts.shown(bench.proposal('2'))).not.toHaveProperty('conflict');
    await bench.vote('2', pia);
  });
});

describe('an emergency', () => {
  const emergency = async (council?: string): Promise<Proposal> => {
    await bench.opened(sam, council === undefined ? {} : { council }, { break_glass: { reason: 'a leak' } });
    const open = bench.proposal('1');
    expect(open).toMatchObject({ state: 'open', break_glass: { reason: 'a leak', operator: 'sam' } });
    const before = bench.current.law.bundles.get('global')?.digest ?? '';
    await bench.putInForce(bundleOf('global', '1.1.0', council), (revision) => ({
      ...open,
      version: open.version + 1,
      state: 'active',
      revision,
      break_glass: {
        reason: 'a leak',
        operator: 'sam',
        second_operator: 'tess',
        reverts_at: '2026-06-02T00:00:00.000Z',
        previous_digest: before,
      },
    }));
    return bench.proposal('1');
  };

  it('is ratified by the council, while it is in force', async () => {
    expect((await bench.acts.shown(await emergency())).summary).toBe(
      'in force since revision 2 by two operators until 2026-06-02T00:00:00.000Z, unless the council ratifies it: needs 2 of 4 votes, 0 so far, missing: finance, healthcare, platform, sales',
    );
    for (const member of [cleo, jada, pia]) await bench.vote('1', member);
    expect(bench.proposal('1')).toMatchObject({
      state: 'active',
      tally: { outcome: 'approved' },
      break_glass: { ratified_at: '2026-06-01T00:00:00.000Z' },
    });
    expect((await bench.records('1')).at(-1)).toMatchObject({
      event: 'ratified',
      tally: { approve: 3 },
      author: 'sam',
    });
    expect(await codeOf(bench.vote('1', sam))).toBe('proposal_closed');
  });

  it('is ratified at its end by those who voted', async () => {
    await emergency();
    await bench.vote('1', cleo);
    await bench.vote('1', jada);
    expect(bench.proposal('1').break_glass).not.toHaveProperty('ratified_at');
    expect(bench.acts.nextDueMs()).toBe(Date.parse('2026-06-02T00:00:00Z'));
    bench.passDays(1);
    await bench.tick();
    expect(bench.proposal('1').break_glass).toHaveProperty('ratified_at');
  });

  it('takes no more votes after its end, and is left to be taken back', async () => {
    await emergency();
    await bench.vote('1', cleo, 'reject');
    bench.passDays(1);
    expect(await codeOf(bench.vote('1', jada))).toBe('proposal_closed');
    await bench.tick();
    expect(bench.proposal('1')).toMatchObject({ state: 'active' });
    expect(bench.proposal('1').break_glass).not.toHaveProperty('ratified_at');
  });

  it('that puts others on the council is ratified by those who were on it before', async () => {
    await emergency('{ members: { platform: [sam, tess] }, quorum: 0.1 }');
    const usurper = acting('tess', 'operator', 'representative:platform');
    expect(await codeOf(bench.vote('1', usurper))).toBe('forbidden');
    await bench.vote('1', sam);
    expect(bench.proposal('1').break_glass).not.toHaveProperty('ratified_at');
    expect((await bench.acts.shown(bench.proposal('1'))).standing).toMatchObject({ seats: 4, cast: 1 });
    for (const member of [cleo, jada]) await bench.vote('1', member);
    expect(bench.proposal('1').break_glass).toHaveProperty('ratified_at');
  });
});

describe('reading', () => {
  beforeEach(async () => {
    await bench.opened();
    await bench.opened(jada, { layer: 'finance' });
    await bench.opened(acting('lena', 'steward:finance/risk'), { layer: 'finance/risk' });
    await bench.opened(cleo, { layer: 'sales' });
  });
  const idsFor = (...roles: readonly string[]): readonly string[] =>
    bench.acts.list({ limit: 10 }, { id: 'someone', roles }).proposals.map(({ id }) => id);

  it.each<[readonly string[], readonly string[]]>([
    [['auditor'], ['4', '3', '2', '1']],
    [['operator'], ['4', '3', '2', '1']],
    [['steward:finance'], ['2', '1']],
    [['auditor:finance/risk'], ['3', '1']],
    [['representative:healthcare'], ['1']],
    [
      ['steward:sales', 'auditor:finance'],
      ['4', '2', '1'],
    ],
  ])('with %j shows %j, the newest first', (roles, ids) => {
    expect(idsFor(...roles)).toEqual(ids);
  });

  it('is for those who have a role in it', () => {
    expect(() => idsFor('enforcement_point')).toThrow(WitanError);
    expect(() => idsFor()).toThrow(WitanError);
  });

  it('shows members what they decide, also in another layer', () => {
    const seen = bench.acts.list({ limit: 10 }, jada.caller).proposals.map(({ id }) => id);
    // `finance/risk` has no council of its own, so finance decides; `sales` has none either, so `global` does.
    expect(seen).toEqual(['4', '3', '2', '1']);
  });

  it('goes by pages, and by state and layer', async () => {
    const { caller } = tess;
    const first = bench.acts.list({ limit: 3 }, caller);
    expect(first.proposals.map(({ id }) => id)).toEqual(['4', '3', '2']);
    expect(bench.acts.list({ limit: 3, after: first.next ?? '' }, caller)).toMatchObject({
      proposals: [{ id: '1' }],
    });
    expect(bench.acts.list({ limit: 3, after: first.next ?? '' }, caller)).not.toHaveProperty('next');
    await bench.acts.withdraw('2', 'no', jada);
    expect(bench.acts.list({ limit: 9, state: 'withdrawn' }, caller).proposals).toMatchObject([{ id: '2' }]);
    expect(bench.acts.list({ limit: 9, layer: 'sales' }, caller).proposals).toMatchObject([{ id: '4' }]);
  });
});
