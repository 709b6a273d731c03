import type { Kind } from '../policy/kind.js';
import type { RegisteredProduct } from '../registry/registry.js';
import type { PolicyInput } from './input.js';

/** Largest number of registered products that a bundle is measured with. */
export const PROBE_PRODUCTS_MAX = 5;
const TABLES = 6;
const COLUMNS_OF_TABLE = 50;

/**
 * Inputs that a bundle is measured with before it comes into force: a bare one, a product with many columns, and the
 * largest products that are registered, asked for by a subject of another domain.
 */
export function probeInputs(
  products: Iterable<RegisteredProduct>,
): Readonly<Record<Kind, readonly PolicyInput[]>> {
  const largest = [...products]
    .map((product) => ({
      product,
      size: product.contracts.reduce((sum, { schema }) => sum + columnsOf(schema), 0),
    }))
    .sort((a, b) => b.size - a.size)
    .slice(0, PROBE_PRODUCTS_MAX)
    .map(({ product }) => product);
  const inputs = (kind: Kind): readonly PolicyInput[] => [
    bare(kind),
    about(kind, wideProduct),
    ...largest.map((product) => about(kind, product)),
  ];
  return { publish: inputs('publish'), access: inputs('access'), consume: inputs('consume') };
}

function columnsOf(schema: readonly { readonly properties?: readonly unknown[] }[] | undefined): number {
  return (schema ?? []).reduce((sum, table) => sum + 1 + (table.properties?.length ?? 0), 0);
}

function bare(kind: Kind): PolicyInput {
  return {
    kind,
    now: new Date(0).toISOString(),
    subject: { type: 'user', id: 'probe', properties: {} },
    action: { name: kind === 'publish' ? 'publish' : 'read', properties: {} },
    resource: { type: 'data_product', id: 'probe', properties: {} },
    context: {},
    parameters: {},
  };
}

const CLASSIFICATIONS = ['public', 'internal', 'confidential', 'restricted'];

/** Wider than products are, so that a policy whose cost grows faster than their columns is found before it binds. */
const wideProduct: Pick<RegisteredProduct, 'id' | 'domain' | 'product' | 'contracts'> = {
  id: 'probe',
  domain: 'probe',
  product: {
    id: 'probe',
    name: 'probe',
    version: '1.0.0',
    status: 'active',
    domain: 'probe',
    description: { purpose: 'to measure what policies take' },
    tags: Array.from({ length: 20 }, (_, index) => `tag ${index}`),
  },
  contracts: [
    {
      id: 'probe',
      name: 'probe',
      version: '1.0.0',
      schema: Array.from({ length: TABLES }, (_, table) => ({
        name: `table_${table}`,
        logicalType: 'object',
        description: 'a table',
        properties: Array.from({ length: COLUMNS_OF_TABLE }, (_, column) => ({
          name: `column_${column}`,
          logicalType: 'string',
          description: 'a column',
          classification: CLASSIFICATIONS[column % CLASSIFICATIONS.length] ?? 'internal',
          primaryKey: column === 0,
          required: true,
        })),
      })),
    },
  ],
};

function about(
  kind: Kind,
  { id, domain, product, contracts }: Pick<RegisteredProduct, 'id' | 'domain' | 'product' | 'contracts'>,
): PolicyInput {
  const common = bare(kind);
  return {
    ...common,
    subject: { ...common.subject, registered: { domain: 'probe', roles: ['analyst'], clearances: [] } },
    resource: { ...common.resource, id },
    context: { purpose: 'analytics', region: 'eu', contract: 'probe' },
    product,
    contracts,
    ...(kind === 'publish' && { previous: { product, contracts } }),
    ...(domain !== undefined && { domain }),
  };
}
