import type { LawInForce, ToolchainIdentity } from './audit/record.js';
import type { PoliciesInForce } from './policy/in-force.js';

/** What is in force, as a record says it. */
export function lawOf(policies: PoliciesInForce, toolchain: ToolchainIdentity): LawInForce {
  return {
    layers: [...policies.layers.values()].map(({ layer, digest, moduleDigest }) => ({
      layer,
      digest,
      ...(moduleDigest !== undefined && { module: moduleDigest }),
    })),
    toolchain,
  };
}
