import { keptBeside } from '../document/kept-beside.js';
import { NO_MEMBERS, recurring, recurs } from '../document/recurring.js';
import { WitanError } from '../errors.js';
import { domainChain, GLOBAL, layerChain, type Layer } from '../policy/layer.js';
import { metadataText, type NormalForm } from '../product/metadata.js';
import { metadataDigest } from '../product/digest.js';
import { readMetadata } from '../product/read.js';
import type { Entity, RegisteredProduct, RegistryLookup } from '../registry/registry.js';
import type { Registered } from './input.js';
import { DATA_PRODUCT, kindOf, type Evaluation } from './request.js';

/** Metadata with the digest that names them; the text is made only when a record must carry it. */
export interface DigestedMetadata {
  readonly form: NormalForm;
  readonly digest: string;
  text(): string;
}

/** What an evaluation is about, gathered from the request and the registry before any policy is asked. */
export interface SubjectMatter {
  readonly kind: 'publish' | 'access';
  readonly metadata?: DigestedMetadata | undefined;
  /** The registered version, on publish. */
  readonly previous?: DigestedMetadata | undefined;
  readonly subjectRegistered?: Registered | undefined;
  readonly resourceRegistered?: Registered | undefined;
  /** The owning domain. */
  readonly domain?: string | undefined;
  /** The subject's domain where it differs from the owning one. */
  readonly consumerDomain?: string | undefined;
  /** `global`, then the chains of every domain that the resource lies in, by claim or by registration. */
  readonly owningLayers: readonly Layer[];
  /** The chain of the consuming domain, without `global`. */
  readonly consumingLayers: readonly Layer[];
  /** The resource's properties without the metadata, which policies see as `product` and `contracts`. */
  readonly resourceProperties: object;
  /** What is not known and makes the answer no: each an error of the layer that it would have stood under. */
  readonly unknown: readonly {
    readonly layer: Layer;
    readonly kind: 'publish' | 'access' | 'consume';
    readonly message: string;
  }[];
}

/** The same as it is gathered for a new decision. */
export interface GatheredMatter extends SubjectMatter {
  /** Every domain that the resource lies in, by claim or by registration, also those that are not registered. */
  readonly domains: readonly string[];
}

/**
 * Gathers what an evaluation is about.
 *
 * A product lies under the chain of the domain that its descriptor claims and, when it is registered, under
 * that of the domain that the registry knows: claiming another domain's product never escapes its owner.
 *
 * @param read metadata that were read already and stand for those of the request
 * @throws WitanError `invalid_request`, `descriptor_*` when metadata in the request cannot be read.
 */
export function gather(evaluation: Evaluation, registry: RegistryLookup, read?: NormalForm): GatheredMatter {
  const { subject, resource, action } = evaluation;
  const kind = kindOf(action.name);
  const { descriptor, contracts, resourceProperties } = parted(resource.properties ?? NO_MEMBERS);
  const isProduct = resource.type === DATA_PRODUCT;
  const registered = isProduct ? registry.product(resource.id) : undefined;
  const entity = isProduct ? undefined : registry.entity(resource.type, resource.id);
  const given = isProduct ? givenMetadata(descriptor, contracts, read) : undefined;
  if (given !== undefined) refuseAnotherProduct(given.form, resource.id);
  if (isProduct && kind === 'publish' && given === undefined && action.name === 'register') {
    throw new WitanError(
      'invalid_request',
      'to register a product its descriptor must come with the request',
      {
        faults: [{ pointer: '/resource/properties/descriptor', message: 'is required' }],
      },
    );
  }
  const stored = registered === undefined ? undefined : storedMetadata(registered);
  const metadata = given ?? stored;
  const claimed = isProduct ? metadata?.form.product.domain : textOf(resourceProperties['domain']);
  const known = isProduct ? registered?.domain : entity?.domain;
  const domain = kind === 'publish' ? (claimed ?? known) : (known ?? claimed);

  const person = registry.entity(subject.type, subject.id);
  const subjectDomain = person === undefined ? textOf((subject.properties ?? {})['domain']) : person.domain;
  const consumer =
    kind === 'access' && subjectDomain !== undefined && subjectDomain !== domain ? subjectDomain : undefined;

  const domains = [claimed, known === claimed ? undefined : known].filter((path) => path !== undefined);
  const unknown: SubjectMatter['unknown'][number][] = domains
    .filter((path) => registry.domain(path) === undefined)
    .map((path) => ({ layer: path, kind, message: `the domain \`${path}\` is not registered` }));
  if (consumer !== undefined && registry.domain(consumer) === undefined) {
    unknown.push({
      layer: consumer,
      kind: 'consume',
      message: `the domain \`${consumer}\` is not registered`,
    });
  }
  if (isProduct && metadata === undefined) {
    const message = `the data product \`${resource.id}\` is not registered, and its metadata did not come with the request`;
    unknown.push({ layer: GLOBAL, kind, message });
  }
  const registeredDomains = domains.filter((path) => registry.domain(path) !== undefined);
  return {
    kind,
    metadata,
    previous: kind === 'publish' ? stored : undefined,
    subjectRegistered: person === undefined ? undefined : registeredOf(person),
    resourceRegistered:
      registered !== undefined
        ? placeOf(registered)
        : entity === undefined
          ? undefined
          : registeredOf(entity),
    domain,
    domains,
    consumerDomain: consumer,
    owningLayers: layersOf(registeredDomains),
    consumingLayers:
      consumer !== undefined && registry.domain(consumer) !== undefined ? domainChain(consumer) : [],
    resourceProperties,
    unknown,
  };
}

const GLOBAL_ALONE: readonly Layer[] = [GLOBAL];

/** `global`, and the layers of each domain. */
function layersOf(domains: readonly string[]): readonly Layer[] {
  const [first] = domains;
  if (first === undefined) return GLOBAL_ALONE;
  return domains.length === 1 ? layerChain(first) : [...new Set(domains.flatMap(layerChain))];
}

/** The metadata that came as properties of a resource, and its other properties. */
function parted(properties: Evaluation['resource']['properties'] & object): {
  readonly descriptor?: unknown;
  readonly contracts?: unknown;
  readonly resourceProperties: Readonly<Record<string, unknown>>;
} {
  // INVARIANT: the schema admits objects of any members alone.
  const given = properties as Readonly<Record<string, unknown>>;
  if (!('descriptor' in given || 'contracts' in given)) return { resourceProperties: given };
  const { descriptor, contracts, ...resourceProperties } = given;
  return { descriptor, contracts, resourceProperties };
}

/** What is registered does not change, so that what is made of it is made once. */
const storedAs = new WeakMap<RegisteredProduct, DigestedMetadata>();

/** Of many products most are asked for seldom: metadata recur from the second time on. */
function storedMetadata(registered: RegisteredProduct): DigestedMetadata {
  const known = storedAs.get(registered);
  if (known !== undefined) return recurs(known.form.product) ? known : recurringMetadata(known);
  const metadata = digested(registered, registered.digest);
  storedAs.set(registered, metadata);
  return metadata;
}

/** Says of metadata that they come again, so that modules keep them parsed. */
export function recurringMetadata(metadata: DigestedMetadata): DigestedMetadata {
  recurring(metadata.form.product);
  recurring(metadata.form.contracts);
  return metadata;
}

function givenMetadata(
  descriptor: unknown,
  contracts: unknown,
  read: NormalForm | undefined,
): DigestedMetadata | undefined {
  if (read !== undefined) return digested(read, metadataDigest(read));
  if (descriptor === undefined && contracts === undefined) return undefined;
  const form = readMetadata({ descriptor, contracts }, { base: '/resource/properties' });
  return digested(form, metadataDigest(form));
}

/** Metadata of one product must not decide about another. */
function refuseAnotherProduct({ product }: NormalForm, resourceId: string): void {
  if (product.id === undefined || product.id === resourceId) return;
  const message = `must be \`${resourceId}\`, the id of the resource, not \`${product.id}\``;
  throw new WitanError('invalid_request', `the descriptor's id ${message}`, {
    faults: [{ pointer: '/resource/properties/descriptor/id', message }],
  });
}

function digested({ product, contracts }: NormalForm, digest: string): DigestedMetadata {
  return { form: { product, contracts }, digest, text: () => metadataText({ product, contracts }) };
}

const placedAs = new WeakMap<RegisteredProduct, Registered>();

function placeOf(registered: RegisteredProduct): Registered {
  const { domain, registeredAt } = registered;
  return keptBeside(placedAs, registered, () => recurring({ domain, registered_at: registeredAt }));
}

const registeredAs = new WeakMap<Entity, Registered>();

function registeredOf(entity: Entity): Registered {
  const { domain, properties } = entity;
  return keptBeside(registeredAs, entity, () =>
    recurring({ ...properties, ...(domain !== undefined && { domain }) }),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
