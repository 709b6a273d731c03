import { inputSchema } from '../decision/input.js';
import { WitanError, type Fault } from '../errors.js';
import { sourceOf } from '../policy/load.js';
import { readEachBundle } from '../policy/read-bundles.js';
import { failureOf } from '../rego/test-failure.js';
import type { Coverage, TestResult } from '../rego/test-report.js';
import { withToolchain, type CommandNeeds } from './command.js';
import { bundleFaults, placedIn } from './fault-lines.js';
import { progressOn } from './progress.js';
import { requireFolder } from './read-text.js';

/** What came of the tests of one layer; files are named from where the command runs. */
export interface LayerTested {
  readonly layer: string;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
  readonly results: readonly PlacedResult[];
  /** Where it was asked for and there are no faults. */
  readonly coverage?: Coverage;
}

export interface PlacedResult extends TestResult {
  /** Where it failed, or where the test stands. */
  readonly place: Fault;
}

interface LayerOptions {
  readonly policies: string;
  readonly filter?: string | undefined;
  readonly coverage: boolean;
}

/**
 * Runs the tests of every bundle of a policies folder that can be read.
 *
 * @throws WitanError `not_found` when there is no such folder, `invalid_request` for a filter that is no regular
 * expression, and what the toolchain throws.
 */
export async function testLayers(
  { policies: folder, filter, coverage }: LayerOptions,
  needs: CommandNeeds,
): Promise<readonly LayerTested[]> {
  checkFilter(filter);
  requireFolder(folder);
  const { bundles, errors } = await readEachBundle(folder);
  const byLayer = new Map(bundles.map((bundle) => [bundle.layer, bundle]));
  const unread = errors.map((error) => ({
    layer: '(not read)',
    faults: bundleFaults(folder, error),
    warnings: [],
    results: [],
  }));
  const progress = progressOn(needs.terminal);
  const tested = await withToolchain(needs, async (toolchain) => {
    const layers: LayerTested[] = [];
    for (const [index, bundle] of bundles.entries()) {
      const { layer } = bundle;
      const here = placedIn(folder, layer);
      progress.say(`testing ${layer}`, index, bundles.length);
      const report = await toolchain.test(sourceOf(bundle, byLayer, inputSchema), { filter, coverage });
      layers.push({
        layer,
        faults: report.errors.map(here),
        warnings: report.warnings.map(here),
        results: report.results.map((result) => ({ ...result, place: here(failureOf(result)) })),
        ...(report.coverage !== undefined && { coverage: placed(report.coverage, here) }),
      });
    }
    return layers;
  });
  progress.end();
  return [...unread, ...tested];
}

function checkFilter(filter: string | undefined): void {
  try {
    new RegExp(filter ?? '');
  } catch (cause) {
    throw new WitanError('invalid_request', `\`${filter ?? ''}\` is no regular expression`, { cause });
  }
}

function placed(coverage: Coverage, here: (fault: Fault) => Fault): Coverage {
  const files = coverage.files.map((of) => ({ ...of, file: here({ ...of, message: '' }).file ?? of.file }));
  return { ...coverage, files };
}
