import { isBad } from '../rego/test-failure.js';
import type { CommandNeeds } from './command.js';
import { percentText, totalCoverage } from './coverage-table.js';
import { count, styleOf } from './style.js';
import { EXIT, type ExitCode } from './terminal.js';
import { testsAsGithub, testsAsJson, testsAsJunit, testsAsText } from './test-formats.js';
import { testLayers, type LayerTested } from './tested-layers.js';

export const TEST_FORMATS = ['pretty', 'json', 'junit', 'github'] as const;

interface TestOptions {
  readonly policies: string;
  readonly format: (typeof TEST_FORMATS)[number];
  /** Regular expression over `<package>.<name>`. */
  readonly filter?: string | undefined;
  readonly verbose: boolean;
  /** Whether warnings are an answer of no. */
  readonly strict: boolean;
  readonly coverage: boolean;
  /** Percent below which coverage is an answer of no; only where it is asked for. */
  readonly coverageMin?: number | undefined;
}

/**
 * Runs the tests of every bundle of a policies folder.
 *
 * @throws WitanError what `testLayers` throws
 */
export async function runTest(options: TestOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { format, verbose, strict, coverage } = options;
  const { terminal } = needs;
  const layers = await testLayers(options, needs);
  switch (format) {
    case 'pretty':
      terminal.out(testsAsText(layers, { style: styleOf(terminal), verbose, coverage }));
      break;
    case 'json':
      terminal.out(testsAsJson(layers, coverage));
      break;
    case 'junit':
      terminal.out(testsAsJunit(layers, strict));
      break;
    case 'github':
      terminal.out(testsAsGithub(layers));
  }
  return summarize(layers, options, needs);
}

/** Says in words how it went. */
function summarize(
  layers: readonly LayerTested[],
  { strict, coverage, coverageMin = 0 }: TestOptions,
  { terminal }: CommandNeeds,
): ExitCode {
  const results = layers.flatMap((layer) => layer.results);
  const ran = results.filter(({ outcome }) => outcome !== 'skip').length;
  const bad = results.filter(isBad).length;
  const faults = layers.flatMap((layer) => layer.faults).length;
  const warnings = layers.flatMap((layer) => layer.warnings).length;
  const { percent } = totalCoverage(layers);
  const words = [
    ran === 0 ? 'no tests ran' : `${count(ran, 'test')}, ${bad === 0 ? 'none' : bad} failed`,
    ...(faults > 0 ? [count(faults, 'fault')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
    ...(coverage ? [`${percentText(percent)} covered`] : []),
  ];
  terminal.err(`${words.join(', ')}\n`);
  const uncovered = coverage && percent < coverageMin;
  if (uncovered) terminal.err(`at least ${coverageMin} % must be covered\n`);
  const no = ran === 0 || bad > 0 || faults > 0 || uncovered || (strict && warnings > 0);
  return no ? EXIT.no : EXIT.fine;
}
