import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ActingMesh, type Asker } from './acting-mesh.js';
import { regoOf, seedFolder, write } from './bundles.js';
import { witan } from './served-mesh.js';
import { temporaryFolder } from './service.js';

const DOMAINS = ['sales', 'finance', 'health'] as const;

interface Law {
  readonly version: string;
  /** By name: the rules, and how they bind. */
  readonly policies: Readonly<Record<string, readonly [rules: string, enforcement: string]>>;
  readonly council: string;
}

function filesOf(layer: string, { version, policies, council }: Law) {
  const entries = Object.entries(policies).map(
    ([name, [, enforcement]]) => `  ${name}: { enforcement: ${enforcement} }\n`,
  );
  return [
    {
      path: 'manifest.yaml',
      text: `layer: ${layer}\nversion: ${version}\npolicies:\n${entries.join('')}council: ${council}\n`,
    },
    ...Object.entries(policies).map(([name, [rules]]) => ({
      path: `policy/${name}.rego`,
      text: regoOf(layer, name, { rules }),
    })),
  ];
}

const OPEN = ['permit := true', 'hard'] as const;
const PURPOSE = `deny contains {"message": "say what for"} if not input.context.purpose`;
const global: Law = {
  version: '1.0.0',
  policies: { open: OPEN },
  council:
    '{ members: { sales: [sue], finance: [fay], health: [hal] }, voting_period: P7D, activation_period: P30D, break_glass_period: PT24H, touched_domains_must_vote: true }',
};
const sales: Law = {
  version: '1.0.0',
  policies: { shop: OPEN },
  council: '{ members: [sam, sue, syd], voting_period: P3D }',
};
const withPurpose: Law = {
  ...global,
  version: '1.1.0',
  policies: { open: OPEN, purpose: [PURPOSE, 'soft'] },
};
const closedShop = (message: string, version: string): Law => ({
  ...sales,
  version,
  policies: { shop: OPEN, shut: [`deny contains {"message": "${message}"}`, 'hard'] },
});

function policies(): string {
  const folder = temporaryFolder();
  const put = (layer: string, law: Law): void => {
    for (const { path, text } of filesOf(layer, law)) {
      write(join(folder, layer === 'global' ? 'global' : `domains/${layer}`, path), text);
    }
  };
  put('global', global);
  put('sales', sales);
  put('finance', { ...sales, policies: { books: OPEN }, council: '{ members: [fay] }' });
  put('health', { ...sales, policies: { ward: OPEN }, council: '{ members: [hal] }' });
  return folder;
}

const mesh = new ActingMesh({ policies: policies(), seed: seedFolder(DOMAINS) });
const of = (name: string, domain: string): Asker =>
  mesh.as(name, `representative:${domain}`, `steward:${domain}`);
const sue = (): Asker => of('sue', 'sales');
const fay = (): Asker => of('fay', 'finance');
const hal = (): Asker => of('hal', 'health');
const sam = (): Asker => mesh.as('sam', 'steward:sales');
const syd = (): Asker => mesh.as('syd', 'steward:sales');
const olga = (): Asker => mesh.as('olga', 'operator');
const oscar = (): Asker => mesh.as('oscar', 'operator');
const auditor = (): Asker => mesh.as('ada', 'auditor');

/** Goes on to a moment, and does what is due then. */
async function on(moment: string): Promise<void> {
  mesh.nowMs = Date.parse(`${moment}T09:00:00Z`);
  await mesh.app.activation.tick();
  await mesh.app.councilActs.tick(mesh.nowMs);
}

const done = async (asked: Promise<{ status: number; body: any }>, status = 200): Promise<any> => {
  const answer = await asked;
  expect(answer.body, JSON.stringify(answer.body)).toBeDefined();
  expect([answer.status, answer.body.detail]).toEqual([status, undefined]);
  return answer.body;
};

async function propose(who: Asker, layer: string, law: Law, more: object = {}): Promise<any> {
  const body = { layer, title: `${layer} ${law.version}`, files: filesOf(layer, law), ...more };
  const { id } = await done(who.post('/v1/proposals', body), 201);
  await mesh.app.councilActs.settled();
  return standing(id);
}

const standing = (id: string): Promise<any> => done(mesh.as('ada', 'auditor').get(`/v1/proposals/${id}`));

const vote = async (who: Asker, { id, digest }: { id: string; digest: string }, said: string): Promise<any> =>
  done(who.post(`/v1/proposals/${id}/ballots`, { vote: said, digest }), 201);

const activate = (who: Asker, { id }: { id: string }, body: object = {}): Promise<any> =>
  done(who.post(`/v1/proposals/${id}/activation`, body));

/** Whether someone may read orders of sales, with a purpose or without. */
async function read(context: object = {}): Promise<any> {
  const { decision, context: said } = await mesh.decide({
    subject: { type: 'user', id: 'bob' },
    action: { name: 'read' },
    resource: { type: 'table', id: 'orders', properties: { domain: 'sales' } },
    context,
  });
  return { decision, revision: said.revision, code: said.code };
}

beforeAll(async () => {
  mesh.nowMs = Date.parse('2026-01-01T09:00:00Z');
  await mesh.start();
});
afterAll(() => mesh.stop());

it('lives a year of a council by the clock, and the log holds all of it', { timeout: 600_000 }, async () => {
  // January: decisions as the mesh began.
  for (let asked = 0; asked < 5; asked += 1) await read();
  await read({ purpose: 'billing' });

  // February: a rule for all. What it would change is known before the vote, and the domain that it touches must vote.
  await on('2026-02-02');
  const purpose = await propose(sue(), 'global', withPurpose);
  expect(purpose).toMatchObject({
    state: 'open',
    closes_at: '2026-02-09T09:00:00.000Z',
    impact: { touched: ['sales'], newly_denied: 5, newly_permitted: 0 },
  });
  expect((await vote(fay(), purpose, 'approve')).state).toBe('open');
  expect((await vote(hal(), purpose, 'approve')).standing.touched_missing).toEqual(['sales']);
  expect((await vote(sue(), purpose, 'approve')).state).toBe('approved');
  expect(await read()).toEqual({ decision: true, revision: 1, code: 'permitted' });
  await activate(sue(), purpose);
  expect(await read()).toEqual({ decision: false, revision: 2, code: 'forbidden' });
  expect(await read({ purpose: 'billing' })).toMatchObject({ decision: true, revision: 2 });

  // March: a lost vote.
  await on('2026-03-02');
  const hard = await propose(fay(), 'global', {
    ...withPurpose,
    version: '1.2.0',
    policies: { open: OPEN, purpose: [PURPOSE, 'hard'] },
  });
  const { words } = await done(fay().get(`/v1/proposals/${hard.id}/diff`));
  expect(words).toContain('`purpose` goes from soft to hard');
  await vote(fay(), hard, 'approve');
  await vote(sue(), hard, 'reject');
  expect((await vote(hal(), hard, 'reject')).state).toBe('rejected');
  expect((await fay().post(`/v1/proposals/${hard.id}/activation`, {})).status).toBe(409);

  // April: nobody votes, and it expires.
  await on('2026-04-01');
  const forgotten = await propose(hal(), 'global', { ...withPurpose, version: '1.3.0' });
  await on('2026-04-07');
  expect((await standing(forgotten.id)).state).toBe('open');
  await on('2026-04-09');
  expect((await standing(forgotten.id)).state).toBe('expired');

  // May: a domain's own rule, in shadow first.
  await on('2026-05-04');
  const shut = await propose(sam(), 'sales', closedShop('stocktaking', '1.1.0'));
  await vote(sam(), shut, 'approve');
  expect((await vote(syd(), shut, 'approve')).state).toBe('approved');
  expect((await activate(sam(), shut, { shadow: { until: '2026-05-11T09:00:00Z' } })).state).toBe('shadow');
  expect(await read({ purpose: 'billing' })).toMatchObject({ decision: true, revision: 2 });
  await expect
    .poll(async () => (await done(sam().get(`/v1/proposals/${shut.id}/shadow`))).divergent, {
      timeout: 20_000,
    })
    .toBe(1);
  await on('2026-05-12');
  expect((await standing(shut.id)).state).toBe('approved');
  await activate(syd(), shut);
  expect(await read({ purpose: 'billing' })).toMatchObject({ decision: false, revision: 3 });

  // June: roll back, scheduled for the first of July.
  await on('2026-06-01');
  const back = await propose(sue(), 'sales', { ...sales, version: '1.2.0' });
  await vote(sam(), back, 'approve');
  await vote(sue(), back, 'approve');
  await activate(sue(), back, { at: '2026-06-20T00:00:00Z' });
  await on('2026-06-19');
  expect((await read({ purpose: 'billing' })).decision).toBe(false);
  await on('2026-06-20');
  expect(await read({ purpose: 'billing' })).toMatchObject({ decision: true, revision: 4 });
  expect((await standing(shut.id)).state).toBe('superseded');

  // July: a waiver of the rule for all, which ends.
  await on('2026-07-01');
  const asked = {
    layer: 'global',
    policy: 'purpose',
    domain: 'sales',
    category: 'mitigated',
    reason: 'the old till cannot say',
    resources: ['orders'],
    until: '2026-08-01T00:00:00Z',
  };
  const waiver = await done(sam().post('/v1/waivers', asked), 201);
  const granting = { decision: 'grant', reason: 'it is replaced in July' };
  expect((await sue().post(`/v1/waivers/${waiver.id}/decision`, granting)).status).toBe(403);
  expect(await read()).toMatchObject({ decision: false });
  await done(fay().post(`/v1/waivers/${waiver.id}/decision`, granting));
  expect(await read()).toMatchObject({ decision: true });
  await on('2026-08-01');
  expect(await read()).toMatchObject({ decision: false });

  // August: glass is broken, and nobody ratifies: it lapses.
  await on('2026-08-10');
  const emergency = { break_glass: { reason: 'a leak' } };
  const lapse = await propose(olga(), 'sales', closedShop('a leak', '2.0.0'), emergency);
  expect((await olga().post(`/v1/proposals/${lapse.id}/activation`, {})).status).toBe(403);
  await activate(oscar(), lapse);
  expect(await read({ purpose: 'billing' })).toMatchObject({ decision: false, revision: 5 });
  await on('2026-08-12');
  expect(await read({ purpose: 'billing' })).toMatchObject({ decision: true, revision: 6 });

  // September: glass is broken again, and the council ratifies.
  await on('2026-09-01');
  const kept = await propose(oscar(), 'sales', closedShop('another leak', '2.1.0'), emergency);
  await activate(olga(), kept);
  await vote(sam(), kept, 'approve');
  expect((await vote(syd(), kept, 'approve')).break_glass.ratified_at).toBeDefined();
  await on('2026-09-05');
  expect(await read({ purpose: 'billing' })).toMatchObject({ decision: false, revision: 7 });

  // October: a change of the council itself; who left votes no more.
  await on('2026-10-01');
  const smaller = await propose(sue(), 'sales', {
    ...sales,
    version: '3.0.0',
    council: '{ members: [sam, sue], voting_period: P3D }',
  });
  await vote(syd(), smaller, 'approve');
  await vote(sam(), smaller, 'approve');
  await activate(sue(), smaller);
  expect(await read({ purpose: 'billing' })).toMatchObject({ decision: true, revision: 8 });
  const next = await propose(sam(), 'sales', closedShop('winter', '3.1.0'));
  expect(
    (await syd().post(`/v1/proposals/${next.id}/ballots`, { vote: 'reject', digest: next.digest })).status,
  ).toBe(403);

  // November: approved, and never put in force.
  await vote(sam(), next, 'approve');
  await vote(sue(), next, 'approve');
  await on('2026-11-02');
  expect((await standing(next.id)).state).toBe('expired');

  // December: one is withdrawn.
  await on('2026-12-01');
  const withdrawn = await propose(sam(), 'sales', closedShop('christmas', '3.2.0'));
  await done(sam().post(`/v1/proposals/${withdrawn.id}/withdrawal`, { reason: 'we stay open' }));

  // The year stands in the log: it loads again, verifies, and every decision can be made again.
  const before = { all: await acts(), revision: (await read()).revision };
  expect(before.all).toMatchObject({
    activation: 7,
    'proposal approved': 5,
    'proposal rejected': 1,
    'proposal expired': 2,
  });
  await mesh.stop();
  await mesh.start();
  expect((await read()).revision).toBe(before.revision);
  const { records } = await done(auditor().get('/v1/records?kind=decision&limit=1000'));
  for (const { record } of records) {
    const replayed = await done(auditor().post(`/v1/records/${record.id}/replay`, {}));
    expect(replayed, record.id).toMatchObject({ equal: true });
  }
  const [vkey = ''] = (await (await fetch(`${mesh.url}/log/keys`)).text()).split('\n');
  await mesh.stop();
  const verified = await witan('audit', 'verify', mesh.dataDir, '--vkey', vkey);
  expect(verified.code, verified.out + verified.err).toBe(0);
});

/** How many records there are of each kind, of proposals by event. */
async function acts(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of ['activation', 'proposal', 'ballot', 'waiver']) {
    const { records } = await done(auditor().get(`/v1/records?kind=${kind}&limit=1000`));
    for (const { record } of records) {
      const name = record.event === undefined ? kind : `${kind} ${record.event}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}
