import type { Bundle } from './bundle.js';
import type { Layer } from './layer.js';

/** What the toolchain made of a bundle: the module, or nothing of a bundle without policies. */
export type Made = { readonly wasm: Uint8Array } | 'nothing';

/** Modules that were compiled before, so that they need neither be compiled nor measured again. */
export interface CompiledBefore {
  /**
   * What was made of a bundle under those above it, as far as it is proven; otherwise it is to be found out again.
   *
   * @param bundles all bundles, for what the layers above offer
   */
  find(bundle: Bundle, bundles: ReadonlyMap<Layer, Bundle>): Promise<Made | undefined>;
  /** Keeps a module for the next time. */
  keep(wasm: Uint8Array): Promise<void>;
}
