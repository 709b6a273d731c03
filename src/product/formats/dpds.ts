import { isObject, valueAt } from '../../document/json.js';
import type { Contract } from '../contract.js';
import type { Format } from './format.js';
import {
  contractOf,
  customProperties,
  lastSegment,
  nonEmpty,
  objectAt,
  objectsAt,
  productOf,
  textAt,
  without,
  type Members,
} from './normal-form.js';
import { tablesOf } from './dpds-tables.js';
import schema from './schemas/dpds-1.0.0.json' with { type: 'json' };
import { standard } from './standard.js';

/**
 * Data Product Descriptor Specification 1.0 (Open Data Mesh Initiative). The fully qualified name is the id. Ports may
 * be references to other files; then what stands beside the reference is read. A port whose promised API says what
 * its tables are becomes a contract.
 */
export const dpds: Format = {
  name: 'dpds',
  standard: standard('DPDS 1.0', '2020-12', schema),
  read(document) {
    const info = objectAt(document, 'info');
    const owner = objectAt(info, 'owner');
    const ports = portsOf(document, info);
    const product = productOf({
      id: textAt(info, 'fullyQualifiedName'),
      name: textAt(info, 'name'),
      version: textAt(info, 'version'),
      domain: textAt(info, 'domain'),
      description: { purpose: textAt(info, 'description') },
      tags: document['tags'],
      team: teamOf(owner),
      support: nonEmpty(objectsAt(info, 'contactPoints').map(supportOf)),
      inputPorts: ports.input,
      outputPorts: ports.output,
      managementPorts: ports.management,
      authoritativeDefinitions: definitionsOf(document),
      customProperties: customProperties({
        dataProductDescriptor: document['dataProductDescriptor'],
        infoId: info['id'],
        displayName: info['displayName'],
        entityType: info['entityType'],
        ...extensionsOf(info),
        internalComponents: document['internalComponents'],
        components: document['components'],
        ...without(document, MEMBERS),
      }),
    });
    return { product, contracts: ports.contracts };
  },
};

/** Members of the document that have a place of their own. */
const MEMBERS = [
  'dataProductDescriptor',
  'info',
  'interfaceComponents',
  'internalComponents',
  'components',
  'tags',
  'externalDocs',
];
const PORT_MEMBERS = [
  'name',
  'version',
  'description',
  'tags',
  'externalDocs',
  'promises',
  'expectations',
  'obligations',
  '$ref',
];

/** Kinds of management ports, and what Bitol ODPS calls their content. */
const MANAGEMENT = {
  discoveryPorts: 'discoverability',
  observabilityPorts: 'observability',
  controlPorts: 'control',
} as const;

function portsOf(document: Members, info: Members) {
  const interfaces = objectAt(document, 'interfaceComponents');
  const portsAt = (name: string) => objectsAt(interfaces, name).map((port) => dereferenced(port, document));
  const contracts: Contract[] = [];
  const output = portsAt('outputPorts').map((port) => {
    const contract = contractOfPort(port, info);
    if (contract !== undefined) contracts.push(contract);
    return { ...portOf(port), type: typeOf(port), contractId: contract?.id };
  });
  const management = Object.entries(MANAGEMENT).flatMap(([name, content]) =>
    portsAt(name).map((port) => ({ ...without(portOf(port), ['version']), content })),
  );
  const input = portsAt('inputPorts').map(portOf);
  return { input: nonEmpty(input), output, management: nonEmpty(management), contracts };
}

/** A port that refers to a component of the same document is read from there. */
function dereferenced(port: Members, document: Members): Members {
  const reference = textAt(port, '$ref');
  if (reference?.startsWith('#/') !== true) return port;
  const target = valueAt(document, reference.slice(1));
  return isObject(target) ? { ...target, ...port } : port;
}

function portOf(port: Members) {
  const promises = objectAt(port, 'promises');
  return {
    name: nameOf(port),
    version: textAt(port, 'version'),
    description: textAt(port, 'description'),
    tags: port['tags'],
    authoritativeDefinitions: definitionsOf(port),
    customProperties: customProperties({
      $ref: port['$ref'],
      ...without(port, PORT_MEMBERS),
      platform: promises['platform'],
      // An API's definition can be long, and its tables stand in the contract.
      promises: {
        ...without(promises, ['platform', 'api']),
        api: without(objectAt(promises, 'api'), ['definition']),
      },
      expectations: port['expectations'],
      obligations: port['obligations'],
    }),
  };
}

/** A port that is only a reference is called as its file is. */
function nameOf(port: Members): string | undefined {
  const reference = textAt(port, '$ref');
  return (
    textAt(port, 'name') ??
    (reference === undefined
      ? undefined
      : lastSegment(reference.replace('#', ''))?.replace(/\.(json|ya?ml)$/i, ''))
  );
}

function typeOf(port: Members): string | undefined {
  const promises = objectAt(port, 'promises');
  return (
    textAt(promises, 'servicesType') ??
    textAt(promises, 'serviceType') ??
    textAt(objectAt(promises, 'api'), 'specification')
  );
}

/** The contract that a port's promises, expectations and obligations amount to, when they say what its tables are. */
function contractOfPort(port: Members, info: Members): Contract | undefined {
  const promises = objectAt(port, 'promises');
  const api = objectAt(promises, 'api');
  const tables = tablesOf(api['definition']);
  if (tables.length === 0) return undefined;
  return contractOf({
    id: textAt(port, 'fullyQualifiedName') ?? [textAt(info, 'fullyQualifiedName'), nameOf(port)].join(':'),
    name: textAt(api, 'name') ?? nameOf(port),
    version: textAt(api, 'version') ?? textAt(port, 'version'),
    domain: textAt(info, 'domain'),
    dataProduct: textAt(info, 'name'),
    description: {
      purpose: textAt(port, 'description'),
      usage: textAt(objectAt(objectAt(port, 'expectations'), 'usage'), 'description'),
    },
    schema: tables,
    customProperties: customProperties({
      apiSpecification: api['specification'],
      apiSpecificationVersion: api['specificationVersion'],
      services: isObject(api['definition'])
        ? (api['definition']['services'] ?? api['definition']['servers'])
        : undefined,
      deprecationPolicy: promises['deprecationPolicy'],
      slo: promises['slo'],
      ...objectAt(port, 'expectations'),
      ...objectAt(port, 'obligations'),
    }),
  });
}

function teamOf(owner: Members) {
  const member = {
    username: textAt(owner, 'id') ?? '',
    name: textAt(owner, 'name'),
    role: 'owner',
    customProperties: customProperties(without(owner, ['id', 'name'])),
  };
  return { members: [member] };
}

function supportOf(contact: Members) {
  return {
    channel: textAt(contact, 'name') ?? textAt(contact, 'channel'),
    tool: textAt(contact, 'channel'),
    url: textAt(contact, 'address'),
    description: textAt(contact, 'description'),
    customProperties: customProperties(extensionsOf(contact)),
  };
}

function definitionsOf(entity: Members) {
  const docs = objectAt(entity, 'externalDocs');
  const url = textAt(docs, '$href');
  return url === undefined
    ? undefined
    : [{ type: 'externalDocs', url, description: textAt(docs, 'description') }];
}

function extensionsOf(object: Members): Members {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name.startsWith('x-')));
}
