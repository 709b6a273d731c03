import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actsOnRecord } from './acts-on-record.js';
import { ServedMesh } from './served-mesh.js';
import { bearing, demoTokens, tokenOf } from './tokens.js';

/** Every byte of the store, without the file that is made to hold secrets. */
function storedBytes(dataDir: string): Buffer {
  const files = readdirSync(dataDir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('-tokens.json'))
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(3);
  return Buffer.concat(files.map((file) => readFileSync(file)));
}

describe('the life of a token', () => {
  const mesh = new ServedMesh({ global: '{}', sales: '{}' });
  beforeAll(() => mesh.start());
  afterAll(() => mesh.stop());
  const create = async (body: object) =>
    (await mesh.post('/v1/tokens', body)) as { status: number; body: any };
  const asked = (secret: string, path = '/v1/records?limit=1') =>
    mesh.fetch(path, { headers: bearing(secret) });

  test('it is made, used and listed; its secret is answered once and kept nowhere', async () => {
    const { status, body } = await create({
      caller: 'eve',
      roles: ['auditor'],
      note: 'for the audit of May',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ caller: 'eve', roles: ['auditor'], created_by: 'ann' });
    expect(body.secret).toMatch(/^witan_[A-Za-z0-9_-]{43}$/);
    expect(body).not.toHaveProperty('hash');
    expect((await asked(body.secret)).status).toBe(200);
    expect((await asked(body.secret, '/v1/tokens')).status).toBe(403);

    const { secret, ...rest } = body;
    expect(await mesh.get(`/v1/tokens/${body.id}`)).toEqual(rest);
    expect((await mesh.get('/v1/tokens?caller=eve')).tokens).toEqual([rest]);
    const { records } = await mesh.get('/v1/records?kind=access_change&order=newest&limit=1');
    expect(records[0].record).toMatchObject({
      event: 'created',
      caller: { id: 'ann' },
      entity: { type: 'token', id: body.id },
      bearer: 'eve',
      grants: ['auditor'],
    });
    const stored = storedBytes(mesh.dataDir);
    expect(stored.includes(secret)).toBe(false);
    expect(stored.includes(secret.slice('witan_'.length))).toBe(false);
    // The search would find what is there.
    expect(stored.includes('for the audit of May')).toBe(true);
    for (const { token } of Object.values(demoTokens(mesh.dataDir)))
      expect(stored.includes(token)).toBe(false);
  });

  test('it ends by the clock', async () => {
    const expires_at = '2026-06-03T00:00:00.000Z';
    const { body } = await create({ caller: 'eve', roles: ['auditor'], expires_at });
    expect(body.expires_at).toBe(expires_at);
    expect((await asked(body.secret)).status).toBe(200);
    mesh.passDays(1.9);
    expect((await asked(body.secret)).status).toBe(200);
    mesh.passDays(0.1);
    const over = await asked(body.secret);
    expect(over.status).toBe(401);
    expect(over.headers.get('www-authenticate')).toBe('Bearer realm="witan", error="invalid_token"');
    // An invalid token is no better than none, also where none is needed.
    expect((await asked(body.secret, '/healthz')).status).toBe(401);
    const decision = await mesh.fetch('/access/v1/evaluation', {
      method: 'POST',
      headers: bearing(body.secret),
    });
    expect(decision.status).toBe(401);
  });

  test('it is taken back at once, and for good', async () => {
    const { body } = await create({ caller: 'eve', roles: ['auditor'] });
    expect((await asked(body.secret)).status).toBe(200);
    const revoke = (reason?: string) => mesh.post(`/v1/tokens/${body.id}/revocation`, { reason });
    expect((await revoke()).status).toBe(400);
    const { status, body: revoked } = await revoke('it was seen in a chat');
    expect(status).toBe(200);
    expect(revoked).toMatchObject({ id: body.id, revoked_at: expect.stringMatching(/^2026-06-03T/) });
    expect((await asked(body.secret)).status).toBe(401);
    const { records } = await mesh.get('/v1/records?kind=access_change&order=newest&limit=1');
    expect(records[0].record).toMatchObject({
      event: 'revoked',
      bearer: 'eve',
      reason: 'it was seen in a chat',
    });
    const acts = await actsOnRecord(mesh.app.store);
    expect((await revoke('again')).body).toEqual(revoked);
    expect(await actsOnRecord(mesh.app.store)).toBe(acts);
    expect((await mesh.post('/v1/tokens/none/revocation', { reason: 'r' })).status).toBe(404);
    await mesh.stop();
    await mesh.start();
    expect((await asked(body.secret)).status).toBe(401);
  });

  test('that of the last operator stays until there is another', async () => {
    const { tokens } = await mesh.get('/v1/tokens');
    const ann = tokens.find(({ caller }: any) => caller === 'ann');
    const revoke = () => mesh.post(`/v1/tokens/${ann.id}/revocation`, { reason: 'she left' });
    const soon = { caller: 'zoe', roles: ['operator'], expires_at: '2026-06-04T00:00:00Z' };
    expect((await create(soon)).status).toBe(201);
    mesh.passDays(2);
    const refused = await revoke();
    expect(refused).toMatchObject({ status: 409, body: { code: 'last_operator' } });
    const { body } = await create({ caller: 'zoe', roles: ['operator'] });
    expect((await revoke()).status).toBe(200);
    const again = await mesh.fetch('/v1/tokens', { headers: bearing(body.secret) });
    expect(again.status).toBe(200);
    expect((await mesh.fetch('/v1/tokens')).status).toBe(401);
  });
});

describe('what is no token to ask for', () => {
  const mesh = new ServedMesh({ global: '{}', sales: '{}' });
  beforeAll(() => mesh.start());
  afterAll(() => mesh.stop());

  test.each<[string, object]>([
    ['no caller', { roles: ['auditor'] }],
    ['an empty caller', { caller: '', roles: ['auditor'] }],
    ['a caller with spaces around', { caller: ' eve', roles: ['auditor'] }],
    ['a caller with a line break', { caller: 'a\nb', roles: ['auditor'] }],
    ['a caller that is invisible', { caller: 'a\u202eb', roles: ['auditor'] }],
    ['a caller of 257 characters', { caller: 'e'.repeat(257), roles: ['auditor'] }],
    ['the service itself', { caller: 'witan', roles: ['auditor'] }],
    ['whoever is on the machine', { caller: 'local', roles: ['auditor'] }],
    ['nobody', { caller: 'anonymous', roles: ['auditor'] }],
    ['no roles', { caller: 'eve', roles: [] }],
    ['a role that is none', { caller: 'eve', roles: ['king'] }],
    ['a steward of nothing', { caller: 'eve', roles: ['steward'] }],
    ['an operator of a domain', { caller: 'eve', roles: ['operator:sales'] }],
    ['a domain that cannot be', { caller: 'eve', roles: ['steward:Sales'] }],
    ['too many roles', { caller: 'eve', roles: Array(101).fill('auditor') }],
    ['an end that is over', { caller: 'eve', roles: ['auditor'], expires_at: '2026-05-31T23:59:59Z' }],
    ['an end that is now', { caller: 'eve', roles: ['auditor'], expires_at: '2026-06-01T00:00:00Z' }],
    ['an end that is no time', { caller: 'eve', roles: ['auditor'], expires_at: 'soon' }],
    ['a note without end', { caller: 'eve', roles: ['auditor'], note: 'n'.repeat(1025) }],
  ])('%s', async (_, body) => {
    const acts = await actsOnRecord(mesh.app.store);
    expect(await mesh.post('/v1/tokens', body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    expect(await actsOnRecord(mesh.app.store)).toBe(acts);
  });
});

describe('a secret', () => {
  const mesh = new ServedMesh({ global: '{}', sales: '{}' });
  let logged = '';
  const logger = pino({ level: 'trace' }, { write: (line: string) => (logged += line) });
  beforeAll(() => mesh.start({}, logger));
  afterAll(() => mesh.stop());

  test('does not come into the log of the service, whatever becomes of the request', async () => {
    const secret = await tokenOf(mesh.app, 'eve', ['auditor']);
    const wrong = `witan_${'x'.repeat(43)}`;
    for (const token of [secret, wrong]) {
      for (const path of [
        '/v1/records?limit=1',
        '/v1/tokens',
        '/nothing',
        '/v1/records?limit=x',
        '/healthz',
      ]) {
        await (await mesh.fetch(path, { headers: bearing(token) })).text();
      }
      const inUrl = await fetch(`${mesh.url}/v1/records?access_token=${token}`);
      expect(inUrl.status).toBe(400);
      expect(await inUrl.text()).not.toContain(token);
      expect((await fetch(`${mesh.url}/v1/products/${token}`)).status).toBe(400);
    }
    expect(logged).toContain('/v1/records?limit=x');
    for (const token of [secret, wrong]) expect(logged).not.toContain(token.slice('witan_'.length));
  });

  test('is refused when the request carries two', async () => {
    const secret = await tokenOf(mesh.app, 'eve', ['auditor']);
    const { port } = new URL(mesh.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1');
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.once('error', reject);
      socket.once('close', () => {
        resolve(text);
      });
      socket.write(
        `GET /v1/records?limit=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${secret}\r\nauthorization: Bearer ${secret}\r\nConnection: close\r\n\r\n`,
      );
    });
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain('more than one');
  });
});
