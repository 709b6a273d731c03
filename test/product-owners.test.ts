import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServedMesh } from './served-mesh.js';
import { bearing, tokenOf } from './tokens.js';

const mesh = new ServedMesh({ global: '{}', sales: '{}', marketing: '{}' });
const tokens: Record<string, string> = {};
beforeAll(async () => {
  await mesh.start();
  for (const domain of ['sales', 'marketing']) {
    tokens[domain] = await tokenOf(mesh.app, `steward of ${domain}`, [`steward:${domain}`]);
  }
  tokens['both'] = await tokenOf(mesh.app, 'both', ['steward:sales', 'steward:marketing']);
  tokens['auditor'] = await tokenOf(mesh.app, 'eve', ['auditor']);
});
afterAll(() => mesh.stop());

const ID = 'urn:mesh:sales:orders';
const descriptor = (domain: string | undefined, id = ID) => ({
  apiVersion: 'v1.0.0',
  kind: 'DataProduct',
  id,
  name: 'orders',
  version: '1.0.0',
  status: 'active',
  ...(domain !== undefined && { domain }),
});
const put = async (as: string, domain: string | undefined, id = ID) => {
  const response = await mesh.fetch(`/v1/products/${encodeURIComponent(id)}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', ...bearing(tokens[as] ?? '') },
    body: JSON.stringify({ descriptor: descriptor(domain, id) }),
  });
  return { status: response.status, body: (await response.json()) as any };
};
const get = async (as: string, path: string) => {
  const response = await mesh.fetch(path, { headers: bearing(tokens[as] ?? '') });
  return { status: response.status, body: (await response.json()) as any };
};

describe('a product is its domain’s', () => {
  test('only the steward of the domain that it names registers it', async () => {
    expect(await put('marketing', 'sales')).toMatchObject({
      status: 403,
      body: { code: 'forbidden', detail: '`steward of marketing` is not steward of `sales`' },
    });
    expect((await put('sales', undefined)).status).toBe(403);
    expect((await get('auditor', '/v1/products')).body.products).toEqual([]);
    expect((await put('sales', 'sales')).status).toBe(201);
    expect((await put('sales', 'sales')).status).toBe(200);
  });

  test('nobody takes it from its owner by naming their own domain, nor gives it away', async () => {
    const decided = (await mesh.decisions()).length;
    expect((await put('marketing', 'marketing')).status).toBe(403);
    expect((await put('sales', 'marketing')).status).toBe(403);
    expect((await put('marketing', undefined)).status).toBe(403);
    expect(await mesh.decisions()).toHaveLength(decided);
    expect(mesh.app.registry.product(ID)?.domain).toBe('sales');
    expect((await put('both', 'marketing')).status).toBe(200);
    expect(mesh.app.registry.product(ID)?.domain).toBe('marketing');
    expect((await put('both', 'sales')).status).toBe(200);
  });

  test('whoever has roles of domains alone sees the products of these', async () => {
    expect((await put('marketing', 'marketing', 'urn:mesh:marketing:campaigns')).status).toBe(201);
    const listed = async (as: string, query = '') =>
      (await get(as, `/v1/products${query}`)).body.products.map(({ domain }: any) => domain);
    expect(await listed('auditor')).toEqual(['marketing', 'sales']);
    expect(await listed('both')).toEqual(['marketing', 'sales']);
    expect(await listed('sales')).toEqual(['sales']);
    expect(await listed('sales', '?domain=marketing')).toEqual([]);
    const path = '/v1/products/urn:mesh:marketing:campaigns';
    expect((await get('marketing', path)).status).toBe(200);
    const hidden = await get('sales', path);
    const missing = await get('sales', `${path}x`);
    expect(hidden).toEqual({
      ...missing,
      body: { ...missing.body, detail: missing.body.detail.replace('campaignsx', 'campaigns') },
    });
  });
});
