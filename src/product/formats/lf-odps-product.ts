import { isObject } from '../../document/json.js';
import type { NormalForm } from '../metadata.js';
import type { Product } from '../product.js';
import { inLanguage, mainLanguage } from './language.js';
import { lfContract } from './lf-odps-contract.js';
import {
  lastSegment,
  customProperties,
  nonEmpty,
  objectAt,
  objectsAt,
  productOf,
  textAt,
  without,
  type Members,
} from './normal-form.js';

/**
 * Reads a Linux Foundation descriptor whose details stand in one or more languages. English is read if it is there,
 * else the first language; the others are kept as the custom property `translations`.
 */
export function readLf(document: Members, details: Members): NormalForm {
  const product = objectAt(document, 'product');
  const contract = lfContract(product, details);
  const contractId = contract?.id ?? textAt(objectAt(product, 'contract'), 'id');
  return {
    product: productOfDetails(document, details, contractId),
    contracts: contract === undefined ? [] : [contract],
  };
}

function productOfDetails(document: Members, details: Members, contractId: string | undefined): Product {
  const product = objectAt(document, 'product');
  const language = mainLanguage(details);
  const main = objectAt(details, language);
  const holder = dataHolderOf(product, language);
  const version = textAt(main, 'productVersion') ?? textAt(main, 'version');
  const ports = accessOf(product['dataAccess']).flatMap((access) =>
    portsOf(access, { language, version, contractId }),
  );
  return productOf({
    id: textAt(main, 'productID'),
    name: textAt(main, 'name'),
    version,
    status: textAt(main, 'status'),
    domain: textAt(holder, 'businessDomain'),
    description: { purpose: textAt(main, 'description'), usage: textAt(main, 'valueProposition') },
    tags: main['tags'],
    team: { name: textAt(holder, 'legalName'), description: textAt(holder, 'description') },
    support: supportOf(product, holder),
    outputPorts: nonEmpty(ports),
    customProperties: customProperties({
      schema: document['schema'],
      specificationVersion: document['version'],
      language,
      languages: Object.keys(details),
      productType: main['type'],
      ...without(main, DETAILS),
      translations: without(details, [language]),
      dataHolder: holder,
      // The access methods stand in the ports; what is said of them all stays here.
      ...(isObject(product['dataAccess']) && isObject(product['dataAccess']['interface'])
        ? { dataAccess: without(product['dataAccess']['interface'], ['x-files']) }
        : {}),
      ...without(product, ['details', 'dataAccess', 'dataHolder', 'support', ...Object.keys(details)]),
    }),
  });
}

/** Members of the details that have a place of their own; the others keep their names. */
const DETAILS = [
  'productID',
  'name',
  'productVersion',
  'version',
  'status',
  'description',
  'valueProposition',
  'tags',
  'type',
];
const LOCATIONS = ['accessURL', 'specsURL', 'documentationURL'];

function dataHolderOf(product: Members, language: string): Members {
  const holder = objectAt(product, 'dataHolder');
  return isObject(holder[language]) ? holder[language] : holder;
}

interface Access {
  readonly name: string | undefined;
  readonly terms: Members;
}

/** One interface for all (before version 4), a list of interfaces, or interfaces by name (since version 4). */
function accessOf(dataAccess: unknown): readonly Access[] {
  if (Array.isArray(dataAccess))
    return (dataAccess as unknown[]).filter(isObject).map((terms) => ({ name: undefined, terms }));
  if (!isObject(dataAccess)) return [];
  return Object.entries(dataAccess).flatMap(([name, terms]) =>
    isObject(terms) ? [{ name: name === 'interface' ? undefined : name, terms }] : [],
  );
}

interface PortContext {
  readonly language: string;
  readonly version: string | undefined;
  readonly contractId: string | undefined;
}

/** A port for each file or, where an interface lists none, one for the interface itself if it leads anywhere. */
function portsOf({ name, terms }: Access, { language, version, contractId }: PortContext): readonly object[] {
  const port = {
    type: textAt(terms, 'outputPorttype') ?? textAt(terms, 'outputPortType'),
    version,
    contractId,
  };
  const files = Array.isArray(terms['x-files'])
    ? (terms['x-files'] as unknown[]).filter((file) => typeof file === 'string')
    : [];
  if (files.length > 0 || terms['x-files'] !== undefined) {
    return files
      .filter((file) => file.trim() !== '')
      .map((file) => ({
        ...port,
        name: lastSegment(file) ?? file,
        customProperties: customProperties({
          location: file,
          format: /\.([A-Za-z0-9]{1,8})$/.exec(lastSegment(file) ?? '')?.[1]?.toLowerCase(),
          authenticationMethod: terms['authenticationMethod'],
        }),
      }));
  }
  const location = LOCATIONS.map((member) => textAt(terms, member)).find((url) => url !== undefined);
  if (location === undefined && name === undefined) return [];
  return [
    {
      ...port,
      name: name ?? inLanguage(terms['name'], language) ?? lastSegment(location ?? ''),
      description: inLanguage(terms['description'], language) ?? inLanguage(terms['name'], language),
      customProperties: customProperties({
        location,
        ...without(terms, ['outputPorttype', 'outputPortType', 'name', 'description']),
      }),
    },
  ];
}

function supportOf(product: Members, holder: Members) {
  const written = product['support'];
  const stated = isObject(written) ? [written] : objectsAt(product, 'support');
  const channels = stated.flatMap((support) => [
    mailChannel(textAt(support, 'email'), textAt(support, 'emailServiceHours')),
    webChannel('phone', urlOf('tel', textAt(support, 'phoneNumber')), textAt(support, 'phoneServiceHours')),
    webChannel('documentation', textAt(support, 'documentationURL'), undefined),
  ]);
  return nonEmpty(
    [...channels, mailChannel(textAt(holder, 'email'), undefined)].filter((channel) => channel !== undefined),
  );
}

function mailChannel(email: string | undefined, description: string | undefined) {
  const url = urlOf('mailto', email);
  return url === undefined ? undefined : { channel: 'email', tool: 'email', url, description };
}

function webChannel(channel: string, url: string | undefined, description: string | undefined) {
  return url === undefined ? undefined : { channel, url, description };
}

function urlOf(scheme: string, address: string | undefined): string | undefined {
  return address === undefined ? undefined : `${scheme}:${address.replaceAll(' ', '')}`;
}
