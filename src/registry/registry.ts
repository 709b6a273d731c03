import type { Contract } from '../product/contract.js';
import type { Product } from '../product/product.js';

/** A domain of the mesh: an owner of data products. */
export interface Domain {
  /** `finance/risk` */
  readonly path: string;
  readonly name: string;
  readonly description?: string;
  /** The team that answers for it. */
  readonly team?: string;
}

/** What the registry knows of a subject, or of a resource that is not a data product. */
export interface Entity {
  readonly type: string;
  readonly id: string;
  readonly domain?: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A data product as registered. */
export interface RegisteredProduct {
  readonly id: string;
  /** The owning domain; absent when the descriptor names none. */
  readonly domain?: string;
  readonly product: Product;
  readonly contracts: readonly Contract[];
  /** SHA-256 of the canonical JSON of product and contracts: `sha256:<hex>`. */
  readonly digest: string;
  /** RFC 3339. */
  readonly registeredAt: string;
  readonly updatedAt: string;
}

/** What a decision looks up. */
export type RegistryLookup = Pick<Registry, 'domain' | 'entity' | 'product'>;

/** What the mesh knows: read synchronously on the way of a decision, so it is held in memory. */
export interface Registry {
  domain(path: string): Domain | undefined;
  domains(): Iterable<Domain>;
  entity(type: string, id: string): Entity | undefined;
  entities(): Iterable<Entity>;
  /** The same object as long as it is asked for often; many products are not kept parsed. */
  product(id: string): RegisteredProduct | undefined;
  products(): Iterable<RegisteredProduct>;
  /**
   * Those after an id, in the order of their ids.
   *
   * @param domains whose products; all when absent
   */
  productsAfter(id: string, domains?: readonly string[]): Iterable<RegisteredProduct>;
  /** Those with the most metadata. */
  largestProducts(count: number): readonly RegisteredProduct[];
}
