import { inputSchema } from '../decision/input.js';
import { pointerSegments } from '../document/pointer.js';
import { WitanError, type Fault } from '../errors.js';
import { inspectBundle, type InspectionNeeds } from './inspect-bundle.js';
import { filesIn, type Bundle } from '../policy/bundle.js';
import { compareLayers, outerLayers, type Layer } from '../policy/layer.js';
import { parameterFaults, sourceOf } from '../policy/load.js';
import { missingReferences, removedReferences } from '../policy/removed-references.js';
import { failureOf, isBad } from '../rego/test-failure.js';

export interface InnerFaults {
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

/**
 * What a bundle would break of the layers below it that are in force: values that they set outside of bounds that it
 * tightens or takes away, and Rego of theirs that its libraries and data no longer carry. Tests of theirs that would
 * fail are warnings: what a library says may be meant to change.
 *
 * @param compiles whether the bundle itself does; when not, what the layers below make of it says nothing new
 * @throws WitanError the toolchain's own errors
 */
export async function innerFaults(
  bundle: Bundle,
  inForce: ReadonlyMap<Layer, Bundle>,
  needs: InspectionNeeds,
  compiles: boolean,
): Promise<InnerFaults> {
  const bundles = new Map(inForce).set(bundle.layer, bundle);
  const inner = [...inForce.values()]
    .filter(({ layer }) => outerLayers(layer).includes(bundle.layer))
    .sort((a, b) => compareLayers(a.layer, b.layer));
  const faults = inner.flatMap((each) => parametersOf(each, bundle, bundles));
  const warnings: Fault[] = [];
  if (compiles && librariesDiffer(inForce.get(bundle.layer), bundle)) {
    const gone = removedReferences(inForce.get(bundle.layer), bundle);
    for (const each of inner) {
      const broken = await regoOf(each, bundles, needs);
      // A function that is gone is an error of the compiler already.
      const said = new Set(broken.faults.map(lineOf));
      faults.push(
        ...broken.faults,
        ...missingReferences(each, gone).filter((fault) => !said.has(lineOf(fault))),
      );
      warnings.push(...broken.warnings);
    }
  }
  return { faults, warnings };
}

/** Faults of a layer's own parameters and delegations under the proposed bundle, at the delegation that they come from. */
function parametersOf(
  inner: Bundle,
  { manifest }: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
): readonly Fault[] {
  return parameterFaults(inner, bundles).map(
    ({ pointer = '', message, code = 'parameter_not_delegated' }) => {
      const [, name = ''] = pointerSegments(pointer);
      const here = Object.hasOwn(manifest.delegations ?? {}, name) ? `/delegations/${name}` : '/delegations';
      return {
        file: 'manifest.yaml',
        pointer: here,
        code,
        message: `\`${inner.layer}\` could not stay in force for its \`${name}\`: ${message}`,
      };
    },
  );
}

/** What the layers below build on: libraries and data, not policies. */
function librariesDiffer(before: Bundle | undefined, after: Bundle): boolean {
  const offered = (bundle: Bundle | undefined): string =>
    bundle === undefined ? '[]' : JSON.stringify([...filesIn(bundle, 'lib'), ...filesIn(bundle, 'data')]);
  return offered(before) !== offered(after);
}

function lineOf({ file, row }: Fault): string {
  return `${file ?? ''}:${row ?? ''}`;
}

async function regoOf(
  inner: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  needs: InspectionNeeds,
): Promise<InnerFaults> {
  const { layer } = inner;
  const { faults, compiles } = await inspectBundle(inner, bundles, needs);
  const placed = (fault: Fault): Fault => ({
    ...fault,
    ...(fault.file !== undefined && { file: `${layer}/${fault.file}` }),
  });
  const broken = faults
    // Those of the manifest are said where the bundle gives rise to them.
    .filter(({ file }) => file !== 'manifest.yaml')
    .map((fault) =>
      placed({ ...fault, message: `\`${layer}\` no longer works with this bundle: ${fault.message}` }),
    );
  if (!compiles) return { faults: broken, warnings: [] };
  return { faults: broken, warnings: (await failingTests(inner, bundles, needs)).map(placed) };
}

async function failingTests(
  inner: Bundle,
  bundles: ReadonlyMap<Layer, Bundle>,
  { toolchain }: InspectionNeeds,
): Promise<readonly Fault[]> {
  const because = `a test of \`${inner.layer}\` fails with this bundle`;
  try {
    const { results } = await toolchain.test(sourceOf(inner, bundles, inputSchema));
    return results.filter(isBad).map((result) => {
      const failure = failureOf(result);
      return { ...failure, code: 'inner_tests_failed', message: `${because}: ${failure.message}` };
    });
  } catch (thrown) {
    if (!(thrown instanceof WitanError) || thrown.code !== 'toolchain_timeout') throw thrown;
    return [{ code: 'inner_tests_failed', message: `${because}: ${thrown.message}` }];
  }
}
