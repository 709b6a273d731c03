import { describe, expect, it } from 'vitest';
import type { Contract } from '../contract.js';
import { readDescriptor } from '../read.js';

type Custom = { property?: string; value?: unknown }[] | undefined;

const custom = (list: Custom): Record<string, unknown> =>
  Object.fromEntries((list ?? []).map(({ property, value }) => [property, value]));

describe('ODCS', () => {
  const contract = {
    apiVersion: 'v3.0.2',
    kind: 'DataContract',
    id: 'a',
    version: '1.0.0',
    status: 'active',
  };

  it('has one form for both forms of a team', () => {
    const members = [{ username: 'ann', role: 'owner' }];
    const [old, current] = [members, { members }].map((team) => readDescriptor({ ...contract, team }));
    expect(old?.product.team).toEqual({ members });
    expect(current).toEqual(old);
  });

  it('stands for the product that it describes', () => {
    const { product } = readDescriptor({
      ...contract,
      dataProduct: 'sales',
      name: 'orders',
      domain: 'Order Management',
    });
    expect(product).toEqual({
      apiVersion: 'v1.0.0',
      kind: 'DataProduct',
      id: 'sales',
      name: 'sales',
      version: '1.0.0',
      status: 'active',
      // As written: whether it is a domain of the mesh is for policies to say.
      domain: 'Order Management',
      outputPorts: [{ name: 'orders', version: '1.0.0', contractId: 'a' }],
    });
  });

  it('takes an empty text for absent, but not in values that are data', () => {
    const { contracts } = readDescriptor({
      ...contract,
      name: '',
      domain: '',
      tags: ['', 'x'],
      description: { purpose: '' },
      schema: [
        {
          name: 't',
          quality: [{ metric: 'invalidValues', mustBe: 0, arguments: { validValues: ['', null] } }],
          properties: [{ name: 'c', examples: ['', null] }],
        },
      ],
      customProperties: [{ property: 'x', value: '' }],
    });
    expect(contracts).toEqual([
      {
        ...contract,
        tags: ['x'],
        schema: [
          {
            name: 't',
            quality: [{ metric: 'invalidValues', mustBe: 0, arguments: { validValues: ['', null] } }],
            properties: [{ name: 'c', examples: ['', null] }],
          },
        ],
        customProperties: [{ property: 'x', value: '' }],
      },
    ]);
  });

  it('keeps what has no place in the normal form as custom properties', () => {
    const { contracts } = readDescriptor({
      ...contract,
      description: { purpose: 'p', audience: ['a'] },
    });
    expect(contracts[0]?.description).toEqual({
      purpose: 'p',
      customProperties: [{ property: 'audience', value: ['a'] }],
    });
  });
});

describe('DPDS', () => {
  const definition = {
    datastoreapi: '1.0.0',
    services: { development: { name: 'dev' } },
    schema: {
      tables: [
        {
          name: 'trips',
          definition: {
            name: 'trip',
            required: ['id'],
            properties: {
              id: {
                type: 'string',
                physicalType: 'VARCHAR',
                displayName: 'Identifier',
                classificationLevel: 'INTERNAL',
                isUnique: true,
                pattern: '^[0-9]+$',
              },
              legs: {
                type: 'array',
                properties: { km: { type: 'number', properties: { deep: { type: 'integer' } } } },
              },
            },
          },
        },
      ],
    },
  };
  const api = { name: 'tripApi', version: '1.0.0', specification: 'datastoreapi', definition };
  const usage = { name: 'u', version: '1', specification: 's', definition: 'only for planning' };
  const events = {
    asyncapi: '2.5.0',
    channels: {
      'trips.status': {
        subscribe: {
          message: { payload: { type: 'record', fields: [{ name: 'at', type: { type: 'long' } }] } },
        },
      },
    },
  };
  const document = {
    dataProductDescriptor: '1.0.0',
    info: {
      fullyQualifiedName: 'urn:x',
      name: 'trips',
      version: '1.2.3',
      domain: 'Transport Management',
      description: 'Trips',
      owner: { id: 'ann@example.com', name: 'Ann' },
      contactPoints: [{ name: 'help', channel: 'slack', address: '#trips' }],
      'x-cost': 7,
    },
    interfaceComponents: {
      outputPorts: [
        {
          fullyQualifiedName: 'urn:x:db',
          name: 'db',
          version: '1',
          promises: { platform: 'MySQL', servicesType: 'datastore', api },
          expectations: { usage },
        },
        {
          name: 'events',
          version: '2',
          promises: { api: { ...api, specification: 'asyncapi', definition: events } },
        },
        { $ref: 'ports/later-port.json', description: 'Later' },
        { $ref: '#/components/outputPorts/inside' },
      ],
      controlPorts: [{ name: 'control', version: '1' }],
    },
    components: { outputPorts: { inside: { name: 'inner', version: '3' } } },
    externalDocs: { $href: 'https://example.com/docs' },
  };
  const { product, contracts } = readDescriptor(document);

  it('gives a product in normal form', () => {
    expect(product).toMatchObject({
      id: 'urn:x',
      name: 'trips',
      version: '1.2.3',
      domain: 'Transport Management',
      description: { purpose: 'Trips' },
      team: { members: [{ username: 'ann@example.com', name: 'Ann', role: 'owner' }] },
      support: [{ channel: 'help', tool: 'slack', url: '#trips' }],
      managementPorts: [{ name: 'control', content: 'control' }],
      authoritativeDefinitions: [{ type: 'externalDocs', url: 'https://example.com/docs' }],
    });
    expect(custom(product.customProperties)).toMatchObject({ dataProductDescriptor: '1.0.0', 'x-cost': 7 });
  });

  it('reads ports, and of references what is there', () => {
    expect(
      product.outputPorts?.map(({ name, version, type, contractId }) => [name, version, type, contractId]),
    ).toEqual([
      ['db', '1', 'datastore', 'urn:x:db'],
      ['events', '2', 'asyncapi', 'urn:x:events'],
      ['later-port', undefined, undefined, undefined],
      ['inner', '3', undefined, undefined],
    ]);
    expect(custom(product.outputPorts?.[0]?.customProperties)).toMatchObject({
      platform: 'MySQL',
      expectations: { usage },
    });
    expect(custom(product.outputPorts?.[2]?.customProperties)).toEqual({ $ref: 'ports/later-port.json' });
  });

  it('makes a contract of a port that says what its tables are', () => {
    expect(contracts.map(({ id, name, version }) => [id, name, version])).toEqual([
      ['urn:x:db', 'tripApi', '1.0.0'],
      ['urn:x:events', 'tripApi', '1.0.0'],
    ]);
    expect(contracts[0]?.schema).toMatchObject([
      {
        name: 'trip',
        physicalType: 'table',
        properties: [
          {
            name: 'id',
            businessName: 'Identifier',
            logicalType: 'string',
            physicalType: 'VARCHAR',
            required: true,
            unique: true,
            classification: 'INTERNAL',
          },
          {
            name: 'legs',
            logicalType: 'array',
            properties: [{ name: 'km', properties: [{ name: 'deep', logicalType: 'integer' }] }],
          },
        ],
      },
    ]);
    expect(custom(contracts[0]?.customProperties)).toMatchObject({ usage, apiSpecification: 'datastoreapi' });
    expect(contracts[1]?.schema).toMatchObject([
      {
        name: 'trips.status',
        physicalType: 'topic',
        properties: [{ name: 'at', logicalType: 'integer', physicalType: 'long' }],
      },
    ]);
  });
});

describe('Open Data Product Specification 4', () => {
  const read = (terms: object) =>
    readDescriptor({
      schema: 'https://opendataproducts.org/v4.1/schema/odps.yaml',
      version: 4.1,
      product: {
        details: {
          fr: { name: 'Événements', productID: 'events-1' },
          en: {
            name: 'Events',
            productID: 'events-1',
            productVersion: '0.1.0',
            status: 'draft',
            visibility: 'organisation',
            type: 'dataset',
            tags: ['city'],
            valueProposition: 'better trips',
          },
        },
        ...terms,
      },
    });

  it('is read in English, and keeps the other languages', () => {
    const { product, contracts } = read({});
    expect(product).toMatchObject({
      id: 'events-1',
      name: 'Events',
      version: '0.1.0',
      status: 'draft',
      tags: ['city'],
      description: { usage: 'better trips' },
    });
    expect(custom(product.customProperties)).toEqual({
      schema: 'https://opendataproducts.org/v4.1/schema/odps.yaml',
      specificationVersion: 4.1,
      language: 'en',
      languages: ['fr', 'en'],
      productType: 'dataset',
      visibility: 'organisation',
      translations: { fr: { name: 'Événements', productID: 'events-1' } },
    });
    expect(contracts).toEqual([]);
  });

  it('names its team, domain and support', () => {
    const dataHolder = { en: { legalName: 'City', businessDomain: 'urban/events', email: 'a@b.c' } };
    const { product } = read({
      dataHolder,
      support: { email: 'help@b.c', phoneNumber: '+1 2', documentationURL: '' },
    });
    expect(product).toMatchObject({ team: { name: 'City' }, domain: 'urban/events' });
    expect(product.support?.map(({ url }) => url)).toEqual(['mailto:help@b.c', 'tel:+12', 'mailto:a@b.c']);
  });

  it('has a port for each way of access', () => {
    const { product } = read({
      contract: { id: 'c1', type: 'ODCS', contractURL: 'https://example.com' },
      dataAccess: {
        default: {
          name: [{ en: 'Files' }],
          outputPorttype: 'file',
          format: 'zip',
          accessURL: 'https://example.com/x.zip',
        },
        API: { outputPorttype: 'API', authenticationMethod: 'OAuth' },
      },
    });
    expect(product.outputPorts).toEqual([
      {
        name: 'default',
        type: 'file',
        version: '0.1.0',
        contractId: 'c1',
        description: 'Files',
        customProperties: [
          { property: 'location', value: 'https://example.com/x.zip' },
          { property: 'format', value: 'zip' },
          { property: 'accessURL', value: 'https://example.com/x.zip' },
        ],
      },
      {
        name: 'API',
        type: 'API',
        version: '0.1.0',
        contractId: 'c1',
        customProperties: [{ property: 'authenticationMethod', value: 'OAuth' }],
      },
    ]);
  });

  const dimensions = [{ dimension: 'uptime', objective: 99, unit: 'percent' }];
  it.each<[string, unknown]>([
    ['a list', dimensions],
    ['packages', { premium: { dimensions: [{ dimension: 'latency' }] }, default: { dimensions } }],
    ['declared packages', { declarative: { default: { dimensions } } }],
    ['a list of declared packages', { declarative: [{ dimensions }] }],
  ])('makes a contract of service levels written as %s', (_, SLA) => {
    const pricingPlans = {
      declarative: { en: [{ name: 'Basic', price: '9.5', priceCurrency: 'EUR', unit: 'recurring' }] },
    };
    const { contracts, product } = read({ SLA, pricingPlans });
    expect(contracts).toMatchObject([
      {
        id: 'events-1',
        slaProperties: [{ property: 'uptime', value: 99, unit: 'percent' }],
        price: { priceAmount: 9.5, priceCurrency: 'EUR', priceUnit: 'recurring' },
      },
    ] satisfies Contract[]);
    expect(custom(product.customProperties)).toMatchObject({ SLA, pricingPlans });
  });

  it('reads the ODCS contract that stands inside', () => {
    const spec = {
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      id: 'inside',
      version: '1.0.0',
      status: 'active',
    };
    expect(read({ contract: { id: 'x', type: 'ODCS', spec } }).contracts).toEqual([spec]);
    expect(read({ contract: { id: 'x', type: 'ODCS', spec: { ...spec, status: 7 } } }).contracts).toEqual([]);
  });
});

describe('Open Data Product Specification before version 4', () => {
  it('has a port for each file, named after it', () => {
    const { product, format } = readDescriptor({
      product: {
        en: { name: 'Shelters', productID: 's-1', version: '' },
        ar: { name: 'x', productID: 's-1' },
        dataAccess: {
          interface: {
            outputPorttype: 'URL',
            authenticationMethod: 'None',
            'x-files': ['https://example.com/a%20b.CSV?x=1', ''],
          },
        },
        license: { scope: { language: 'en-us', definition: '' } },
        dataHolder: { legalName: 'Economy', businessId: '', email: 'a@b.c' },
      },
    });
    expect(format).toBe('lf-odps-legacy');
    expect(product.outputPorts).toEqual([
      {
        name: 'a b.CSV',
        type: 'URL',
        customProperties: [
          { property: 'location', value: 'https://example.com/a%20b.CSV?x=1' },
          { property: 'format', value: 'csv' },
          { property: 'authenticationMethod', value: 'None' },
        ],
      },
    ]);
    expect(product.team).toEqual({ name: 'Economy' });
    expect(custom(product.customProperties)).toMatchObject({
      languages: ['en', 'ar'],
      license: { scope: { language: 'en-us' } },
      dataHolder: { legalName: 'Economy', email: 'a@b.c' },
      dataAccess: { outputPorttype: 'URL', authenticationMethod: 'None' },
    });
  });
});
