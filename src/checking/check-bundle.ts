import { councilFaults } from '../council/council-faults.js';
import type { CheckReport } from '../council/proposal.js';
import { inputSchema } from '../decision/input.js';
import { PROBE_PRODUCTS_MAX } from '../decision/probe-inputs.js';
import { lineChanges } from '../document/line-changes.js';
import { WitanError, type Fault } from '../errors.js';
import { innerFaults } from './inner-faults.js';
import { inspectBundle, type Inspection, type InspectionNeeds } from './inspect-bundle.js';
import type { Bundle, BundleFile } from '../policy/bundle.js';
import type { CurrentPolicies } from '../policy/current-policies.js';
import { GLOBAL, type Layer } from '../policy/layer.js';
import { sourceOf } from '../policy/load.js';
import { placedInManifest } from '../policy/manifest-place.js';
import { proposedBundle } from '../policy/proposed-bundle.js';
import type { Registry } from '../registry/registry.js';
import { failureOf, isBad } from '../rego/test-failure.js';
import type { Toolchain } from '../rego/toolchain.js';

export interface BundleCheckNeeds {
  readonly toolchain: Toolchain;
  /** Longest evaluation when a bundle is measured, in milliseconds. */
  readonly evaluationMsMax: number;
  readonly registry: Registry;
  readonly current: Pick<CurrentPolicies, 'law' | 'manifests'>;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
}

export interface BundleCheck {
  /**
   * Finds out by machine what stands in the way of a bundle becoming law: its Rego (parse, types, built-ins, packages
   * of its own alone), format, tests, parameters and delegations, what it takes, who could decide the layer
   * afterwards, and which layers below would break. What is wrong with the bundle stands in the report.
   *
   * @throws WitanError the toolchain's own errors, when it could not be checked
   */
  check(bundle: Bundle): Promise<CheckReport>;
  /**
   * The same for files that may be no bundle at all: then the report says why.
   *
   * @throws WitanError `bundle_too_large`; the toolchain's own errors
   */
  checkFiles(layer: Layer, files: readonly BundleFile[]): Promise<CheckReport & { readonly digest?: string }>;
}

/** Faults, and warnings, that one report names; a report is kept with its proposal. */
const FAULTS_MAX = 200;

/** Checks bundles against what is in force when the check begins. */
export function createBundleCheck(needs: BundleCheckNeeds): BundleCheck {
  const { current, nowMs } = needs;
  const at = (): string => new Date(nowMs()).toISOString();
  const check = async (bundle: Bundle): Promise<CheckReport> => {
    const { policies, bundles } = current.law;
    const found = await findings(bundle, bundles, needs);
    const { tests, coverage } = found;
    const place = placedInManifest(bundle);
    return {
      at: at(),
      revision: policies.revision,
      faults: atMost(found.faults.map(place), 'faults'),
      warnings: atMost(found.warnings.map(place), 'warnings'),
      tests,
      ...(coverage !== undefined && { coverage }),
    };
  };
  return {
    check,
    async checkFiles(layer, files) {
      const { revision } = current.law.policies;
      let bundle: Bundle;
      try {
        bundle = proposedBundle(layer, files, current.manifests);
      } catch (thrown) {
        if (!(thrown instanceof WitanError) || thrown.code === 'bundle_too_large') throw thrown;
        const { code, message } = thrown;
        const faults = thrown.faults.length === 0 ? [{ code, message }] : thrown.faults;
        return {
          at: at(),
          revision,
          faults: atMost(
            faults.map((fault) => ({ code, ...fault })),
            'faults',
          ),
          warnings: [],
          tests: { passed: 0, failed: 0 },
        };
      }
      return { digest: bundle.digest, ...(await check(bundle)) };
    },
  };
}

type Found = Pick<CheckReport, 'faults' | 'warnings' | 'tests' | 'coverage'>;

async function findings(
  bundle: Bundle,
  inForce: ReadonlyMap<Layer, Bundle>,
  { toolchain, evaluationMsMax, registry }: BundleCheckNeeds,
): Promise<Found> {
  const bundles = new Map(inForce).set(bundle.layer, bundle);
  const manifests = new Map([...inForce].map(([layer, { manifest }]) => [layer, manifest]));
  const products = registry.largestProducts(PROBE_PRODUCTS_MAX);
  const inspection = { toolchain, evaluationMsMax, products };
  const inspected = await inspectWithinTime(bundle, bundles, inspection);
  const unformatted = await formatFaults(bundle, toolchain);
  // Tests of Rego that does not compile would say the same once more.
  const tested = inspected.compiles ? await testBundle(bundle, bundles, toolchain) : NOTHING_TESTED;
  const inner = await innerFaults(bundle, inForce, inspection, inspected.compiles);
  const council = councilFaults(bundle.manifest, manifests, registry);
  return {
    faults: [...inspected.faults, ...unformatted, ...tested.faults, ...council.faults, ...inner.faults],
    warnings: [
      ...inspected.warnings,
      ...tested.warnings,
      ...council.warnings,
      ...layerWarnings(bundle, bundles, registry),
      ...inner.warnings,
    ],
    tests: tested.tests,
    ...(tested.coverage !== undefined && { coverage: tested.coverage }),
  };
}

/** A bundle that the toolchain does not come to an end with could never be compiled to be put in force. */
async function inspectWithinTime(
  bundle: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  needs: InspectionNeeds,
): Promise<Inspection> {
  try {
    return await inspectBundle(bundle, bundles, needs);
  } catch (thrown) {
    if (!(thrown instanceof WitanError) || thrown.code !== 'toolchain_timeout') throw thrown;
    const { code, message } = thrown;
    return { faults: [{ code, message }], warnings: [], compiles: false };
  }
}

/** Files that OPA's formatter would write otherwise. What does not parse is reported as that. */
async function formatFaults({ files }: Bundle, toolchain: Toolchain): Promise<readonly Fault[]> {
  const report = await toolchain.format(files);
  return report.files
    .filter(({ differs }) => differs)
    .map(({ path, text }) => {
      const before = files.find((file) => file.path === path)?.text ?? '';
      return {
        file: path,
        row: lineChanges(before, text)[0]?.row ?? 1,
        code: 'not_formatted',
        message: `differs from what OPA's formatter writes; \`witan format --write\` mends it`,
      };
    });
}

const NOTHING_TESTED: Found = { faults: [], warnings: [], tests: { passed: 0, failed: 0 } };

async function testBundle(
  bundle: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  toolchain: Toolchain,
): Promise<Found> {
  try {
    const source = sourceOf(bundle, bundles, inputSchema);
    const { errors, warnings, results, coverage } = await toolchain.test(source, { coverage: true });
    const bad = results.filter(isBad);
    const passed = results.filter(({ outcome }) => outcome === 'pass').length;
    const untested = passed + bad.length === 0 && Object.keys(bundle.manifest.policies).length > 0;
    return {
      faults: [...errors, ...bad.map((result) => ({ ...failureOf(result), code: 'tests_failed' }))],
      warnings: [
        ...warnings,
        ...(untested
          ? [{ code: 'no_tests', message: 'no test ran: nothing shows what the policies do' }]
          : []),
      ],
      tests: { passed, failed: bad.length },
      ...(coverage !== undefined && { coverage: coverage.percent / 100 }),
    };
  } catch (thrown) {
    // A test that never ends is the bundle's fault, and checking it again would not end either.
    if (!(thrown instanceof WitanError) || thrown.code !== 'toolchain_timeout') throw thrown;
    const fault = { code: 'tests_failed', message: `the tests did not end in time: ${thrown.message}` };
    return { ...NOTHING_TESTED, faults: [fault] };
  }
}

/** What is allowed and yet most likely not meant about the layer itself. */
function layerWarnings(
  { layer, manifest }: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  registry: Registry,
): readonly Fault[] {
  if (layer === GLOBAL) return [];
  const global = bundles.get(GLOBAL)?.manifest.policies ?? {};
  const alike = Object.keys(manifest.policies).filter((name) => Object.hasOwn(global, name));
  return [
    ...(registry.domain(layer) === undefined
      ? [
          {
            file: 'manifest.yaml',
            pointer: '/layer',
            code: 'domain_not_registered',
            message: `the domain \`${layer}\` is not registered: no product can lie under it`,
          },
        ]
      : []),
    ...alike.map((name) => ({
      file: 'manifest.yaml',
      pointer: `/policies/${name}`,
      code: 'policy_name_of_global',
      message: `\`global\` has a policy of this name too: this one stands beside it, and how that one binds stays as it is`,
    })),
  ];
}

function atMost(faults: readonly Fault[], what: string): readonly Fault[] {
  if (faults.length <= FAULTS_MAX) return faults;
  const more = { message: `${faults.length - FAULTS_MAX} more ${what} are not shown` };
  return [...faults.slice(0, FAULTS_MAX), more];
}
