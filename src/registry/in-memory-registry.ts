import type { RegistryChange } from './change.js';
import { HeldProducts, type HeldProduct } from './held-products.js';
import type { Domain, Entity, RegisteredProduct, Registry } from './registry.js';

/** What a registry starts with. */
export interface RegistryContent {
  readonly domains: readonly Domain[];
  readonly entities: readonly Entity[];
  readonly products: readonly (RegisteredProduct | HeldProduct)[];
}

/** The registry as decisions read it. It is changed only by changes that are already durable. */
export class InMemoryRegistry implements Registry {
  readonly #domains = new Map<string, Domain>();
  /** By type, then by id. */
  readonly #entities = new Map<string, Map<string, Entity>>();
  readonly #products = new HeldProducts();

  constructor(content: RegistryContent = { domains: [], entities: [], products: [] }) {
    for (const domain of content.domains) this.apply({ kind: 'put_domain', domain });
    for (const entity of content.entities) this.apply({ kind: 'put_entity', entity });
    for (const product of content.products) this.#products.put(product);
  }

  domain(path: string): Domain | undefined {
    return this.#domains.get(path);
  }

  domains(): Iterable<Domain> {
    return this.#domains.values();
  }

  entity(type: string, id: string): Entity | undefined {
    return this.#entities.get(type)?.get(id);
  }

  *entities(): Iterable<Entity> {
    for (const ofType of this.#entities.values()) yield* ofType.values();
  }

  product(id: string): RegisteredProduct | undefined {
    return this.#products.get(id);
  }

  products(): Iterable<RegisteredProduct> {
    return this.#products.all();
  }

  productsAfter(id: string, domains?: readonly string[]): Iterable<RegisteredProduct> {
    return this.#products.after(id, domains);
  }

  largestProducts(count: number): readonly RegisteredProduct[] {
    return this.#products.largest(count);
  }

  /** Applies a change that the log has acknowledged; deleting what is not there changes nothing. */
  apply(change: RegistryChange): void {
    switch (change.kind) {
      case 'put_product':
        this.#products.put(change.product);
        return;
      case 'delete_product':
        this.#products.delete(change.id);
        return;
      case 'put_domain':
        this.#domains.set(change.domain.path, change.domain);
        return;
      case 'put_entity': {
        const { entity } = change;
        const ofType = this.#entities.get(entity.type) ?? new Map<string, Entity>();
        this.#entities.set(entity.type, ofType.set(entity.id, entity));
        return;
      }
      case 'delete_entity':
        this.#entities.get(change.type)?.delete(change.id);
    }
  }
}
