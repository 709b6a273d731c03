import type { Examiner } from './council/examiner.js';
import { inputSchema } from './decision/input.js';
import type { CurrentPolicies } from './policy/current-policies.js';
import { parameterFaults, sourceOf } from './policy/load.js';
import type { Toolchain } from './rego/toolchain.js';

interface Needs {
  readonly toolchain: Toolchain;
  readonly current: CurrentPolicies;
  readonly nowMs: () => number;
}

/** Examines proposals against what is in force: their types, parameters and tests. */
export function createExaminer({ toolchain, current, nowMs }: Needs): Examiner {
  return {
    async check(bundle) {
      const { policies, bundles } = current.law;
      const byLayer = new Map(bundles).set(bundle.layer, bundle);
      const source = sourceOf(bundle, byLayer, inputSchema);
      const report = await toolchain.check(source);
      const faults = [...parameterFaults(bundle, byLayer), ...report.errors];
      const tested = faults.length > 0 ? undefined : await toolchain.test(source, { coverage: true });
      const results = tested?.results ?? [];
      const passed = results.filter(({ outcome }) => outcome === 'pass').length;
      const bad = results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error');
      return {
        at: new Date(nowMs()).toISOString(),
        revision: policies.revision,
        faults: [
          ...faults,
          ...(tested?.errors ?? []),
          ...bad.map(({ file, row, name }) => ({
            file,
            row,
            code: 'tests_failed',
            message: `the test \`${name}\` fails`,
          })),
        ],
        warnings: report.warnings,
        tests: { passed, failed: bad.length },
      };
    },
    impact: () => Promise.resolve(undefined),
  };
}
