import type { LawInForce, ToolchainIdentity } from '../audit/record.js';
import type { PoliciesInForce } from '../policy/in-force.js';

/**
 * What is in force, as a record says it. A layer whose bundle is refused has none: a record must not make law of it.
 */
export function lawOf(policies: PoliciesInForce, toolchain: ToolchainIdentity): LawInForce {
  const inForce = [...policies.layers.values()].filter(({ fault }) => fault === undefined);
  return {
    layers: inForce.map(({ layer, digest, moduleDigest }) => ({
      layer,
      digest,
      ...(moduleDigest !== undefined && { module: moduleDigest }),
    })),
    toolchain,
  };
}
