import { WitanError, type Fault } from '../errors.js';
import { isObject } from '../document/json.js';
import type { FormatName } from './metadata.js';

/** How each format is recognised; the same words tell a writer what was looked for. */
const SIGNS: Readonly<Record<FormatName, string>> = {
  'bitol-odps': '`kind: DataProduct` (Bitol ODPS)',
  odcs: '`kind: DataContract` (ODCS)',
  dpds: '`dataProductDescriptor` (DPDS)',
  'lf-odps': '`product.details` (Open Data Product Specification 4)',
  'lf-odps-legacy': '`product.<language>` with a `productID` (the same before version 4)',
};

/** Formats that are known but not read, by the member that gives them away. */
const NOT_READ: ReadonlyMap<string, string> = new Map([
  ['dataContractSpecification', 'a Data Contract Specification, which is not read: convert it to ODCS'],
  ['dataProductSpecification', 'a Data Product Specification, which is not read: convert it to Bitol ODPS'],
]);

/** Which format a document is written in. Throws `descriptor_unknown_format` with what was looked for and what was found. */
export function detectFormat(document: unknown, at: Partial<Fault> = {}): FormatName {
  const format = isObject(document) ? formatOf(document) : undefined;
  if (format !== undefined) return format;
  const message = `is in none of the formats that are read here: looked for ${Object.values(SIGNS).join(', ')}; found ${foundIn(document)}`;
  const name = at.file === undefined ? 'the descriptor' : `\`${at.file}\``;
  throw new WitanError('descriptor_unknown_format', `${name} ${message}`, { faults: [{ ...at, message }] });
}

function formatOf(document: Readonly<Record<string, unknown>>): FormatName | undefined {
  if (document['kind'] === 'DataProduct') return 'bitol-odps';
  if (document['kind'] === 'DataContract') return 'odcs';
  if (Object.hasOwn(document, 'dataProductDescriptor')) return 'dpds';
  const { product, schema } = document;
  if (isObject(product)) {
    if (Object.hasOwn(product, 'details')) return 'lf-odps';
    if (Object.entries(product).some(([name, value]) => /^[a-z]{2}(-|$)/.test(name) && isDetails(value)))
      return 'lf-odps-legacy';
    if (typeof schema === 'string' && schema.includes('opendataproducts.org')) return 'lf-odps';
  }
  return ofBitolWithoutKind(document);
}

/** A descriptor of Bitol's that lacks its `kind` is recognised by the rest, so that only the kind is found missing. */
function ofBitolWithoutKind(document: Readonly<Record<string, unknown>>): FormatName | undefined {
  if (typeof document['apiVersion'] !== 'string' || Object.hasOwn(document, 'kind')) return undefined;
  if (Array.isArray(document['outputPorts']) || Array.isArray(document['inputPorts'])) return 'bitol-odps';
  if (Array.isArray(document['schema']) || Array.isArray(document['servers'])) return 'odcs';
  return undefined;
}

function isDetails(value: unknown): boolean {
  return isObject(value) && (Object.hasOwn(value, 'productID') || Object.hasOwn(value, 'name'));
}

function foundIn(document: unknown): string {
  if (Array.isArray(document)) return 'a list';
  if (!isObject(document)) return document === null ? 'nothing' : `a ${typeof document}`;
  const names = Object.keys(document);
  for (const [name, what] of NOT_READ) if (Object.hasOwn(document, name)) return what;
  if (typeof document['kind'] === 'string') return `\`kind: ${document['kind'].slice(0, 60)}\``;
  if (names.length === 0) return 'an object without members';
  const some = names.slice(0, 8).map((name) => `\`${name.slice(0, 40)}\``);
  return `an object with ${some.join(', ')}${names.length > some.length ? ', …' : ''}`;
}
