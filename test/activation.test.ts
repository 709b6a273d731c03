import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { App } from '../src/app.js';
import { verifyLog } from '../src/audit/verify-log.js';
import { proposalRecord } from '../src/council/advance.js';
import { openLogSource } from '../src/store/sqlite/log/open-log-source.js';
import { tokenOf } from './tokens.js';
import { as, CouncilMesh, denies, PERMIT, seedOf, SID, SILENT } from './council-mesh.js';

const mesh = new CouncilMesh(seedOf({ global: PERMIT, sales: SILENT, finance: SILENT }));
beforeAll(() => mesh.start());
afterAll(() => mesh.stop());

const layersOf = ({ current }: App) => current.policies.layers;

describe('a proposal that was approved', () => {
  it('comes into force with a revision of its own, and what was in force is superseded', async () => {
    const first = await mesh.approved(denies('first'), {
      layer: 'sales',
      votes: [
        ['sid', 'sid', 'approve'],
        ['sue', 'sue', 'approve'],
      ],
    });
    const before = layersOf(mesh.app);
    const activated = await mesh.app.activation.activate(first.id, { reason: 'now' }, SID);
    expect(activated).toMatchObject({ state: 'active', revision: 2 });
    expect(await mesh.decide()).toMatchObject({
      decision: false,
      context: { revision: 2, reasons: [{ message: 'first' }] },
    });
    // Other layers stay the very objects that they were: nothing of them is compiled again.
    expect(layersOf(mesh.app).get('finance')).toBe(before.get('finance'));
    expect(layersOf(mesh.app).get('global')).toBe(before.get('global'));
    const record = (await mesh.records('kind=activation'))[0]?.record;
    expect(record).toMatchObject({
      by: 'council',
      layer: 'sales',
      domain: 'sales',
      digest: first.digest,
      previous: before.get('sales')?.digest,
      proposal: first.id,
      revision: 2,
      reason: 'now',
    });
    expect(record.layers).toHaveLength(3);

    const second = await mesh.approved(denies('second'), {
      layer: 'sales',
      votes: [
        ['sid', 'sid', 'approve'],
        ['sue', 'sue', 'approve'],
      ],
    });
    await mesh.app.activation.activate(second.id, {}, SID);
    expect(mesh.app.council.proposal(first.id)).toMatchObject({ state: 'superseded' });
    expect(mesh.app.council.proposal(second.id)).toMatchObject({ state: 'active', revision: 3 });
    expect((await mesh.decide()).context.reasons).toMatchObject([{ message: 'second' }]);
  });

  it('is sealed with all that decided it before it, and itself at once', async () => {
    const last = await mesh.approved({ ...PERMIT, version: '1.0.1' });
    await mesh.app.activation.activate(last.id, {}, SID);
    const { tree, records } = mesh.app.store;
    expect((await tree.checkpoint())?.size).toBe(await records.size());
  });
});

describe('what does not come into force', () => {
  const votes = [
    ['sid', 'sid', 'approve'],
    ['sue', 'sue', 'approve'],
  ] as const;
  const sales = { layer: 'sales', votes };
  const activating = (id: string, acting = SID) => mesh.app.activation.activate(id, {}, acting);

  test('what is not there, not approved, or asked for by someone who has no say', async () => {
    await expect(activating('999')).rejects.toMatchObject({ code: 'not_found' });
    const open = await mesh.propose(denies('open'), sales);
    await expect(activating(open.id)).rejects.toMatchObject({
      code: 'proposal_not_approved',
      message: expect.stringContaining('1 of 2 votes, 0 so far'),
    });
    const approved = await mesh.approved(denies('approved'), { ...sales, author: 'sue' });
    await expect(activating(approved.id, as('eve', 'steward:sales'))).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(activating(approved.id, as('sid', 'steward:finance'))).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('what another proposal of its layer overtook', async () => {
    const [one, two] = [await mesh.approved(denies('one'), sales), await mesh.approved(denies('two'), sales)];
    const outcomes = await Promise.allSettled([activating(one.id), activating(two.id)]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: { state: 'active' } },
      { status: 'rejected', reason: { code: 'revision_moved' } },
    ]);
    expect((outcomes[1] as PromiseRejectedResult).reason.message).toContain(`proposal ${one.id}`);
    expect(mesh.app.council.proposal(two.id)).toMatchObject({ state: 'approved' });
  });

  test('what does not pass its checks on the other layers as they are now', async () => {
    const needy = await mesh.approved(
      {
        rules: 'deny contains {"message": data.mesh.global.lib.words.no}\nimport data.mesh.global.lib.words',
        manifest: '',
      },
      sales,
    );
    const moved = await mesh.approved({ ...PERMIT, version: '1.2.0' });
    await activating(moved.id);
    await expect(activating(needy.id)).rejects.toMatchObject({
      code: 'revision_moved',
      faults: expect.arrayContaining([expect.objectContaining({ code: 'rego_compile_error' })]),
    });
    expect(mesh.app.council.proposal(needy.id)).toMatchObject({ state: 'approved' });
  });

  test('what the ballots in the log do not approve, whatever the proposal says', async () => {
    const few = await mesh.approve(await mesh.propose(denies('few'), sales));
    await expect(activating(few.id)).rejects.toMatchObject({
      code: 'proposal_not_approved',
      message: expect.stringContaining('the ballots in the log do not approve it'),
    });
    const alone = await mesh.vote(await mesh.propose(denies('alone'), sales), {
      votes: [['sid', 'sid', 'approve']],
    });
    expect(alone.state).toBe('open');
    await mesh.approve(alone);
    await expect(activating(alone.id)).rejects.toMatchObject({
      message: expect.stringContaining('an approval by someone else'),
    });
  });

  test('what was approved too long ago', async () => {
    const late = await mesh.approved(denies('late'), sales);
    mesh.nowMs += 31 * 86_400_000;
    await expect(activating(late.id)).rejects.toMatchObject({ code: 'proposal_not_approved' });
  });
});

describe('libraries', () => {
  it('are taken up by the layers below when they change', async () => {
    const library = (word: string) => ({
      ...PERMIT,
      files: { 'lib/words.rego': `package mesh.global.lib.words\n\nword := "${word}"\n` },
    });
    await mesh.app.activation.activate((await mesh.approved(library('old'))).id, {}, SID);
    const finance = await mesh.approved(
      { rules: 'import data.mesh.global.lib.words\n\ndeny contains {"message": words.word} if true' },
      { layer: 'finance', author: 'sid', votes: [['fay', 'fay', 'approve']] },
    );
    await mesh.app.activation.activate(finance.id, {}, SID);
    expect((await mesh.decide('finance')).context.reasons).toMatchObject([{ message: 'old' }]);
    await mesh.app.activation.activate((await mesh.approved(library('new'))).id, {}, SID);
    expect((await mesh.decide('finance')).context.reasons).toMatchObject([{ message: 'new' }]);
  });
});

describe('a scheduled activation', () => {
  it('comes into force by itself, not before its time', async () => {
    const { id } = await mesh.approved({ ...PERMIT, version: '3.0.0' });
    const at = new Date(mesh.nowMs + 3_600_000).toISOString();
    const { activation, council } = mesh.app;
    expect(await activation.activate(id, { at }, SID)).toMatchObject({ state: 'approved', activate_at: at });
    await activation.tick();
    expect(council.proposal(id)).toMatchObject({ state: 'approved' });
    mesh.nowMs += 3_600_000;
    await activation.tick();
    expect(council.proposal(id)).toMatchObject({ state: 'active' });
    expect(council.proposal(id)).not.toHaveProperty('activate_at');
    const last = (await mesh.records('kind=activation')).at(-1);
    expect(last?.record).toMatchObject({ caller: { id: 'witan' }, proposal: id });
  });

  it('is given up, and says so, when another came between', async () => {
    const { activation, council } = mesh.app;
    const [late, first] = [
      await mesh.approved({ ...PERMIT, version: '4.0.0' }),
      await mesh.approved({ ...PERMIT, version: '4.1.0' }),
    ];
    await activation.activate(late.id, { at: new Date(mesh.nowMs + 1000).toISOString() }, SID);
    await activation.activate(first.id, {}, SID);
    mesh.nowMs += 1000;
    await activation.tick();
    await activation.tick();
    expect(council.proposal(late.id)).toMatchObject({ state: 'approved' });
    expect(council.proposal(late.id)).not.toHaveProperty('activate_at');
    const events = await mesh.records(`kind=proposal&proposal=${late.id}`);
    expect(events.map(({ record }) => record.event)).toEqual([
      'opened',
      'approved',
      'scheduled',
      'scheduled',
    ]);
    expect(events.at(-1)?.record.reason).toContain('based on revision');
  });

  it.each([-1, 0, 40 * 86_400_000])('is refused %d ms from now', async (ms) => {
    const { id } = await mesh.approved({ ...PERMIT, version: '5.0.0' });
    const at = new Date(mesh.nowMs + ms).toISOString();
    await expect(mesh.app.activation.activate(id, { at }, SID)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});

describe('an emergency', () => {
  const opal = as('opal', 'operator');
  const otto = as('otto', 'operator');

  it('is put in force by another operator alone, and goes back by itself', async () => {
    const { activation, council } = mesh.app;
    const before = layersOf(mesh.app).get('global')?.digest;
    const { id, digest } = await mesh.emergency(denies('stop'));
    await expect(activation.activate(id, {}, opal)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(activation.activate(id, {}, SID)).rejects.toMatchObject({ code: 'forbidden' });
    const active = await activation.activate(id, { reason: 'agreed' }, otto);
    const reverts_at = new Date(mesh.nowMs + 3_600_000).toISOString();
    expect(active).toMatchObject({
      state: 'active',
      break_glass: { operator: 'opal', second_operator: 'otto', reverts_at, previous_digest: before },
    });
    expect((await mesh.decide()).context.reasons).toMatchObject([{ message: 'stop' }, {}]);
    const enacted = (await mesh.records('kind=activation')).at(-1)?.record;
    expect(enacted).toMatchObject({
      by: 'break_glass',
      first_operator: 'opal',
      caller: { id: 'otto' },
      reverts_at,
      digest,
    });

    await activation.tick();
    expect(council.proposal(id)).toMatchObject({ state: 'active' });
    mesh.nowMs += 3_600_000;
    await activation.tick();
    expect(council.proposal(id)).toMatchObject({
      state: 'superseded',
      break_glass: { reverted_at: expect.any(String) },
    });
    expect(layersOf(mesh.app).get('global')?.digest).toBe(before);
    const back = (await mesh.records('kind=activation')).at(-1)?.record;
    expect(back).toMatchObject({
      by: 'reversion',
      digest: before,
      previous: digest,
      proposal: id,
      caller: { id: 'witan' },
    });
  });

  it('stays when it was ratified, and has nothing to go back to when another took its place', async () => {
    const { activation, council, commit } = mesh.app;
    const kept = await activation.activate(
      (await mesh.emergency({ ...PERMIT, version: '6.0.0' })).id,
      {},
      otto,
    );
    const ratified = {
      ...kept,
      version: kept.version + 1,
      break_glass: { ...kept.break_glass!, ratified_at: 'now' },
    };
    await commit({
      record: proposalRecord(
        { id: mesh.app.newId(), time: new Date(mesh.nowMs).toISOString(), ...SID, revision: 1 },
        'ratified',
        ratified,
      ),
      changes: [{ kind: 'put_proposal', proposal: ratified }],
    });
    mesh.nowMs += 3_600_000;
    await activation.tick();
    expect(council.proposal(kept.id)).toMatchObject({ state: 'active' });

    const passing = await activation.activate(
      (await mesh.emergency({ ...PERMIT, version: '6.1.0' })).id,
      {},
      otto,
    );
    const better = await mesh.approved({ ...PERMIT, version: '6.2.0' });
    await activation.activate(better.id, {}, SID);
    mesh.nowMs += 3_600_000;
    const { revision } = mesh.app.current.policies;
    await activation.tick();
    expect(mesh.app.current.policies.revision).toBe(revision);
    expect(council.proposal(passing.id)).toMatchObject({ state: 'superseded' });
  });
});

describe('over HTTP', () => {
  const call = async (path: string, token: string, body?: unknown) => {
    const response = await fetch(`${mesh.url}/v1/proposals/${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    });
    const answered: any = await response.json();
    return { status: response.status, body: answered };
  };

  it('its author or a member puts a proposal in force, and nobody else', async () => {
    const { app } = mesh;
    const sid = await tokenOf(app, 'sid', ['steward:sales', 'representative:sales']);
    const fay = await tokenOf(app, 'fay', ['steward:finance', 'representative:finance']);
    const eve = await tokenOf(app, 'eve', ['steward:sales', 'representative:sales']);
    const aud = await tokenOf(app, 'aud', ['auditor']);
    const { id } = await mesh.approved({ ...PERMIT, version: '7.0.0' });
    const sales = await mesh.approved(denies('not yours'), {
      layer: 'sales',
      votes: [
        ['sid', 'sid', 'approve'],
        ['sue', 'sue', 'approve'],
      ],
    });
    expect(await call(`${id}/activation`, eve, {})).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect(await call(`${id}/activation`, aud, {})).toMatchObject({ status: 403 });
    expect(await call(`${sales.id}/activation`, fay, {})).toMatchObject({ status: 404 });
    expect(await call('999/activation', sid, {})).toMatchObject({ status: 404 });
    expect(await call(`${id}/activation`, sid, { at: 'soon' })).toMatchObject({ status: 400 });
    expect(await call(`${id}/activation`, sid, { at: '2027-01-01T00:00:00Z', shadow: {} })).toMatchObject({
      status: 400,
    });
    expect(await call(`${id}/shadow`, aud)).toMatchObject({ status: 404 });
    expect(await call(`${id}/activation`, sid, { shadow: {}, reason: 'see first' })).toMatchObject({
      status: 200,
      body: { state: 'shadow', summary: expect.stringContaining('shadow') },
    });
    await mesh.decide();
    await expect
      .poll(async () => (await call(`${id}/shadow`, aud)).body)
      .toMatchObject({
        evaluated: 1,
        divergent: 0,
        samples: [],
      });
    expect(await call(`${id}/activation`, fay, {})).toMatchObject({ status: 200, body: { state: 'active' } });
    expect(await call(`${id}/activation`, fay, {})).toMatchObject({
      status: 409,
      body: { code: 'proposal_not_approved' },
    });
  });
});

test('a store with all this starts again, and its log verifies', async () => {
  const { revision } = mesh.app.current.policies;
  const digests = [...layersOf(mesh.app).values()].map(({ digest }) => digest);
  await mesh.stop();
  const source = openLogSource(mesh.database);
  expect(verifyLog(source, { trusted: [], older: [] })).toMatchObject({ faults: [] });
  source.close();
  await mesh.start();
  expect(mesh.app.current.policies.revision).toBe(revision);
  expect([...layersOf(mesh.app).values()].map(({ digest }) => digest)).toEqual(digests);
  expect([...layersOf(mesh.app).values()].flatMap(({ fault }) => fault ?? [])).toEqual([]);
});
