import { metadataDigest } from '../../product/digest.js';
import { readMetadata } from '../../product/read.js';
import { InMemoryRegistry } from '../../registry/in-memory-registry.js';
import type { Entity, RegisteredProduct } from '../../registry/registry.js';

const AT = '2026-01-01T00:00:00.000Z';

export function descriptorOf(id: string, domain?: string): object {
  return {
    apiVersion: 'v1.0.0',
    kind: 'DataProduct',
    id,
    status: 'active',
    ...(domain !== undefined && { domain }),
  };
}

export function registeredProduct(id: string, domain?: string): RegisteredProduct {
  const { product, contracts } = readMetadata({ descriptor: descriptorOf(id, domain), contracts: undefined });
  return {
    id,
    ...(domain !== undefined && { domain }),
    product,
    contracts,
    digest: metadataDigest({ product, contracts }),
    registeredAt: AT,
    updatedAt: AT,
  };
}

export function user(id: string, domain?: string, properties: Entity['properties'] = {}): Entity {
  return { type: 'user', id, ...(domain !== undefined && { domain }), properties };
}

/** Three domains; `ada` is of `finance`, `bob` of `marketing`, nobody knows `eve`. */
export function sampleRegistry(): InMemoryRegistry {
  return new InMemoryRegistry({
    domains: ['finance', 'finance/risk', 'marketing'].map((path) => ({
      path,
      name: path,
    })),
    entities: [
      user('ada', 'finance', { roles: ['analyst'] }),
      user('bob', 'marketing'),
      user('drifter'),
      { type: 'topic', id: 'orders', domain: 'finance', properties: { tier: 'gold' } },
    ],
    products: [
      registeredProduct('ledger', 'finance'),
      registeredProduct('exposure', 'finance/risk'),
      registeredProduct('campaigns', 'marketing'),
    ],
  });
}
