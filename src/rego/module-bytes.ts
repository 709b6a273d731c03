import type { PolicyModule } from './policy-module.js';

/**
 * The WebAssembly that modules were made of, for as long as these are there. An engine does not give it back, and another
 * process can be handed nothing else.
 */
export class ModuleBytes {
  readonly #bytes = new WeakMap<PolicyModule, Uint8Array>();

  keep(module: PolicyModule, wasm: Uint8Array): void {
    this.#bytes.set(module, wasm);
  }

  of(module: PolicyModule): Uint8Array | undefined {
    return this.#bytes.get(module);
  }
}
