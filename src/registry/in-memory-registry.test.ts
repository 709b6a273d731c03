import { expect, test } from 'vitest';
import { InMemoryRegistry } from './in-memory-registry.js';

const finance = { path: 'finance', name: 'Finance' };
const ann = { type: 'user', id: 'ann', properties: {} };
const orders = {
  id: 'orders',
  product: { id: 'orders' },
  contracts: [],
  digest: 'sha256:1',
  registeredAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};

test('holds what it starts with', () => {
  const registry = new InMemoryRegistry({ domains: [finance], entities: [ann], products: [orders] });
  expect(registry.domain('finance')).toBe(finance);
  expect(registry.entity('user', 'ann')).toBe(ann);
  expect(registry.entity('service', 'ann')).toBeUndefined();
  expect(registry.product('orders')).toEqual(orders);
  expect([[...registry.domains()], [...registry.entities()], [...registry.products()]]).toEqual([
    [finance],
    [ann],
    [orders],
  ]);
});

test('applies changes', () => {
  const registry = new InMemoryRegistry();
  registry.apply({ kind: 'put_domain', domain: finance });
  registry.apply({ kind: 'put_entity', entity: ann });
  registry.apply({ kind: 'put_entity', entity: { ...ann, domain: 'finance' } });
  registry.apply({ kind: 'put_product', product: orders });
  registry.apply({ kind: 'delete_product', id: 'none' });
  expect([...registry.entities()]).toEqual([{ ...ann, domain: 'finance' }]);
  expect(registry.product('orders')).toEqual(orders);
  registry.apply({ kind: 'delete_product', id: 'orders' });
  expect([...registry.products()]).toEqual([]);
});
