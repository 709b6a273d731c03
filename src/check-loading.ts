import type { CheckReport } from './council/proposal.js';
import { WitanError } from './errors.js';
import { nextLaw, type MeshNeeds } from './mesh.js';
import type { Bundle } from './policy/bundle.js';
import type { CurrentPolicies } from './policy/current-policies.js';
import type { Registry } from './registry/registry.js';

interface Needs {
  readonly current: CurrentPolicies;
  readonly registry: Registry;
  readonly mesh: MeshNeeds;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
}

/** Whether a bundle, and what builds on it, loads on what is in force; no test is run. */
export function createLoadingCheck({
  current,
  registry,
  mesh,
  nowMs,
}: Needs): (bundle: Bundle) => Promise<CheckReport> {
  return async (bundle) => {
    const { law } = current;
    const report = {
      at: new Date(nowMs()).toISOString(),
      revision: law.policies.revision,
      faults: [],
      warnings: [],
      tests: { passed: 0, failed: 0 },
    };
    try {
      await nextLaw(law, { layer: bundle.layer, bundle }, registry, mesh);
      return report;
    } catch (thrown) {
      if (!(thrown instanceof WitanError) || thrown.code.startsWith('toolchain_')) throw thrown;
      const { code, message, faults } = thrown;
      return { ...report, faults: faults.length > 0 ? faults : [{ code, message }] };
    }
  };
}
