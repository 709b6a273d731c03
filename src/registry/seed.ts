import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { FromSchema } from 'json-schema-to-ts';
import { parseDocument, type ParsedDocument } from '../document/parse.js';
import { messageOf, summaryOf, WitanError, type Fault } from '../errors.js';
import { isDomainPath } from '../policy/layer.js';
import { assemble, type ReadFile } from '../product/assemble.js';
import { metadataDigest } from '../product/digest.js';
import { readDescriptor } from '../product/read.js';
import { validatorOf, type Validator } from '../schema.js';
import type { Domain, Entity, RegisteredProduct } from './registry.js';

/** What an empty mesh is filled with. */
export interface Seed {
  readonly domains: readonly Domain[];
  readonly entities: readonly Entity[];
  readonly products: readonly RegisteredProduct[];
}

const text = { type: 'string', minLength: 1 } as const;

const domainsSchema = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['path', 'name'],
    properties: {
      path: text,
      name: text,
      description: text,
      team: text,
    },
  },
} as const;

const peopleSchema = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['type', 'id', 'properties'],
    properties: { type: text, id: text, domain: text, properties: { type: 'object' } },
  },
} as const;

const domainsValidator = validatorOf<FromSchema<typeof domainsSchema>>(domainsSchema);
const peopleValidator = validatorOf<FromSchema<typeof peopleSchema>>(peopleSchema);

/**
 * Reads what an empty mesh is filled with: `domains.yaml`, `people.yaml` and the descriptors below `products/`.
 *
 * @param at RFC 3339: when the products count as registered
 * @throws WitanError `config_invalid` for files that are missing or wrong, `descriptor_*` for products.
 */
export async function readSeed(folder: string, at: string): Promise<Seed> {
  const domains = (await readList(folder, 'domains.yaml', domainsValidator)) as readonly Domain[];
  const entities = (await readList(folder, 'people.yaml', peopleValidator)) as readonly Entity[];
  const unknown = domains.find(({ path }) => !isDomainPath(path));
  if (unknown !== undefined) {
    throw new WitanError(
      'config_invalid',
      `${join(folder, 'domains.yaml')}: \`${unknown.path}\` cannot be a domain's path`,
    );
  }
  return { domains, entities, products: await readProducts(join(folder, 'products'), at) };
}

async function readProducts(folder: string, at: string): Promise<readonly RegisteredProduct[]> {
  const files: ReadFile[] = [];
  for (const path of await descriptorsBelow(folder)) {
    const file = relative(folder, path);
    const { document, locate } = parseDocument(await readText(path), { file });
    files.push({ metadata: readDescriptor(document, { file, locate }), file, locate });
  }
  return assemble(files).map(({ product, contracts, origin }) => {
    if (product.id === undefined) {
      throw new WitanError(
        'descriptor_invalid',
        `\`${origin.product.file ?? ''}\`: a product without an id cannot be registered`,
      );
    }
    return {
      id: product.id,
      ...(product.domain !== undefined && { domain: product.domain }),
      product,
      contracts,
      digest: metadataDigest({ product, contracts }),
      registeredAt: at,
      updatedAt: at,
    };
  });
}

/** Every descriptor below a folder, in the order of their paths. */
export async function descriptorsBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((cause: unknown) => {
    throw new WitanError('config_invalid', `\`${folder}\` cannot be read: ${messageOf(cause)}`, { cause });
  });
  return entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/i.test(entry.name) && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function readList<T>(folder: string, file: string, validator: Validator<T>): Promise<T> {
  const path = join(folder, file);
  const { document, locate }: ParsedDocument = parseDocument(await readText(path), {
    file: path,
    code: 'config_invalid',
  });
  if (validator.accepts(document)) return document;
  const faults: Fault[] = validator
    .faults(document)
    .map((fault) => ({ file: path, ...locate(fault.pointer ?? ''), ...fault }));
  throw new WitanError('config_invalid', summaryOf(faults), { faults });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new WitanError('config_invalid', `\`${path}\` cannot be read: ${messageOf(cause)}`, { cause });
  }
}
