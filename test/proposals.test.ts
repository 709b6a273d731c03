import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policiesFolder, seedFolder } from './bundles.js';
import { ServedMesh } from './served-mesh.js';
import { bearing, tokenOf } from './tokens.js';

const DOMAINS = ['sales', 'finance', 'healthcare'];
const COUNCILS = {
  global:
    '{ members: { sales: [cleo], finance: [jada], healthcare: [pia] }, quorum: 0.5, voting_period: P7D }',
  finance: '{ members: [jada, kurt], voting_period: P3D }',
};
const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  cleo: ['representative:sales', 'steward:sales'],
  jada: ['representative:finance', 'steward:finance'],
  kurt: ['steward:finance'],
  pia: ['representative:healthcare'],
  uma: ['auditor'],
  otto: ['auditor:finance'],
  sam: ['operator'],
  gate: ['enforcement_point'],
};

const mesh = new ServedMesh({ global: '{}' });
const tokens = new Map<string, string>();
let settings: Record<string, string> = {};

beforeAll(async () => {
  const open = { open: { rules: 'permit := true' } };
  const policies = policiesFolder({ global: open, finance: open, sales: open });
  appendFileSync(join(policies, 'global/manifest.yaml'), `council: ${COUNCILS.global}\n`);
  appendFileSync(join(policies, 'domains/finance/manifest.yaml'), `council: ${COUNCILS.finance}\n`);
  settings = { WITAN_POLICIES: policies, WITAN_SEED: seedFolder(DOMAINS) };
  await mesh.start(settings);
  for (const [name, roles] of Object.entries(PEOPLE)) tokens.set(name, await tokenOf(mesh.app, name, roles));
});
afterAll(() => mesh.stop());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

async function ask(who: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${mesh.url}/v1/proposals${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', ...bearing(tokens.get(who) ?? '') },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The files of a layer that are in force, with another version, and rules if given. */
function files(layer: string, version: string, rules?: string): readonly { path: string; text: string }[] {
  const inForce = mesh.app.current.law.bundles.get(layer)?.files ?? [];
  return inForce.map(({ path, text }) => ({
    path,
    text: text
      .replace('version: 1.0.0', `version: ${version}`)
      .replace('permit := true', rules ?? 'permit := true'),
  }));
}

async function opened(who: string, layer: string, version: string): Promise<any> {
  const { status, body } = await ask(who, 'POST', '', {
    layer,
    title: version,
    files: files(layer, version),
  });
  expect({ status, body }).toMatchObject({ status: 201, body: { state: 'checking' } });
  await mesh.app.councilActs.settled();
  return (await ask(who, 'GET', `/${body.id}`)).body;
}

describe('a proposal over HTTP', () => {
  test('is handed in, checked, discussed, voted on and approved, all of it on record', async () => {
    const made = await ask('cleo', 'POST', '', {
      layer: 'global',
      title: ' Keep less ',
      description: 'Because.',
      files: files('global', '1.1.0').map((file) => ({ ...file, ignored: true })),
      unknown: 'ignored',
    });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/proposals/${made.body.id}`);
    expect(made.body).toMatchObject({ title: 'Keep less', author: 'cleo', summary: 'is being checked' });
    const { id, digest } = made.body;
    await mesh.app.councilActs.settled();

    const open = await ask('pia', 'GET', `/${id}`);
    expect(open.body).toMatchObject({
      state: 'open',
      checks: { faults: [] },
      impact: { touched: [], newly_denied: 0 },
      closes_at: '2026-06-08T00:00:00.000Z',
      standing: { outcome: 'open', seats: 3, quorum: 2, cast: 0 },
      summary:
        'needs 2 of 3 votes, 0 so far, missing: finance, healthcare, sales; closes 2026-06-08T00:00:00.000Z',
    });
    expect(await ask('pia', 'POST', `/${id}/comments`, { text: 'Why?' })).toMatchObject({
      status: 201,
      body: { comments: [{ author: 'pia', text: 'Why?' }] },
    });
    const ballot = { vote: 'approve', digest, comment: 'Good.' };
    expect(await ask('pia', 'POST', `/${id}/ballots`, ballot)).toMatchObject({
      status: 201,
      body: { state: 'open', ballots: [{ member: 'pia', seat: 'healthcare', comment: 'Good.' }] },
    });
    const decided = await ask('jada', 'POST', `/${id}/ballots`, { vote: 'approve', digest });
    expect(decided.body).toMatchObject({
      state: 'approved',
      tally: { approve: 2, missing: ['sales'] },
      summary: 'approved by 2 of 3; may be put in force until 2026-07-01T00:00:00.000Z',
    });
    expect(decided.body).not.toHaveProperty('standing');

    const { records } = await mesh.get(`/v1/records?proposal=${id}&order=oldest`);
    expect(records.map(({ record }: any) => record.event ?? `${record.caller.id} ${record.vote}`)).toEqual([
      'opened',
      'impact',
      'checked',
      'commented',
      'pia approve',
      'jada approve',
      'approved',
    ]);
    expect(decided.body.timeline.map(({ record }: any) => record)).toEqual(
      records.map(({ record }: any) => record.id),
    );
  });

  test('that is wrong fails with the place', async () => {
    const wrong = files('sales', '1.1.0', 'permit := input.nothing');
    const { body } = await ask('cleo', 'POST', '', { layer: 'sales', title: 'Wrong', files: wrong });
    await mesh.app.councilActs.settled();
    expect((await ask('cleo', 'GET', `/${body.id}`)).body).toMatchObject({
      state: 'failed',
      checks: { faults: [{ file: 'policy/open.rego', code: 'rego_type_error' }] },
      summary: 'failed its checks: 1 fault',
    });
    const edited = await ask('cleo', 'PUT', `/${body.id}/bundle`, { files: files('sales', '1.2.0') });
    expect(edited).toMatchObject({ status: 200, body: { state: 'checking', layer: 'sales' } });
    expect(edited.body).not.toHaveProperty('checks');
    await mesh.app.councilActs.settled();
    const withdrawn = await ask('cleo', 'POST', `/${body.id}/withdrawal`, { reason: 'a test' });
    expect(withdrawn).toMatchObject({ status: 200, body: { state: 'withdrawn', summary: 'withdrawn' } });
  });

  test('is seen by those whom it concerns', async () => {
    const { id } = await opened('jada', 'finance', '1.1.0');
    const seen = async (who: string): Promise<boolean> => {
      const { body } = await ask(who, 'GET', '?limit=1000');
      const listed = body.proposals.some((each: any) => each.id === id);
      const { status } = await ask(who, 'GET', `/${id}`);
      expect(status).toBe(listed ? 200 : 404);
      return listed;
    };
    expect(await Promise.all(['jada', 'kurt', 'otto', 'uma', 'sam', 'cleo', 'pia'].map(seen))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect((await ask('gate', 'GET', '')).status).toBe(403);
    expect((await ask('nobody', 'GET', '')).status).toBe(401);
    for (const [method, path, body] of [
      ['POST', 'comments', { text: 'x' }],
      ['POST', 'ballots', { vote: 'approve', digest: 'x' }],
      ['POST', 'withdrawal', { reason: 'x' }],
      ['PUT', 'bundle', { files: files('finance', '1.2.0') }],
    ] as const) {
      expect((await ask('cleo', method, `/${id}/${path}`, body)).status).toBe(404);
    }
  });

  test('is listed by pages without what grows, the newest first', async () => {
    const ids: string[] = [];
    let path = '?limit=2';
    for (;;) {
      const { body } = await ask('sam', 'GET', path);
      for (const each of body.proposals) {
        expect(each).toHaveProperty('summary');
        for (const left of ['ballots', 'comments', 'timeline']) expect(each).not.toHaveProperty(left);
        ids.push(each.id);
      }
      if (body.next === undefined) break;
      path = `?limit=2&cursor=${body.next}`;
    }
    expect(ids).toEqual([...ids].sort((a, b) => Number(b) - Number(a)));
    expect(ids.length).toBeGreaterThan(2);
    const failed = await ask('sam', 'GET', '?state=withdrawn&layer=sales');
    expect(failed.body.proposals).toHaveLength(1);
  });

  test('is closed by the clock, also across a restart', async () => {
    const { id, digest } = await opened('pia', 'global', '1.3.0');
    await ask('jada', 'POST', `/${id}/ballots`, { vote: 'approve', digest });
    mesh.passDays(7);
    await mesh.stop();
    await mesh.start(settings);
    await expect
      .poll(async () => (await ask('uma', 'GET', `/${id}`)).body.state, { timeout: 20_000 })
      .toBe('expired');
  });
});

describe('refused is', () => {
  const proposal = () => ({ layer: 'global', title: 'Change', files: files('global', '2.0.0') });
  test.each<[string, string, () => unknown, number, string]>([
    ['a steward alone for `global`', 'kurt', proposal, 403, 'forbidden'],
    ['an auditor', 'uma', proposal, 403, 'forbidden'],
    [
      'an emergency of who is no operator',
      'cleo',
      () => ({ ...proposal(), break_glass: { reason: 'x' } }),
      403,
      'forbidden',
    ],
    ['no title', 'cleo', () => ({ ...proposal(), title: '  ' }), 400, 'invalid_request'],
    ['a title of two lines', 'cleo', () => ({ ...proposal(), title: 'a\nb' }), 400, 'invalid_request'],
    [
      'a title that is too long',
      'cleo',
      () => ({ ...proposal(), title: 'x'.repeat(201) }),
      400,
      'invalid_request',
    ],
    ['no files', 'cleo', () => ({ ...proposal(), files: [] }), 400, 'invalid_request'],
    [
      'what is in force',
      'cleo',
      () => ({ ...proposal(), files: files('global', '1.0.0') }),
      400,
      'invalid_request',
    ],
    [
      'files of another layer',
      'cleo',
      () => ({ ...proposal(), files: files('sales', '2.0.0') }),
      400,
      'manifest_invalid',
    ],
    [
      'an emergency without a reason',
      'sam',
      () => ({ ...proposal(), break_glass: {} }),
      400,
      'invalid_request',
    ],
  ])('%s', async (_, who, body, status, code) => {
    expect(await ask(who, 'POST', '', body())).toMatchObject({ status, body: { code } });
  });

  test.each<[string, string, string, string, unknown, number, string]>([
    ['an unknown vote', 'POST', 'ballots', 'pia', { vote: 'yes', digest: 'x' }, 400, 'invalid_request'],
    [
      'a ballot for other files',
      'POST',
      'ballots',
      'pia',
      { vote: 'approve', digest: 'x' },
      409,
      'ballot_outdated',
    ],
    [
      'a ballot without a seat',
      'POST',
      'ballots',
      'kurt',
      { vote: 'approve', digest: 'x' },
      403,
      'forbidden',
    ],
    ['a comment of an auditor', 'POST', 'comments', 'uma', { text: 'x' }, 403, 'forbidden'],
    ['an empty comment', 'POST', 'comments', 'pia', { text: '' }, 400, 'invalid_request'],
    ['to withdraw what is another’s', 'POST', 'withdrawal', 'pia', { reason: 'x' }, 403, 'forbidden'],
    [
      'to edit what is another’s',
      'PUT',
      'bundle',
      'jada',
      { files: [{ path: 'manifest.yaml', text: '' }] },
      403,
      'forbidden',
    ],
  ])('%s', async (_, method, path, who, body, status, code) => {
    const found = await ask('sam', 'GET', '?state=open&layer=global');
    const id = found.body.proposals[0]?.id ?? (await opened('cleo', 'global', '3.0.0')).id;
    expect(await ask(who, method, `/${id}/${path}`, body)).toMatchObject({ status, body: { code } });
  });

  test.each(['?state=fine', '?layer=No', '?cursor=0', '?cursor=x', '?limit=0', '?unknown=1'])(
    '%s',
    async (query) => {
      expect(await ask('sam', 'GET', query)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    },
  );

  test('what is not there, and what has ended', async () => {
    expect((await ask('sam', 'GET', '/999')).status).toBe(404);
    expect((await ask('pia', 'POST', '/999/comments', { text: 'x' })).status).toBe(404);
    const ended = await ask('sam', 'GET', '?state=expired');
    const { id, digest } = ended.body.proposals[0];
    expect(await ask('pia', 'POST', `/${id}/ballots`, { vote: 'approve', digest })).toMatchObject({
      status: 409,
      body: { code: 'proposal_closed' },
    });
  });

  test('a body that is too large, where a bundle may be larger than other bodies', async () => {
    const { bodyBytesMax, bundleBytesMax } = mesh.app.config;
    expect(bundleBytesMax).toBeGreaterThan(bodyBytesMax);
    const filler = { path: 'README.md', text: 'x'.repeat(bodyBytesMax) };
    const large = { layer: 'sales', title: 'Large', files: [...files('sales', '9.0.0'), filler] };
    expect((await ask('cleo', 'POST', '', large)).status).toBe(201);
    const text = 'x'.repeat(bodyBytesMax);
    expect((await ask('pia', 'POST', '/1/comments', { text })).status).toBe(413);
  });
});
