import { placeOf } from '../errors.js';
import { isBad } from '../rego/test-failure.js';
import type { TestResult } from '../rego/test-report.js';
import { coverageNotices, coverageTable, totalCoverage } from './coverage-table.js';
import { faultLine, warningLine } from './fault-lines.js';
import { annotation } from './github.js';
import { junit, type JunitCase } from './junit.js';
import { duration, type Style } from './style.js';
import { table } from './table.js';
import type { LayerTested } from './tested-layers.js';

interface PrettyOptions {
  readonly style: Style;
  /** Show tests that passed, too. */
  readonly verbose: boolean;
  readonly coverage: boolean;
}

/** For people: what is wrong, what is most likely not meant, a line for each layer, and what no test reaches. */
export function testsAsText(layers: readonly LayerTested[], options: PrettyOptions): string {
  const { style, verbose, coverage } = options;
  const faults = layers.flatMap((layer) => layer.faults.map((fault) => `${faultLine(fault)}\n`));
  const warnings = layers.flatMap((layer) => layer.warnings.map((warning) => `${warningLine(warning)}\n`));
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
  const covered = coverage ? `\n${coverageTable(layers, style)}` : '';
  return [...faults, ...passed, ...failures, ...warnings, layerTable(layers), covered].join('');
}

function layerTable(layers: readonly LayerTested[]): string {
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
  return table(columns, rows);
}

export function testsAsJson(layers: readonly LayerTested[], coverage: boolean): string {
  const answer = { layers, ...(coverage && { coverage: totalCoverage(layers) }) };
  return `${JSON.stringify(answer, undefined, 2)}\n`;
}

export function testsAsGithub(layers: readonly LayerTested[]): string {
  const errors = layers.flatMap(({ faults, results }) => [
    ...faults.map((fault) => annotation('error', fault)),
    ...results
      .filter(isBad)
      .map(({ place, package: suite, name }) => annotation('error', place, `${suite}.${name}`)),
  ]);
  const warnings = layers.flatMap((layer) => layer.warnings.map((warning) => annotation('warning', warning)));
  const notices = coverageNotices(layers).map((notice) => annotation('notice', notice));
  return [...errors, ...warnings, ...notices].join('');
}

/** A case for each test, and for each layer with warnings one that fails where those count. */
export function testsAsJunit(layers: readonly LayerTested[], strict: boolean): string {
  return junit(
    'witan test',
    layers.flatMap((layer) => casesOf(layer, strict)),
  );
}

function casesOf({ layer, faults, warnings, results }: LayerTested, strict: boolean): readonly JunitCase[] {
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
  const [first] = warnings;
  if (first === undefined) return [...broken, ...run];
  const details = warnings.map(warningLine).join('\n');
  const lint = strict
    ? { outcome: { kind: 'failure' as const, message: first.message, details } }
    : { output: details };
  return [...broken, ...run, { suite: layer, name: 'lint', ...lint }];
}
