import type { BundleFile } from './bundle.js';
import type { Layer } from './layer.js';

/** One change of the bundles that are kept or in force; committed together with the record of the act that made it. */
export type BundleChange =
  | {
      readonly kind: 'put_bundle';
      readonly digest: string;
      readonly layer: Layer;
      readonly files: readonly BundleFile[];
    }
  /** Makes a revision; it MUST follow the last one, and every digest MUST be that of a kept bundle. */
  | {
      readonly kind: 'activate';
      readonly revision: number;
      /** Every layer that has a bundle at this revision, with its digest. */
      readonly layers: ReadonlyMap<Layer, string>;
    };
