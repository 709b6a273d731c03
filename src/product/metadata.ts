import { canonicalJson } from '../document/json.js';
import type { Contract } from './contract.js';
import type { Product } from './product.js';

/** The formats of descriptors that Witan reads. */
export type FormatName = 'bitol-odps' | 'odcs' | 'dpds' | 'lf-odps' | 'lf-odps-legacy';

/** What policies see of a data product, whatever its descriptor was written in. */
export interface NormalForm {
  readonly product: Product;
  readonly contracts: readonly Contract[];
}

/** A data product as read from its descriptor. */
export interface Metadata extends NormalForm {
  readonly format: FormatName;
}

/** The canonical JSON of a product and its contracts: equal metadata have equal texts, whatever they were read from. */
export function metadataText({ product, contracts }: NormalForm): string {
  return canonicalJson({ product, contracts });
}
