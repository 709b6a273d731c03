import { inputSchema } from '../decision/input.js';
import { placeOf, WitanError, type Fault } from '../errors.js';
import { filesIn, type Bundle } from '../policy/bundle.js';
import { sourceOf } from '../policy/load.js';
import { readEachBundle } from '../policy/read-bundles.js';
import type { TestResult } from '../rego/toolchain.js';
import { withToolchain, type CommandNeeds } from './command.js';
import { bundleFaults, faultLine, pathInLayer } from './fault-lines.js';
import { annotation } from './github.js';
import { junit, type JunitCase } from './junit.js';
import { progressOn } from './progress.js';
import { requireFolder } from './read-text.js';
import { count, duration, styleOf, type Style } from './style.js';
import { table } from './table.js';
import { EXIT, type ExitCode } from './terminal.js';

export const TEST_FORMATS = ['pretty', 'json', 'junit', 'github'] as const;

interface TestOptions {
  readonly policies: string;
  readonly format: (typeof TEST_FORMATS)[number];
  /** Regular expression over `<package>.<name>`. */
  readonly filter?: string | undefined;
  readonly verbose: boolean;
}

interface LayerTested {
  readonly layer: string;
  readonly faults: readonly Fault[];
  readonly results: readonly (TestResult & { readonly place: Fault })[];
  readonly untested: readonly string[];
}

/** Runs the tests of every bundle of a policies folder. */
export async function runTest(options: TestOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { terminal } = needs;
  const layers = await testLayers(options, needs);
  const results = layers.flatMap((layer) => layer.results);
  const bad = results.filter(isBad);
  const faults = layers.flatMap((layer) => layer.faults);
  switch (options.format) {
    case 'pretty':
      terminal.out(pretty(layers, styleOf(terminal), options.verbose));
      break;
    case 'json':
      terminal.out(`${JSON.stringify({ layers }, undefined, 2)}\n`);
      break;
    case 'junit':
      terminal.out(junit('witan test', layers.flatMap(casesOf)));
      break;
    case 'github':
      for (const fault of faults) terminal.out(annotation('error', fault));
      for (const { place, package: suite, name } of bad)
        terminal.out(annotation('error', place, `${suite}.${name}`));
  }
  if (options.filter === undefined) {
    for (const { layer, untested } of layers) {
      for (const policy of untested) terminal.err(`no test names the policy ${layer}/${policy}\n`);
    }
  }
  const ran = results.filter(({ outcome }) => outcome !== 'skip').length;
  if (ran === 0) terminal.err('no tests ran\n');
  else terminal.err(`${count(ran, 'test')}, ${bad.length === 0 ? 'none' : bad.length} failed\n`);
  return ran === 0 || bad.length > 0 || faults.length > 0 ? EXIT.no : EXIT.fine;
}

async function testLayers(
  { policies: folder, filter }: TestOptions,
  needs: CommandNeeds,
): Promise<readonly LayerTested[]> {
  checkFilter(filter);
  requireFolder(folder);
  const { bundles, errors } = await readEachBundle(folder);
  const byLayer = new Map(bundles.map((bundle) => [bundle.layer, bundle]));
  const unread = errors.map((error) => ({
    layer: '(not read)',
    faults: bundleFaults(folder, error),
    results: [],
    untested: [],
  }));
  const progress = progressOn(needs.terminal);
  const tested = await withToolchain(needs, async (toolchain) => {
    const layers: LayerTested[] = [];
    for (const [index, bundle] of bundles.entries()) {
      const { layer } = bundle;
      const here = (fault: Fault): Fault => ({
        ...fault,
        ...(fault.file !== undefined && { file: pathInLayer(folder, layer, fault.file) }),
      });
      progress.say(`testing ${layer}`, index, bundles.length);
      const report = await toolchain.test(sourceOf(bundle, byLayer, inputSchema), filter);
      layers.push({
        layer,
        faults: report.errors.map(here),
        results: report.results.map((result) => ({ ...result, place: here(failureOf(result)) })),
        untested: untestedIn(bundle),
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

/** Where a test failed: the expression that was not true, or the test where that is not known. */
function failureOf({ file, row, name, message, outcome, failed_at }: TestResult): Fault {
  const words = message ?? failed_at?.message ?? (outcome === 'error' ? 'ended in an error' : 'is not true');
  return {
    file: failed_at?.file ?? file,
    row: failed_at?.row ?? row,
    ...(failed_at?.column !== undefined && { column: failed_at.column }),
    message: `${name}: ${words}`,
  };
}

function isBad({ outcome }: TestResult): boolean {
  return outcome === 'fail' || outcome === 'error';
}

/** Policies that no test file of the bundle names. */
function untestedIn(bundle: Bundle): readonly string[] {
  const texts = filesIn(bundle, 'test').map(({ text }) => text);
  return Object.keys(bundle.manifest.policies).filter(
    (name) => !texts.some((text) => new RegExp(`\\bpolicy\\.${name}\\b`).test(text)),
  );
}

function pretty(layers: readonly LayerTested[], style: Style, verbose: boolean): string {
  const faults = layers.flatMap((layer) => layer.faults.map((fault) => `${faultLine(fault)}\n`));
  const failures = layers.flatMap(({ results }) =>
    results.filter(isBad).map(({ place, outcome, package: suite, name }) => {
      const words = place.message.slice(name.length + 2);
      return `${style.red(outcome)} ${suite}.${name}\n  ${placeOf(place)}: ${words}\n`;
    }),
  );
  const passed = layers.flatMap(({ results }) =>
    results
      .filter((result) => verbose && !isBad(result))
      .map(
        ({ outcome, package: suite, name, duration_ns }) =>
          `${style.green(outcome)} ${suite}.${name} ${style.dim(duration(duration_ns / 1e6))}\n`,
      ),
  );
  const rows = layers.map(({ layer, results }) => {
    const of = (outcome: TestResult['outcome']): string =>
      `${results.filter((result) => result.outcome === outcome).length}`;
    const ms = results.reduce((sum, { duration_ns }) => sum + duration_ns, 0) / 1e6;
    return [layer, of('pass'), of('fail'), of('error'), of('skip'), duration(ms)];
  });
  const titles = ['passed', 'failed', 'errors', 'skipped', 'time'];
  const columns = [
    { title: 'layer' },
    ...titles.map((title): { title: string; align: 'right' } => ({ title, align: 'right' })),
  ];
  return [...faults, ...passed, ...failures, table(columns, rows)].join('');
}

function casesOf({ layer, faults, results }: LayerTested): readonly JunitCase[] {
  const broken = faults.map((fault): JunitCase => {
    const outcome = { kind: 'error' as const, message: fault.message, details: faultLine(fault) };
    return { suite: layer, name: fault.file ?? 'bundle', outcome };
  });
  const run = results.map((result): JunitCase => {
    const { outcome, place } = result;
    const kind = ({ pass: undefined, fail: 'failure', error: 'error', skip: 'skipped' } as const)[outcome];
    return {
      suite: result.package,
      name: result.name,
      seconds: result.duration_ns / 1e9,
      ...(kind !== undefined && { outcome: { kind, message: place.message, details: faultLine(place) } }),
    };
  });
  return [...broken, ...run];
}
