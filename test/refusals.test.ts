import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { Issuer, newKey } from './issuer.js';
import { ServedMesh } from './served-mesh.js';
import { bearing, tokenOf } from './tokens.js';

const mesh = new ServedMesh({ global: '{}', sales: '{}', finance: '{}' });
let steward: string;
beforeAll(async () => {
  await mesh.start();
  steward = await tokenOf(mesh.app, 'steve', ['steward:sales']);
});
afterAll(() => mesh.stop());

interface Refusal {
  readonly caller: { readonly id: string };
  readonly attempt: string;
  readonly code: string;
  readonly domain?: string;
  readonly reason: string;
  readonly attempts?: number;
  readonly correlation?: object;
}

const recorded = async (): Promise<readonly Refusal[]> =>
  (await mesh.get('/v1/records?kind=refusal&order=oldest&limit=1000')).records.map(
    ({ record }: any) => record,
  );

/** The refusals that this puts on record. */
async function refusalsOf(act: () => Promise<unknown>, count = 1): Promise<readonly Refusal[]> {
  const before = (await recorded()).length;
  await act();
  await expect.poll(async () => (await recorded()).length, { timeout: 5000 }).toBe(before + count);
  return (await recorded()).slice(before);
}

const ask = (path: string, headers: Record<string, string>, method = 'GET') =>
  fetch(`${mesh.url}${path}`, { method, headers });

describe('what is refused is on record', () => {
  it.each<[string, string, string, () => Record<string, string>, number, object]>([
    [
      'without a token',
      'GET',
      '/v1/records/secret?x=secret',
      () => ({}),
      401,
      { attempt: 'GET /v1/records/{id}', code: 'unauthenticated', caller: { id: 'anonymous', roles: [] } },
    ],
    [
      'with a token that is none',
      'POST',
      '/access/v1/evaluation',
      () => bearing('witan_x'),
      401,
      {
        attempt: 'POST /access/v1/evaluation',
        code: 'unauthenticated',
        caller: { id: 'anonymous', roles: [] },
      },
    ],
    [
      'with a token at a place where nothing is',
      'GET',
      '/secret',
      () => bearing('witan_x'),
      401,
      { attempt: 'GET where nothing is', code: 'unauthenticated' },
    ],
    [
      'without the role',
      'GET',
      '/v1/tokens',
      () => bearing(steward),
      403,
      { attempt: 'GET /v1/tokens', code: 'forbidden', caller: { id: 'steve', roles: ['steward:sales'] } },
    ],
    [
      'without the role for the domain',
      'GET',
      '/v1/records?domain=finance',
      () => ({ ...bearing(steward), 'X-Request-ID': 'r-7' }),
      403,
      {
        attempt: 'GET /v1/records',
        code: 'forbidden',
        domain: 'finance',
        correlation: { request_id: 'r-7' },
      },
    ],
    [
      'for a domain that is none',
      'GET',
      '/v1/records?domain=secret',
      () => bearing(steward),
      403,
      { attempt: 'GET /v1/records', code: 'forbidden', caller: { id: 'steve', roles: ['steward:sales'] } },
    ],
  ])('%s', async (title, method, path, headers, status, expected) => {
    const [refusal, ...more] = await refusalsOf(async () => {
      expect((await ask(path, headers(), method)).status).toBe(status);
    });
    expect(more).toEqual([]);
    expect(refusal).toMatchObject({ kind: 'refusal', reason: expect.any(String), ...expected });
    if (!title.includes('role for the domain')) expect(refusal).not.toHaveProperty('domain');
    expect(refusal!.attempt).not.toMatch(/secret/);
  });

  test('what is answered, not found or malformed is not', async () => {
    const before = (await recorded()).length;
    for (const path of ['/v1/records', '/v1/records/none', '/v1/records?polcy=x', '/nothing']) {
      expect((await ask(path, bearing(steward))).status).not.toBe(403);
    }
    await refusalsOf(() => ask('/v1/tokens', bearing(steward)));
    expect(await recorded()).toHaveLength(before + 1);
  });

  test('a flood from one caller is in few records, to the last attempt, when the service has stopped', async () => {
    const flooding = await tokenOf(mesh.app, 'flood', ['steward:sales']);
    const statuses: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const answers = Array.from({ length: 20 }, () => ask('/v1/tokens', bearing(flooding)));
      statuses.push(...(await Promise.all(answers)).map(({ status }) => status));
    }
    expect(new Set(statuses)).toEqual(new Set([403]));
    await mesh.stop();
    await mesh.start();
    const own = (await recorded()).filter(({ caller }) => caller.id === 'flood');
    expect(own).toHaveLength(21);
    expect(own.reduce((all, { attempts = 1 }) => all + attempts, 0)).toBe(200);
  });
});

describe('a service with an identity provider', () => {
  let served: ServedMesh;
  let issuer: Issuer;
  afterEach(async () => {
    await served.stop();
    await issuer.stop();
  });

  test('lets in whom the provider knows, with what their groups grant, beside its own tokens', async () => {
    issuer = await Issuer.start(await newKey('one'));
    served = new ServedMesh({ global: '{}', sales: '{}', finance: '{}' });
    await served.start({
      WITAN_AUTH: 'oidc',
      WITAN_OIDC_ISSUER: issuer.url,
      WITAN_OIDC_AUDIENCE: 'witan',
      WITAN_OIDC_ROLES: 'sales-stewards=steward:sales,admins=operator,pep=enforcement_point',
    });
    const claims = { iss: issuer.url, aud: 'witan', exp: Date.parse('2026-06-01T01:00:00Z') / 1000 };
    const tokenOfGroup = (sub: string, ...groups: readonly string[]) =>
      issuer.sign({ ...claims, sub, groups });
    const get = (path: string, token: string) => fetch(`${served.url}${path}`, { headers: bearing(token) });

    const bob = await tokenOfGroup('bob', 'sales-stewards', 'everyone');
    expect((await get('/v1/records', bob)).status).toBe(200);
    expect((await get('/v1/records?domain=finance', bob)).status).toBe(403);
    expect((await get('/v1/tokens', bob)).status).toBe(403);
    expect((await get('/v1/records', await tokenOfGroup('cid', 'everyone'))).status).toBe(403);

    const admin = await tokenOfGroup('ada', 'admins');
    const made = await fetch(`${served.url}/v1/tokens`, {
      method: 'POST',
      headers: { ...bearing(admin), 'Content-Type': 'application/json' },
      body: JSON.stringify({ caller: 'exporter', roles: ['auditor'] }),
    });
    expect(made.status).toBe(201);
    const { secret } = (await made.json()) as { secret: string };
    expect((await get('/v1/records', secret)).status).toBe(200);

    const decide = async (token?: string) =>
      (
        await fetch(`${served.url}/access/v1/evaluation`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', ...(token !== undefined && bearing(token)) },
          body: JSON.stringify({
            subject: { type: 'user', id: 'ann' },
            action: { name: 'read' },
            resource: { type: 'table', id: 't', properties: { domain: 'sales' } },
          }),
        })
      ).status;
    expect(await decide()).toBe(401);
    expect(await decide(bob)).toBe(403);
    expect(await decide(await tokenOfGroup('gateway', 'pep'))).toBe(200);

    const refused = await get('/v1/records', await issuer.sign({ ...claims, sub: 'bob', aud: 'other' }));
    expect(refused.status).toBe(401);
    expect(refused.headers.get('WWW-Authenticate')).toBe('Bearer realm="witan", error="invalid_token"');
    expect(await refused.json()).toMatchObject({
      code: 'unauthenticated',
      detail: 'the token is not accepted: it is for another audience than `witan`',
    });
    expect((await get('/v1/records', 'a'.repeat(16_385))).status).toBe(401);
    expect((await get('/v1/records', 'a'.repeat(33_000))).status).toBe(431);

    // Who acts stands in the record by the id that the provider gave.
    const { records } = (await (
      await get('/v1/records?kind=access_change&caller=ada', secret)
    ).json()) as any;
    expect(records.map(({ record }: any) => record.bearer)).toEqual(['exporter']);

    await issuer.stop();
    expect((await get('/v1/records', bob)).status).toBe(200);
    expect((await get('/v1/records', secret)).status).toBe(200);
    served.passDays(1 / 24 / 60);
    const unknown = await issuer.sign({ ...claims, sub: 'bob' }, { header: { kid: 'two' } });
    const unavailable = await get('/v1/records', unknown);
    expect(unavailable.status).toBe(503);
    expect(await unavailable.json()).toMatchObject({ code: 'issuer_unavailable' });
  });
});
