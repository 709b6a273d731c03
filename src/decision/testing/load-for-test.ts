import { fileURLToPath } from 'node:url';
import type { Bundle } from '../../policy/bundle.js';
import type { LayerInForce } from '../../policy/in-force.js';
import { loadLayers } from '../../policy/load.js';
import { createPolicyModule } from '../../rego/evaluator.js';
import { createToolchain, type Toolchain } from '../../rego/toolchain.js';
import { inputSchema } from '../input.js';

export function testToolchain(): Toolchain {
  const wasmPath = fileURLToPath(new URL('../../../build/toolchain.wasm', import.meta.url));
  return createToolchain({ wasmPath, timeLimitMs: 60_000 });
}

/** Compiles bundles that belong together, by the real toolchain; how long they take is not measured. */
export async function load(
  toolchain: Toolchain,
  ...bundles: readonly Bundle[]
): Promise<readonly LayerInForce[]> {
  return loadLayers(bundles, {
    toolchain,
    createModule: createPolicyModule,
    probe: { measure: () => Promise.resolve() },
    inputSchema,
    probeInputs: { publish: [], access: [], consume: [] },
  });
}
