import { inputSchema } from '../decision/input.js';
import { probeInputs } from '../decision/probe-inputs.js';
import { WitanError, type Fault } from '../errors.js';
import type { Bundle } from '../policy/bundle.js';
import type { Layer } from '../policy/layer.js';
import { compiledSource, measure, parameterFaults, sourceOf } from '../policy/load.js';
import type { RegisteredProduct } from '../registry/registry.js';
import { createProbe } from '../rego/probe.js';
import type { Toolchain } from '../rego/toolchain.js';

export interface InspectionNeeds {
  readonly toolchain: Toolchain;
  /** Longest evaluation when a bundle is measured, in milliseconds. */
  readonly evaluationMsMax: number;
  /** What the bundle is measured with, beside products that are made up. */
  readonly products: Iterable<RegisteredProduct>;
  /** Told when all is well so far and measuring begins. */
  readonly measuring?: () => void;
}

/** What is wrong with a bundle as it stands, and what is most likely not meant; files are named as in the bundle. */
export interface Inspection {
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
  /** Whether its Rego parses, is well typed, calls built-ins that are allowed and keeps to its own packages. */
  readonly compiles: boolean;
}

/**
 * Looks at one bundle under the layers above it: its Rego, its parameters and delegations and, when those are right,
 * what an evaluation takes.
 *
 * @param bundles all bundles, the one that is inspected among them
 * @throws WitanError the toolchain's own errors
 */
export async function inspectBundle(
  bundle: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  needs: InspectionNeeds,
): Promise<Inspection> {
  const { errors, warnings } = await needs.toolchain.check(sourceOf(bundle, bundles, inputSchema));
  const faults = [...parameterFaults(bundle, bundles), ...errors];
  const compiles = errors.length === 0;
  if (faults.length > 0) return { faults, warnings, compiles };
  needs.measuring?.();
  return { faults: await slowFaults(bundle, bundles, needs), warnings, compiles };
}

/** The policies that take more than an evaluation may, each at the row of its package. */
async function slowFaults(
  bundle: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  { toolchain, evaluationMsMax, products }: InspectionNeeds,
): Promise<readonly Fault[]> {
  const { wasm, data, policies } = await toolchain.compile(compiledSource(bundle, bundles, inputSchema));
  if (wasm === undefined) return [];
  const probe = createProbe({ timeLimitMs: evaluationMsMax, toolchainPath: toolchain.wasmPath });
  try {
    await measure(wasm, data, { probe, probeInputs: probeInputs(products) });
    return [];
  } catch (thrown) {
    if (!(thrown instanceof WitanError) || thrown.code !== 'policy_too_slow') throw thrown;
    const [fault = { code: thrown.code, message: thrown.message }] = thrown.faults;
    const row = policies.find(({ file }) => file === fault.file)?.row;
    return [{ ...fault, ...(row !== undefined && { row }) }];
  }
}
