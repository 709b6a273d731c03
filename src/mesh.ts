import { inputSchema } from './decision/input.js';
import { probeInputs } from './decision/probe-inputs.js';
import type { Bundle } from './policy/bundle.js';
import { policiesInForce, type PoliciesInForce } from './policy/in-force.js';
import { loadLayers } from './policy/load.js';
import type { Registry } from './registry/registry.js';
import { createPolicyModule } from './rego/evaluator.js';
import { createProbe } from './rego/probe.js';
import type { Toolchain } from './rego/toolchain.js';

/**
 * Compiles and measures bundles into the snapshot that decisions are made from; the service and the commands
 * that decide offline come by their policies in this one way.
 *
 * @param evaluationMsMax longest evaluation when a bundle is measured, in milliseconds
 * @throws what `loadLayers` throws
 */
export async function putInForce(
  bundles: Iterable<Bundle>,
  registry: Registry,
  {
    toolchain,
    revision,
    evaluationMsMax,
  }: { toolchain: Toolchain; revision: number; evaluationMsMax: number },
): Promise<PoliciesInForce> {
  const layers = await loadLayers(bundles, {
    toolchain,
    createModule: createPolicyModule,
    probe: createProbe({ timeLimitMs: evaluationMsMax }),
    inputSchema,
    probeInputs: probeInputs(registry.products()),
  });
  return policiesInForce(revision, layers);
}
