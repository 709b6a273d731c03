import { fileURLToPath } from 'node:url';
import type { Bundle } from '../../policy/bundle.js';
import type { LayerInForce } from '../../policy/in-force.js';
import { loadLayers } from '../../policy/load.js';
import { createPolicyModule } from '../../rego/evaluator.js';
import { createOpaBuiltins } from '../../rego/opa-builtins.js';
import { createToolchain, type Toolchain } from '../../rego/toolchain.js';
import { inputSchema } from '../input.js';

const wasmPath = fileURLToPath(new URL('../../../build/toolchain.wasm', import.meta.url));

export function testToolchain(): Toolchain {
  return createToolchain({ wasmPath, timeLimitMs: 60_000 });
}

/** Salts of decisions that go into no record. */
export const NO_SALT = (): Uint8Array => new Uint8Array(16);

const opaBuiltins = createOpaBuiltins({ wasmPath });

/** Compiles bundles that belong together, by the real toolchain; how long they take is not measured. */
export async function load(
  toolchain: Toolchain,
  ...bundles: readonly Bundle[]
): Promise<readonly LayerInForce[]> {
  return loadLayers(bundles, {
    toolchain,
    createModule: (wasm, data) => createPolicyModule(wasm, data, { opaBuiltins }),
    probe: { measure: () => Promise.resolve() },
    inputSchema,
    probeInputs: { publish: [], access: [], consume: [] },
  });
}
