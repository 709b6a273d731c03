import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { productLifecycle } from '../src/decision/product-lifecycle.js';
import { readDescribed } from '../src/http/described.js';
import { actsOnRecord } from './acts-on-record.js';
import { ActingMesh } from './acting-mesh.js';
import { policiesFolder, seedFolder } from './bundles.js';
import { tokenOf } from './tokens.js';

/** Active products are kept: what is to be retired says so first. */
const KEEPS = `deny contains {"message": "still active"} if {
	input.action.name == "retire"
	input.product.status == "active"
}`;

const mesh = new ActingMesh({
  policies: policiesFolder({
    global: {
      grants: { rules: 'permit if input.subject.registered.trusted' },
      keeps: { rules: KEEPS, appliesTo: ['publish'] },
    },
    finance: { open: { rules: 'permit := false' } },
    sales: { open: { rules: 'permit := false' } },
  }),
  seed: seedFolder(['finance', 'sales']),
});
beforeAll(() => mesh.start());
afterAll(() => mesh.stop());

const operator = mesh.as.bind(mesh, 'olga', 'operator');
const auditor = mesh.as.bind(mesh, 'audrey', 'auditor');
const records = async (id: string): Promise<readonly any[]> => {
  const { body } = await auditor().get('/v1/records?kind=access_change&order=oldest&limit=1000');
  return body.records.map(({ record }: any) => record).filter(({ entity }: any) => entity.id === id);
};
const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });

describe('entities', () => {
  const path = '/v1/entities/user/bob';

  test('are registered, changed, deleted; decisions see it at once, and each is on record', async () => {
    const read = {
      subject: { type: 'user', id: 'bob' },
      action: { name: 'read' },
      resource: { type: 'table', id: 't', properties: { domain: 'finance' } },
    };
    expect((await mesh.decide(read)).decision).toBe(false);
    const bob = { domain: 'finance', properties: { trusted: true, big: 1 } };
    const created = await operator().put(path, bob);
    expect(created).toMatchObject({ status: 201, body: { type: 'user', id: 'bob', ...bob } });
    expect((await mesh.decide(read)).decision).toBe(true);
    expect((await auditor().get(path)).body).toEqual({ type: 'user', id: 'bob', ...bob });
    const changed = await operator().put(path, { domain: 'sales', properties: { trusted: false } });
    expect(changed.status).toBe(200);
    expect((await mesh.decide(read)).decision).toBe(false);
    await mesh.stop();
    await mesh.start();
    expect((await auditor().get(path)).body.domain).toBe('sales');
    const deleted = await operator().delete(path);
    expect(deleted).toMatchObject({ status: 200, body: { tokens_revoked: 0, tokens_kept: 0 } });
    expect((await auditor().get(path)).status).toBe(404);
    expect((await operator().delete(path)).status).toBe(404);
    expect((await records('bob')).map(({ event, domain, caller }) => [event, domain, caller.id])).toEqual([
      ['created', 'finance', 'olga'],
      ['changed', 'sales', 'olga'],
      ['revoked', 'sales', 'olga'],
    ]);
  });

  test('keep numbers that JavaScript would round', async () => {
    const text = '{"properties":{"n":9007199254740993}}';
    const token = await tokenOf(mesh.app, 'olga', ['operator']);
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const url = `${mesh.url}/v1/entities/meter/m1`;
    await fetch(url, { method: 'PUT', headers, body: text });
    expect(await (await fetch(url, { headers })).text()).toContain('9007199254740993');
  });

  it.each<[string, string, unknown, number, RegExp]>([
    ['a data product', '/v1/entities/data_product/x', { properties: {} }, 400, /\/v1\/products/],
    [
      'a domain that nobody registered',
      '/v1/entities/user/x',
      { domain: 'nowhere', properties: {} },
      400,
      /not a registered domain/,
    ],
    ['no properties', '/v1/entities/user/x', {}, 400, /\/properties is required/],
    [
      'too many bytes',
      '/v1/entities/user/x',
      { properties: { a: 'x'.repeat(65_536) } },
      400,
      /at most 65536/,
    ],
    ['too deep', '/v1/entities/user/x', { properties: nested(17) }, 400, /deeper than 16/],
    ['an id without end', `/v1/entities/user/${'x'.repeat(257)}`, { properties: {} }, 400, /257 characters/],
  ])('are refused: %s', async (_, at, body, status, message) => {
    const answer = await operator().put(at, body);
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(message)]);
  });

  test('may nest as deep as is allowed, and be called anything', async () => {
    const odd = '/v1/entities/a%2Fb/%E2%82%AC%20%26%3F';
    expect((await operator().put(odd, { properties: nested(15) })).status).toBe(201);
    expect((await auditor().get(odd)).body).toMatchObject({ type: 'a/b', id: '€ &?' });
  });

  it.each([
    ['a steward', 'steward:finance'],
    ['an auditor', 'auditor'],
    ['a representative', 'representative:finance'],
  ])('are changed by operators of the mesh alone: %s', async (_, role) => {
    const one = mesh.as('eve', role);
    expect((await one.put('/v1/entities/user/eve', { properties: { trusted: true } })).status).toBe(403);
    expect((await one.delete('/v1/entities/user/ann')).status).toBe(403);
    expect((await one.put('/v1/domains/evil', { name: 'Evil' })).status).toBe(403);
  });

  test('are listed in pages, to those whose domain it is', async () => {
    for (let index = 0; index < 7; index++) {
      const domain = index % 2 === 0 ? 'finance' : 'sales';
      await operator().put(`/v1/entities/table/t%2F${index}`, { domain, properties: {} });
    }
    const listed = async (query: string, by = auditor()): Promise<readonly string[]> => {
      const ids: string[] = [];
      let cursor = '';
      do {
        const { body } = await by.get(`/v1/entities?limit=2&${query}${cursor}`);
        ids.push(...body.entities.map(({ id }: any) => id));
        cursor = body.next === undefined ? '' : `&cursor=${encodeURIComponent(body.next)}`;
      } while (cursor !== '');
      return ids;
    };
    const all = ['t/0', 't/1', 't/2', 't/3', 't/4', 't/5', 't/6'];
    expect(await listed('type=table')).toEqual(all);
    expect(await listed('type=table&domain=sales')).toEqual(['t/1', 't/3', 't/5']);
    expect(await listed('type=table', mesh.as('s', 'steward:sales'))).toEqual(['t/1', 't/3', 't/5']);
    expect((await mesh.as('s', 'steward:sales').get('/v1/entities/table/t%2F0')).status).toBe(404);
    expect((await auditor().get('/v1/entities?cursor=x')).status).toBe(400);
    expect((await mesh.as('p', 'enforcement_point').get('/v1/entities')).status).toBe(403);
  });
});

describe('the tokens of a person who is deleted', () => {
  const carl = mesh.as.bind(mesh, 'carl', 'auditor');
  const path = '/v1/entities/user/carl';

  test('stay, unless they are to be revoked with it, in one commit', async () => {
    await operator().put(path, { properties: {} });
    expect((await carl().get('/v1/entities')).status).toBe(200);
    expect((await operator().delete(path)).body).toMatchObject({ tokens_revoked: 0, tokens_kept: 1 });
    expect((await carl().get('/v1/entities')).status).toBe(200);

    await operator().put(path, { properties: {} });
    await tokenOf(mesh.app, 'carl', ['steward:finance']);
    const acts = await actsOnRecord(mesh.app.store);
    const deleted = await operator().delete(`${path}?revoke_tokens=true`);
    expect(deleted.body).toMatchObject({ tokens_revoked: 2, tokens_kept: 0 });
    expect(await actsOnRecord(mesh.app.store)).toBe(acts + 1);
    expect((await carl().get('/v1/entities')).status).toBe(401);
    const gone = [...mesh.app.tokens.all()].filter(({ caller }) => caller === 'carl').map(({ id }) => id);
    expect((await records('carl')).at(-1).reason).toBe(
      `with it these tokens are revoked: ${gone.join(', ')}`,
    );
    await mesh.stop();
    await mesh.start();
    expect((await carl().get('/v1/entities')).status).toBe(401);
  });

  test('are never the last of an operator', async () => {
    await operator().put('/v1/entities/user/olga', { properties: {} });
    const others = [...mesh.app.tokens.all()].filter(
      ({ caller, roles, revoked_at: revoked }) =>
        caller !== 'olga' && roles.includes('operator') && revoked === undefined,
    );
    for (const { id } of others) {
      const answer = await operator().post(`/v1/tokens/${id}/revocation`, { reason: 'test' });
      expect(answer.status).toBe(200);
    }
    const refused = await operator().delete('/v1/entities/user/olga?revoke_tokens=true');
    expect([refused.status, refused.body.code]).toEqual([409, 'last_operator']);
    expect((await operator().get('/v1/entities/user/olga')).status).toBe(200);
  });

  it.each([
    ['something that has none', '/v1/entities/table/t%2F0?revoke_tokens=true'],
    ['what is neither yes nor no', '/v1/entities/user/ann?revoke_tokens=1'],
    ['a misspelt question', '/v1/entities/user/ann?revoke_token=true'],
  ])('are not asked of %s', async (_, at) => {
    expect((await operator().delete(at)).body.code).toBe('invalid_request');
  });
});

describe('domains', () => {
  test('are registered and changed, by their percent-encoded path, with a record', async () => {
    const at = '/v1/domains/finance%2Frisk';
    expect(await operator().put(at, { name: 'Risk', team: 'credit' })).toMatchObject({
      status: 201,
      body: { path: 'finance/risk', name: 'Risk', team: 'credit' },
    });
    expect((await operator().put(at, { name: 'Risks' })).status).toBe(200);
    expect((await auditor().get(at)).body).toEqual({ path: 'finance/risk', name: 'Risks' });
    const listed = (await auditor().get('/v1/domains')).body.domains;
    expect(listed.map(({ path }: any) => path)).toEqual(['finance', 'finance/risk', 'sales']);
    const first = await auditor().get('/v1/domains?limit=1');
    const rest = await auditor().get(`/v1/domains?cursor=${encodeURIComponent(first.body.next)}`);
    expect([...first.body.domains, ...rest.body.domains]).toEqual(listed);
    const [created, changed] = await records('finance/risk');
    const entity = { type: 'domain', id: 'finance/risk' };
    expect(created).toMatchObject({ event: 'created', domain: 'finance/risk', entity });
    expect(changed).toMatchObject({ event: 'changed', domain: 'finance/risk', entity });
  });

  it.each([
    ['a reserved word', 'global', /cannot be a domain's path/],
    ['a path of capitals', 'Sales', /cannot be a domain's path/],
    ['a path that climbs', 'sales%2F..%2Ffinance', /cannot be a domain's path/],
    ['one that lies in nothing', 'hr%2Fpay', /lies in `hr`, which is not registered/],
  ])('are refused: %s', async (_, path, message) => {
    const answer = await operator().put(`/v1/domains/${path}`, { name: 'X' });
    expect([answer.status, answer.body.detail]).toEqual([400, expect.stringMatching(message)]);
  });

  test('that nobody registered are not found', async () => {
    expect((await auditor().get('/v1/domains/hr')).status).toBe(404);
  });
});

describe('taking a product off the mesh', () => {
  const described = (id: string, status: string) => ({
    descriptor: { apiVersion: 'v1.0.0', kind: 'DataProduct', id, status, domain: 'sales' },
  });
  const sam = mesh.as.bind(mesh, 'sam', 'steward:sales');

  test('is decided: denied while a policy minds, with what it says; permitted then, and committed with its decision', async () => {
    const at = '/v1/products/orders';
    expect((await sam().put(at, described('orders', 'active'))).status).toBe(201);
    const denied = await sam().delete(at);
    expect(denied).toMatchObject({
      status: 422,
      body: { code: 'forbidden', decision: false, reasons: [{ message: 'still active' }] },
    });
    expect((await sam().get(at)).status).toBe(200);

    expect((await sam().put(at, described('orders', 'retired'))).status).toBe(200);
    const acts = await actsOnRecord(mesh.app.store);
    const retired = await sam().delete(at);
    expect(retired).toMatchObject({ status: 200, body: { decision: true, product: { id: 'orders' } } });
    expect(await actsOnRecord(mesh.app.store)).toBe(acts + 1);
    const { record } = (await auditor().get(`/v1/records/${retired.body.id}`)).body;
    expect(record).toMatchObject({
      kind: 'decision',
      decision_kind: 'publish',
      domain: 'sales',
      evaluation: { action: { name: 'retire' }, resource: { id: 'orders' } },
    });
    expect(record.metadata).toBe(record.previous_metadata);
    const replay = await auditor().post(`/v1/records/${retired.body.id}/replay`, {});
    expect(replay.body).toMatchObject({ equal: true });
    expect((await sam().get(at)).status).toBe(404);
    expect((await sam().delete(at)).status).toBe(404);
    await mesh.stop();
    await mesh.start();
    expect((await sam().get(at)).status).toBe(404);
    expect((await sam().put(at, described('orders', 'active'))).status).toBe(201);
  });

  test('is for stewards of its domain alone', async () => {
    for (const role of ['steward:finance', 'auditor', 'operator', 'representative:sales']) {
      expect((await mesh.as('eve', role).delete('/v1/products/orders')).status, role).toBe(403);
    }
  });

  test('waits for its turn behind a new version', async () => {
    const lifecycle = productLifecycle(mesh.app);
    const asking = { caller: { id: 'sam', roles: ['steward:sales'] } };
    const version = (status: string) => ({ id: 'queue', ...readDescribed(described('queue', status)) });
    const acts = await Promise.all([
      lifecycle.register(version('active'), asking),
      lifecycle.retire({ id: 'queue' }, asking).then(({ retired }) => ({ retired })),
      lifecycle.register(version('retired'), asking),
      lifecycle.retire({ id: 'queue' }, asking).then(({ retired }) => ({ retired })),
      lifecycle.register(version('active'), asking),
    ]);
    expect(acts).toMatchObject([
      { created: true },
      { retired: false },
      { created: false },
      { retired: true },
      { created: true },
    ]);
    await expect(lifecycle.retire({ id: 'none' }, asking)).rejects.toMatchObject({ code: 'not_found' });
  });
});
