import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controlRoutes, routesOf } from '../src/http/control-routes.js';
import { decisionRoutes } from '../src/http/decision-routes.js';
import { openApiDocument } from '../src/http/openapi.js';
import { permissionOf, PERMISSIONS, type Permission } from '../src/identity/permissions.js';
import { actsOnRecord } from './acts-on-record.js';
import { ServedMesh } from './served-mesh.js';
import { bearing, tokenOf } from './tokens.js';

const mesh = new ServedMesh({ global: '{}', sales: '{}', marketing: '{}' });
beforeAll(() => mesh.start({ WITAN_AUTH: 'token' }));
afterAll(() => mesh.stop());

const ROUTES = Object.entries(openApiDocument.paths).flatMap(([path, operations]) =>
  Object.keys(operations).map((method) => ({
    method: method.toUpperCase(),
    // As express writes it.
    route: path.replace('/tile/{path}', '/tile/*path').replace(/\{(\w+)\}/g, ':$1'),
    url: path.replace('/tile/{path}', '/tile/0/000').replace(/\{\w+\}/g, 'none'),
  })),
);

const CALLERS: Readonly<Record<string, readonly string[]>> = {
  nobody: [],
  roleless: ['steward:nowhere'],
  gateway: ['enforcement_point'],
  'gateway of sales': ['enforcement_point:sales'],
  'gateway of marketing': ['enforcement_point:marketing'],
  'steward of sales': ['steward:sales'],
  'steward of marketing': ['steward:marketing'],
  'representative of sales': ['representative:sales'],
  'representative of marketing': ['representative:marketing'],
  auditor: ['auditor'],
  'auditor of sales': ['auditor:sales'],
  'auditor of marketing': ['auditor:marketing'],
  operator: ['operator'],
};
const tokens = new Map<string, string>();
beforeAll(async () => {
  for (const [name, roles] of Object.entries(CALLERS)) {
    if (roles.length > 0) tokens.set(name, await tokenOf(mesh.app, 'someone', roles));
  }
});

/** Said a second time, in other words than the code does: what a caller's grants come to. */
function expected(permission: Permission, grants: readonly string[]): 401 | 403 | 'served' {
  if (permission === 'anyone') return 'served';
  if (grants.length === 0) return 401;
  const needed = permission === 'decision' ? ['enforcement_point'] : permission.roles;
  const ofMesh = permission !== 'decision' && permission.of === 'mesh';
  const fits = grants.some((grant) => {
    const [role = '', domain] = grant.split(':');
    return (needed as readonly string[]).includes(role) && !(ofMesh && domain !== undefined);
  });
  return fits ? 'served' : 403;
}

describe('who may use which route', () => {
  test.each(ROUTES)('$method $route', async ({ method, route, url }) => {
    const permission = permissionOf(method, route);
    for (const [name, grants] of Object.entries(CALLERS)) {
      const token = tokens.get(name);
      const response = await fetch(`${mesh.url}${url}`, {
        method,
        headers: token === undefined ? {} : bearing(token),
      });
      const text = await response.text();
      const wanted = expected(permission, grants);
      const status = response.status === 401 || response.status === 403 ? response.status : 'served';
      expect({ name, status }, text).toEqual({ name, status: wanted });
      expect(response.headers.get('www-authenticate')).toBe(wanted === 401 ? 'Bearer realm="witan"' : null);
      if (wanted !== 'served') {
        const code = wanted === 401 ? 'unauthenticated' : 'forbidden';
        expect(JSON.parse(text)).toMatchObject({ status: wanted, code });
        expect(JSON.parse(text).detail).toMatch(/needs .*`(enforcement_point|steward|auditor|operator)`/);
      }
      const head =
        method === 'GET'
          ? await fetch(`${mesh.url}${url}`, {
              method: 'HEAD',
              headers: token === undefined ? {} : bearing(token),
            })
          : undefined;
      if (head !== undefined) expect(head.status).toBe(response.status);
    }
  });

  test('every route that is served has its line, and none can be served without', () => {
    for (const { method, path } of routesOf(mesh.app)) {
      expect(permissionOf(method, path), path).toBeDefined();
    }
    const logger = pino({ level: 'silent' });
    const answer = () => undefined;
    const ignored = () => undefined;
    const known = { method: 'get', path: '/healthz', answer } as const;
    expect(() => controlRoutes([known], logger, ignored)).not.toThrow();
    for (const path of ['/v1/secrets', '/v1/products/:id/secrets', '/toString']) {
      expect(() => controlRoutes([known, { method: 'get', path, answer }], logger, ignored)).toThrow(
        `GET ${path}\` has no line`,
      );
    }
    expect(() => controlRoutes([{ ...known, method: 'delete' }], logger, ignored)).toThrow('has no line');
    expect(() => controlRoutes([known], logger, answer)).not.toThrow();
    for (const path of ['/v1/secrets', '/v1/products/:id/secrets', '/toString']) {
      expect(() => controlRoutes([known, { method: 'get', path, answer }], logger, answer)).toThrow(
        `GET ${path}\` has no line`,
      );
    }
    expect(() => controlRoutes([{ ...known, method: 'delete' }], logger, answer)).toThrow('has no line');
  });

  test('every line is of a route that is served', () => {
    const decisions = decisionRoutes(mesh.app);
    const served = [
      ...routesOf(mesh.app).map(({ method, path }) => `${method.toUpperCase()} ${path}`),
      ...[...decisions.keys()].map((path) => `POST ${path}`),
    ];
    expect(Object.keys(PERMISSIONS).sort()).toEqual(served.sort());
  });

  test('what a parameter is called does not matter, and no two lines are the same route', () => {
    expect(permissionOf('get', '/v1/products/:product')).toBe(PERMISSIONS['GET /v1/products/:id']);
    const bare = Object.keys(PERMISSIONS).map((route) => route.replace(/([:*])\w+/g, '$1'));
    expect(new Set(bare).size).toBe(bare.length);
  });

  test('a path that differs by case, a slash at its end or an encoded letter is no way around', async () => {
    for (const path of [
      '/V1/Records',
      '/v1/records/',
      '/v1/%72ecords',
      '//v1/records',
      '/v1/records?x',
      '/v1/./records',
    ]) {
      const { status } = await fetch(`${mesh.url}${path}`);
      expect([401, 404], path).toContain(status);
    }
  });
});

test('the first start without an operator writes one a token, which its owner alone can read', async () => {
  const file = join(mesh.dataDir, 'operator-token.json');
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  const { token, roles } = JSON.parse(readFileSync(file, 'utf8'));
  expect(roles).toEqual(['operator']);
  const list = await fetch(`${mesh.url}/v1/tokens`, { headers: bearing(token) });
  expect(list.status).toBe(200);
  expect(existsSync(join(mesh.dataDir, 'demo-tokens.json'))).toBe(false);
});

describe('an enforcement point of some domains', () => {
  const ask = (name: string, resource: object, more: object = {}) =>
    fetch(`${mesh.url}/access/v1/evaluation${'evaluations' in more ? 's' : ''}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...bearing(tokens.get(name) ?? '') },
      body: JSON.stringify({
        subject: { type: 'user', id: 'bob' },
        action: { name: 'read' },
        resource,
        ...more,
      }),
    });
  const table = (domain?: string) => ({
    type: 'table',
    id: 't',
    ...(domain !== undefined && { properties: { domain } }),
  });

  test.each([
    ['gateway', table('sales'), 200],
    ['gateway', table(), 200],
    ['gateway of sales', table('sales'), 200],
    ['gateway of sales', table('marketing'), 403],
    ['gateway of sales', table('sales/eu'), 403],
    ['gateway of sales', table(), 403],
    ['gateway of sales', { type: 'data_product', id: 'urn:unknown' }, 403],
    ['auditor', table('sales'), 403],
  ])('%s asks about %j: %i', async (name, resource, status) => {
    const acts = await actsOnRecord(mesh.app.store);
    const response = await ask(name, resource);
    expect(response.status).toBe(status);
    // What is refused is not decided.
    if (status === 403) expect(await actsOnRecord(mesh.app.store)).toBe(acts);
    if (status === 200) expect(await response.json()).toHaveProperty('decision');
  });

  test('one foreign item refuses the whole batch, and nothing of it is decided', async () => {
    const acts = await actsOnRecord(mesh.app.store);
    const items = [{ resource: table('sales') }, { resource: table('marketing') }];
    const response = await ask('gateway of sales', table('sales'), { evaluations: items });
    expect(response.status).toBe(403);
    expect(await actsOnRecord(mesh.app.store)).toBe(acts);
    expect((await ask('gateway of sales', table(), { evaluations: items.slice(0, 1) })).status).toBe(200);
  });

  test('a claim does not lead away from where the resource is registered', async () => {
    const registered = { type: 'table', id: 'ledger', domain: 'marketing', properties: {} };
    const record = {
      id: mesh.app.newId(),
      time: new Date(mesh.app.nowMs()).toISOString(),
      kind: 'access_change',
      caller: { id: 'test', roles: [] },
      revision: 1,
      event: 'created',
      entity: { type: 'table', id: 'ledger' },
    } as const;
    await mesh.app.commit({ record, changes: [{ kind: 'put_entity', entity: registered }] });
    const claimed = { type: 'table', id: 'ledger', properties: { domain: 'sales' } };
    expect((await ask('gateway of sales', claimed)).status).toBe(403);
    expect((await ask('gateway of marketing', claimed)).status).toBe(403);
    expect((await ask('gateway', claimed)).status).toBe(200);
  });
});
