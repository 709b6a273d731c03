import type { Domain, Entity, RegisteredProduct } from './registry.js';

/** One change of what the mesh knows; committed together with the record of the act that made it. */
export type RegistryChange =
  | { readonly kind: 'put_product'; readonly product: RegisteredProduct }
  | { readonly kind: 'delete_product'; readonly id: string }
  | { readonly kind: 'put_entity'; readonly entity: Entity }
  | { readonly kind: 'delete_entity'; readonly type: string; readonly id: string }
  | { readonly kind: 'put_domain'; readonly domain: Domain };
