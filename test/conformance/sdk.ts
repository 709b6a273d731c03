import { createRequire } from 'node:module';

interface Sdk {
  loadPolicySync(
    module: Uint8Array,
    memory: object,
  ): { setData(data: unknown): void; evaluate(input: unknown): unknown };
}

/** The package `@open-policy-agent/opa-wasm`, which is CommonJS; its types do not cover what is used of it. */
export const sdk = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as Sdk;
