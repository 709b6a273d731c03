import type { PolicyDescription } from './check-report.js';
import { customText } from './wasm-sections.js';

/** What a module carries beside its code, so that its digest covers all that the toolchain made of a bundle. */
export interface ModuleContent {
  readonly policies: readonly PolicyDescription[];
  /** The data document as JSON text, with its numbers as they were written. */
  readonly data: string;
}

/**
 * Reads the sections that `toolchain/compile.go` adds. The module MUST be known by its digest to be one that the toolchain
 * made.
 *
 * @throws Error when it is not
 */
export function contentOf(wasm: Uint8Array): ModuleContent {
  const policies = customText(wasm, 'witan.policies');
  const data = customText(wasm, 'witan.data');
  if (policies === undefined || data === undefined) {
    throw new Error('the module does not say what it was made of');
  }
  // INVARIANT: the toolchain wrote it.
  return { policies: JSON.parse(policies) as readonly PolicyDescription[], data };
}
