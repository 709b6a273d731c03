import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WitanError, type Fault } from '../errors.js';
import { validatorOf } from '../schema.js';
import { contractSchema } from './contract.js';
import { metadataDigest } from './digest.js';
import type { Metadata } from './metadata.js';
import { parseDocument } from '../document/parse.js';
import { productSchema } from './product.js';
import { readDescriptor, readMetadata } from './read.js';

const STANDARDS = '../shared/standards';
const CORPUS = '../shared/corpus/open-data-products.jsonl';

const products = validatorOf(productSchema);
const contracts = validatorOf(contractSchema);

function expectNormalForm(metadata: Metadata): void {
  expect(products.faults(metadata.product)).toEqual([]);
  expect(metadata.contracts.flatMap((contract) => contracts.faults(contract))).toEqual([]);
}

function errorOf(read: () => unknown): WitanError {
  try {
    read();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WitanError);
    return thrown as WitanError;
  }
  throw new Error('was read');
}

const messages = (faults: readonly Fault[]): string[] =>
  faults.map(({ pointer, message }) => `${pointer ?? ''}: ${message}`);

const CONTRACT = { apiVersion: 'v3.1.0', kind: 'DataContract', id: 'a', version: '1.0.0', status: 'active' };
const PRODUCT = { apiVersion: 'v1.0.0', kind: 'DataProduct', id: 'p', status: 'active' };
const DPDS = {
  dataProductDescriptor: '1.0.0',
  info: { fullyQualifiedName: 'urn:x', name: 'x', version: '1', domain: 'd', owner: { id: 'o' } },
};
const column = (members: object): object => ({ ...CONTRACT, schema: [{ name: 't', properties: [members] }] });
const quality = (rule: object): object => ({ ...CONTRACT, schema: [{ name: 't', quality: [rule] }] });
const ports = (...outputPorts: unknown[]): object => ({ ...DPDS, interfaceComponents: { outputPorts } });

describe.skipIf(!existsSync(STANDARDS))("the standards' own examples (skipped without ../shared)", () => {
  const files = existsSync(STANDARDS)
    ? ['odcs', 'bitol-odps', 'dpds'].flatMap((folder) =>
        readdirSync(`${STANDARDS}/${folder}`)
          .filter((name) => !name.includes('json-schema'))
          .map((name) => `${folder}/${name}`),
      )
    : [];
  const read = (file: string): Metadata => {
    const { document, locate } = parseDocument(readFileSync(`${STANDARDS}/${file}`, 'utf8'), { file });
    return readDescriptor(document, { file, locate });
  };

  it.each(files.filter((file) => file !== 'dpds/minimal.dpd.json'))('%s', (file) => {
    const metadata = read(file);
    expectNormalForm(metadata);
    expect(metadata.product.id).toBeTruthy();
    expect(metadata.format).toBe(file.split('/')[0]);
    expect(metadata.contracts).toHaveLength(file.startsWith('odcs') ? 1 : 0);
  });

  it('are 18', () => {
    expect(files).toHaveLength(18);
  });

  it('refuses the one that its own schema refuses, and says why and where', () => {
    expect(errorOf(() => read('dpds/minimal.dpd.json'))).toMatchObject({
      code: 'descriptor_invalid',
      message: '`dpds/minimal.dpd.json` is not valid DPDS 1.0: `/info` lacks `name`, which DPDS 1.0 requires',
      faults: [{ file: 'dpds/minimal.dpd.json', row: 3, column: 5, pointer: '/info/name', code: 'required' }],
    });
  });

  it.each([
    ['odcs/odcs-json-schema-v3.1.0.json', 'odcs-3.1.0.json'],
    ['bitol-odps/odps-json-schema-v1.0.0.json', 'bitol-odps-1.0.0.json'],
    ['dpds/dpds-json-schema-v1.0.0.json', 'dpds-1.0.0.json'],
  ])('are judged by the schema as published: %s', (published, carried) => {
    const own = JSON.parse(readFileSync(new URL(`./formats/schemas/${carried}`, import.meta.url), 'utf8'));
    expect(own).toEqual(JSON.parse(readFileSync(`${STANDARDS}/${published}`, 'utf8')));
  });
});

describe.skipIf(!existsSync(CORPUS))('729 published descriptors (skipped without ../shared)', () => {
  const lines = existsSync(CORPUS) ? readFileSync(CORPUS, 'utf8').trim().split('\n') : [];

  it('are all read, in well under two seconds', () => {
    const started = performance.now();
    const all = lines.map((line) => {
      const { file, descriptor } = JSON.parse(line) as { file: string; descriptor: unknown };
      return readDescriptor(descriptor, { file });
    });
    expect(performance.now() - started).toBeLessThan(2000);
    expect(all).toHaveLength(729);
    all.forEach(expectNormalForm);
    expect(new Set(all.map(({ product }) => product.id)).size).toBe(729);
    expect(all.flatMap(({ product }) => product.outputPorts ?? [])).toHaveLength(1316 - 201);
    // The version is empty in every one, and so missing.
    expect(all.some(({ product }) => 'version' in product)).toBe(false);
    expect(all.every(({ product }) => product.team?.name !== undefined)).toBe(true);
  });
});

describe('what a standard refuses', () => {
  it.each<[string, unknown, string[]]>([
    [
      'a number for a text',
      { ...CONTRACT, version: 1 },
      ['/version: `/version` must be a text, but is the number `1`: put it in quotes (`"1"`)'],
    ],
    [
      'a misspelt member',
      { ...CONTRACT, desciption: {} },
      [
        '/desciption: `desciption` is not a member that ODCS 3.1 knows in the document: did you mean `description`?',
      ],
    ],
    [
      'a misspelt member of a column, and so no name',
      column({ nmae: 'c' }),
      [
        '/schema/0/properties/0/nmae: `nmae` is not a member that ODCS 3.1 knows in `/schema/0/properties/0`: did you mean `name`?',
        '/schema/0/properties/0/name: `/schema/0/properties/0` lacks `name`, which ODCS 3.1 requires',
      ],
    ],
    [
      'a fault in a column, told once',
      column({ name: 1, logicalType: 'string' }),
      [
        '/schema/0/properties/0/name: `/schema/0/properties/0/name` must be a text, but is the number `1`: put it in quotes (`"1"`)',
      ],
    ],
    [
      'a member that only other types have',
      column({ name: 'c', logicalType: 'string', items: {} }),
      ['/schema/0/properties/0/items: `items` does not go with what else stands in `/schema/0/properties/0`'],
    ],
    [
      'options without a type',
      column({ name: 'c', logicalTypeOptions: { maxLength: 3 } }),
      [
        '/schema/0/properties/0/logicalTypeOptions: `/schema/0/properties/0/logicalTypeOptions` stands without `logicalType`, which says what options there are',
      ],
    ],
    [
      'one of several forms',
      quality({ metric: 'rowCount', mustBe: 1, mustNotBe: 2 }),
      [
        '/schema/0/quality/0: `/schema/0/quality/0` has `mustBe`, and also `mustNotBe`, of which only one is allowed',
      ],
    ],
    [
      'the fault inside of the form that was meant',
      quality({ metric: 'rowCount', mustBeGreaterThan: '3' }),
      [
        '/schema/0/quality/0/mustBeGreaterThan: `/schema/0/quality/0/mustBeGreaterThan` must be a number, but is the text `3`',
      ],
    ],
    [
      'a member of the old form of a team',
      { ...CONTRACT, team: [{ name: 'x' }] },
      ['/team/0/username: `/team/0` lacks `username`, which ODCS 3.1 requires'],
    ],
    [
      'an unknown member of the new form of a team',
      { ...CONTRACT, team: { nmae: 'x' } },
      ['/team/nmae: `nmae` is not a member that ODCS 3.1 knows in `/team`: did you mean `name`?'],
    ],
    [
      'neither form of a team',
      { ...CONTRACT, team: 'x' },
      ['/team: `/team` must be an object or a list, but is `x`'],
    ],
    [
      'what a kind of server needs',
      { ...CONTRACT, servers: [{ server: 's', type: 'kafka' }] },
      ['/servers/0/host: `/servers/0` lacks `host`, which ODCS 3.1 requires'],
    ],
    [
      'no URI',
      { ...PRODUCT, support: [{ channel: 'c', url: 'not a uri' }] },
      ['/support/0/url: `/support/0/url` must be a URI such as `https://example.com/…`, but is `not a uri`'],
    ],
    [
      'no kind',
      { apiVersion: 'v1.0.0', id: 'p', status: 'draft', outputPorts: [] },
      ['/kind: the document lacks `kind`, which ODPS 1.0 requires'],
    ],
    [
      'neither port nor reference',
      ports({ description: 'x' }),
      [
        '/interfaceComponents/outputPorts/0: `/interfaceComponents/outputPorts/0` must have `$ref`, or `name` with `version`',
      ],
    ],
    [
      'port and reference',
      ports({ $ref: 'x', name: 'x', version: '1' }),
      [
        '/interfaceComponents/outputPorts/0: `/interfaceComponents/outputPorts/0` has `$ref`, and also `name` with `version`, of which only one is allowed',
      ],
    ],
    [
      'no id',
      { product: { details: { en: { name: 'x' } } }, schema: 's', version: 4.1 },
      [
        '/product/details/en/productID: `/product/details/en` lacks `productID`, which Open Data Product Specification 4 requires',
      ],
    ],
    [
      'an empty id',
      { product: { en: { name: 'x', productID: '' } } },
      ['/product/en/productID: `/product/en/productID` must not be empty'],
    ],
  ])('%s', (_, document, expected) => {
    const error = errorOf(() => readDescriptor(document));
    expect(error.code).toBe('descriptor_invalid');
    expect(messages(error.faults)).toEqual(expected);
  });

  it('suggests the nearest of the values that are allowed', () => {
    const error = errorOf(() =>
      readDescriptor({ ...CONTRACT, servers: [{ server: 's', type: 'postgress' }] }),
    );
    expect(error.faults[0]?.message).toMatch(/did you mean `postgres`\?$/);
  });

  it('lists 50 faults and says how many more there are', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`zzzzzzzzzzzz${i}`, 1]));
    const error = errorOf(() => readDescriptor({ ...CONTRACT, ...many }));
    expect(error.faults).toHaveLength(50);
    expect(error.message).toMatch(/\(and 59 more, of which 10 are not listed\)$/);
  });
});

describe('an unknown format', () => {
  it.each<[unknown, string]>([
    [{}, 'found an object without members'],
    [[], 'found a list'],
    [null, 'found nothing'],
    ['x', 'found a string'],
    [{ kind: 'Dataproduct' }, 'found `kind: Dataproduct`'],
    [{ a: 1, b: 2 }, 'found an object with `a`, `b`'],
    [{ dataContractSpecification: '1.1.0' }, 'convert it to ODCS'],
  ])('%j', (document, message) => {
    const error = errorOf(() =>
      readDescriptor(document, { file: 'x.json', locate: () => ({ row: 1, column: 1 }) }),
    );
    expect(error).toMatchObject({
      code: 'descriptor_unknown_format',
      faults: [{ file: 'x.json', row: 1, column: 1, pointer: '' }],
    });
    expect(error.message).toContain('looked for `kind: DataProduct`');
    expect(error.message).toContain(message);
  });
});

describe('metadata in a request', () => {
  const port = { name: 'o', version: '1', contractId: 'a' };

  it('are the descriptor with its contracts', () => {
    const metadata = readMetadata({ descriptor: { ...PRODUCT, outputPorts: [port] }, contracts: [CONTRACT] });
    expect(metadata).toMatchObject({ format: 'bitol-odps', product: { id: 'p' }, contracts: [{ id: 'a' }] });
  });

  it('may be contracts alone, or a descriptor alone', () => {
    expect(readMetadata({ contracts: [CONTRACT] })).toMatchObject({
      product: { id: 'a' },
      contracts: [{ id: 'a' }],
    });
    expect(readMetadata({ descriptor: CONTRACT, contracts: [CONTRACT] }).contracts).toHaveLength(1);
    expect(readMetadata({ descriptor: PRODUCT }).contracts).toEqual([]);
  });

  it('report the faults of every document, with pointers into the request', () => {
    const wrong = { ...CONTRACT, schema: [{ name: 1 }] };
    const error = errorOf(() =>
      readMetadata(
        { descriptor: { ...PRODUCT, id: 7 }, contracts: [CONTRACT, wrong] },
        { base: '/resource/properties' },
      ),
    );
    expect(error.code).toBe('descriptor_invalid');
    expect(error.faults.map(({ pointer }) => pointer)).toEqual([
      '/resource/properties/descriptor/id',
      '/resource/properties/contracts/1/schema/0/name',
    ]);
  });

  it.each([
    [{ contracts: {} }, '/contracts'],
    [{ contracts: [7] }, '/contracts/0'],
    [{}, '/descriptor'],
    [{ contracts: [] }, '/descriptor'],
  ])('must be there and a list: %j', (request, pointer) => {
    expect(errorOf(() => readMetadata(request)).faults.map((fault) => fault.pointer)).toContain(pointer);
  });
});

describe('whatever is handed in', () => {
  const parts = fc.constantFrom<object>(
    CONTRACT,
    PRODUCT,
    DPDS,
    { product: { en: { name: 'x', productID: 'y' } } },
    {
      schema: 'https://opendataproducts.org/v4.1/schema/odps.yaml',
      version: '4.1',
      product: { details: { en: { name: 'x', productID: 'y' } } },
    },
  );
  const names = fc.constantFrom(
    'schema',
    'team',
    'outputPorts',
    'customProperties',
    'interfaceComponents',
    'product',
    'details',
    'SLA',
    'dataAccess',
    'pricingPlans',
    'dataHolder',
    'description',
    'tags',
    'name',
    'info',
    'contract',
    'x-files',
    '__proto__',
    'en',
    'default',
  );
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue({ maxDepth: 2 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(names, tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const document = fc.oneof(
    value,
    fc
      .tuple(parts, fc.dictionary(names, value, { maxKeys: 4 }))
      .map(([part, more]) => ({ ...part, ...more })),
    fc.dictionary(names, value, { maxKeys: 6 }).map((members) => ({
      schema: 's',
      version: '4.1',
      product: { ...members, details: { en: { name: 'x', productID: 'y' } } },
    })),
    fc.dictionary(names, value, { maxKeys: 6 }).map((port) => ports({ name: 'x', version: '1', ...port })),
  );

  it('reading throws nothing but its own errors, and what is read has the normal form', () => {
    fc.assert(
      fc.property(document, (any) => {
        try {
          const metadata = readDescriptor(any);
          expectNormalForm(metadata);
          expect(metadataDigest(metadata)).toMatch(/^sha256:/);
        } catch (thrown) {
          if (!(thrown instanceof WitanError)) throw thrown;
          expect(thrown.code).toMatch(/^descriptor_/);
          expect(thrown.faults.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('nesting has a limit', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i += 1) deep = [deep];
    expect(
      errorOf(() => readDescriptor({ ...PRODUCT, customProperties: [{ property: 'x', value: deep }] })).code,
    ).toBe('descriptor_malformed');
  });
});
