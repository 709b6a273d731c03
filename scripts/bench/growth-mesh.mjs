/** A mesh of many domains, many registered products and a hundred policies in `global`, the same for the same sizes. */
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { numberStream } from './audit-records.mjs';

const SUBJECTS = 64;
const COLUMNS_MAX = 24;
const TRANSACTION_PRODUCTS = 5000;
const CLASSIFICATIONS = ['public', 'internal', 'internal', 'pii'];
const AT = '2026-01-01T00:00:00.000Z';

export const domainName = (index) => `domain_${String(index).padStart(4, '0')}`;
export const productId = (index) => `urn:growth:product-${String(index).padStart(6, '0')}`;

/** One evaluation: a reader of another domain reads a product. */
export function evaluationOf(next, products) {
  return {
    subject: { type: 'user', id: `reader-${next(SUBJECTS)}` },
    action: { name: 'read' },
    resource: { type: 'data_product', id: productId(next(products)) },
    context: { purpose: 'analytics', region: 'eu', contract: `c-${next(1000)}` },
  };
}

const head = (name, kind) =>
  `# METADATA\n# title: ${name}\n# description: A policy of the benchmark.\n# scope: package\n# custom:\n#   applies_to: [${kind}]\n#   controls: []\n`;

/** Rules that look at different things, as policies of a real mesh do. */
const RULES = [
  (n) => `deny contains {"message": "too many tags"} if count(input.product.tags) > ${100 + n}`,
  (n) => `deny contains {"message": "status"} if input.product.status == "forbidden_${n}"`,
  (n) => `deny contains {"message": "purpose"} if input.context.purpose == "purpose_${n}"`,
  (n) =>
    `deny contains {"message": sprintf("column %s", [column.name])} if {\n\tsome contract in input.contracts\n\tsome table in contract.schema\n\tsome column in table.properties\n\tcolumn.classification == "secret_${n}"\n}`,
  (n) => `deny contains {"message": "name"} if startswith(input.product.name, "forbidden ${n}")`,
];

/** The files of `global` with a hundred policies. @param applying how many of them apply to access */
export function globalFiles(applying) {
  const files = new Map();
  const add = (name, kind, rules) =>
    files.set(`policy/${name}.rego`, `${head(name, kind)}package mesh.global.policy.${name}\n\n${rules}\n`);
  const own = 'scripts/bench/policies/global';
  for (const name of ['classified', 'purpose', 'residency', 'sharing_contract']) {
    files.set(`policy/${name}.rego`, readFileSync(join(own, `policy/${name}.rego`), 'utf8'));
  }
  files.set('data/facts.json', readFileSync(join(own, 'data/facts.json'), 'utf8'));
  for (let n = 4; n < 100; n += 1) {
    add(`rule_${n}`, n < applying ? 'access' : 'publish', RULES[n % RULES.length](n));
  }
  const names = [...files.keys()].flatMap((path) => /^policy\/(.+)\.rego$/.exec(path)?.[1] ?? []);
  const policies = names.map((name) => `  ${name}: { enforcement: hard }\n`).join('');
  files.set('manifest.yaml', `layer: global\nversion: 1.0.0\npolicies:\n${policies}`);
  return files;
}

/** Writes what a store is seeded from: bundles, domains, people; products are written later, straight into the store. */
export function writeSeed(folder, domains) {
  const write = (path, text) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of globalFiles(5)) write(join('policies/global', path), text);
  const reading = readFileSync('scripts/bench/policies/domains/sales/policy/masked_reading.rego', 'utf8');
  const names = Array.from({ length: domains }, (_, index) => domainName(index));
  for (const name of names) {
    write(
      `policies/domains/${name}/policy/masked_reading.rego`,
      reading.replaceAll('mesh.sales', `mesh.${name}`),
    );
    write(
      `policies/domains/${name}/manifest.yaml`,
      `layer: ${name}\nversion: 1.0.0\npolicies:\n  masked_reading: { enforcement: hard }\n`,
    );
  }
  write('seed/domains.yaml', names.map((name) => `- { path: ${name}, name: ${name} }\n`).join(''));
  const people = Array.from(
    { length: SUBJECTS },
    (_, index) =>
      `- { type: user, id: reader-${index}, domain: ${names[0]}, properties: { roles: [analyst], clearances: [] } }\n`,
  );
  write('seed/people.yaml', people.join(''));
  mkdirSync(join(folder, 'seed/products'), { recursive: true });
}

/** Registers products in a store at rest. */
export function putProducts(dataDir, products, domains, progress) {
  const db = new Database(join(dataDir, 'witan.db'));
  db.pragma('synchronous = OFF');
  const putDocument = db.prepare('INSERT OR IGNORE INTO documents (digest, body) VALUES (?, ?)');
  const putProduct = db.prepare(
    'INSERT INTO products (id, domain, digest, registered_at, updated_at) VALUES (?, ?, ?, ?, ?)',
  );
  const next = numberStream(1);
  let bytes = 0;
  for (let index = 0; index < products;) {
    db.exec('BEGIN');
    for (const end = Math.min(products, index + TRANSACTION_PRODUCTS); index < end; index += 1) {
      const body = metadataOf(index, domains, next);
      const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
      putDocument.run(digest, body);
      putProduct.run(productId(index), domainName(index % domains), digest, AT, AT);
      bytes += body.length;
    }
    db.exec('COMMIT');
    progress(index, products);
  }
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return Math.round(bytes / products);
}

/** Canonical JSON: members in the order of their names. */
function metadataOf(index, domains, next) {
  const columns = Array.from({ length: 4 + next(COLUMNS_MAX - 4) }, (_, column) => ({
    classification: CLASSIFICATIONS[next(CLASSIFICATIONS.length)],
    description: `what column ${column} of the table says`,
    logicalType: 'string',
    name: `column_${column}`,
  }));
  return JSON.stringify({
    contracts: [
      { id: `contract-${index}`, schema: [{ name: 'table', properties: columns }], version: '1.0.0' },
    ],
    product: {
      apiVersion: 'v1.0.0',
      customProperties: [{ property: 'region', value: 'eu' }],
      description: { purpose: `what product ${index} is for` },
      domain: domainName(index % domains),
      id: productId(index),
      kind: 'DataProduct',
      name: `product ${index}`,
      outputPorts: [{ contractId: `contract-${index}`, name: 'table', version: '1.0.0' }],
      status: 'active',
      tags: ['benchmark', `tag ${next(100)}`],
      team: { members: [{ username: 'ana' }], name: 'team' },
      version: '1.0.0',
    },
  });
}
