import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { write } from './bundles.js';
import { CouncilMesh, PERMIT, seedOf } from './council-mesh.js';
import { jsonOf } from './service.js';
import { fetchAuthorized } from './tokens.js';

const DOMAINS = Array.from({ length: 30 }, (_, index) => `domain_${index}`);
const PRODUCTS = Array.from({ length: 500 }, (_, index) => `urn:product:${String(index).padStart(4, '0')}`);

const environment = seedOf({
  global: PERMIT,
  ...Object.fromEntries(
    DOMAINS.map((domain) => [domain, { rules: `advice contains {"message": "${domain}"}` }]),
  ),
});
for (const [index, id] of PRODUCTS.entries()) {
  const descriptor = {
    apiVersion: 'v1.0.0',
    kind: 'DataProduct',
    id,
    name: id,
    version: '1.0.0',
    status: 'active',
    domain: DOMAINS[index % DOMAINS.length],
  };
  write(join(environment['WITAN_SEED']!, 'products', `${index}.json`), JSON.stringify(descriptor));
}

const mesh = new CouncilMesh(environment);
const modules = (): readonly (readonly [string, number])[] => {
  const folder = join(environment['WITAN_DATA_DIR']!, 'modules');
  return readdirSync(folder).map((name) => [name, lstatSync(join(folder, name)).ino] as const);
};
let before: ReturnType<typeof modules>;

const { Memory } = WebAssembly;
/** Instances that were made since the second start: each has a memory of its own. */
let instances = 0;
class CountedMemory extends Memory {
  constructor(descriptor: ConstructorParameters<typeof Memory>[0]) {
    super(descriptor);
    instances += 1;
  }
}

beforeAll(async () => {
  await mesh.start();
  await mesh.stop();
  before = modules();
  WebAssembly.Memory = CountedMemory;
  await mesh.start();
}, 600_000);
afterAll(async () => {
  WebAssembly.Memory = Memory;
  await mesh.stop();
});

const list = async (query: string): Promise<any> =>
  jsonOf(fetchAuthorized(`${mesh.url}/v1/products?${query}`));

test('a second start compiles nothing: every module is the file that the first one wrote', () => {
  expect(before).toHaveLength(1 + DOMAINS.length);
  expect(modules()).toEqual(before);
  expect(mesh.warnings).toEqual([]);
});

test('a start makes instances of few layers, and a question makes the one that it needs', async () => {
  expect(instances).toBeGreaterThan(0);
  expect(instances).toBeLessThan(12);
  for (const domain of DOMAINS) {
    expect((await mesh.decide(domain)).context).toMatchObject({ advice: [{ message: domain }] });
  }
  expect(instances).toBeGreaterThanOrEqual(DOMAINS.length);
});

test('products are listed page by page in the order of their ids, also those of one domain', async () => {
  const listed: string[] = [];
  for (let cursor = ''; ;) {
    const page = await list(`limit=60${cursor}`);
    listed.push(...page.products.map(({ id }: { id: string }) => id));
    if (page.next === undefined) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(listed).toEqual(PRODUCTS);
  const { products, next } = await list('domain=domain_7&limit=100');
  expect(products.map(({ id }: { id: string }) => id)).toEqual(
    PRODUCTS.filter((_, index) => index % 30 === 7),
  );
  expect(next).toBeUndefined();
  expect(await list('domain=none')).toEqual({ products: [] });
});
