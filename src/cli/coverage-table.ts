import type { Fault } from '../errors.js';
import type { Coverage, Lines } from '../rego/test-report.js';
import { plain, type Style } from './style.js';
import { table } from './table.js';
import type { LayerTested } from './tested-layers.js';

/** Lines of all layers together; `percent` of no lines is 100. */
export type CoverageTotal = Omit<Coverage, 'files'>;

export function totalCoverage(layers: readonly LayerTested[]): CoverageTotal {
  const sum = (of: (coverage: Coverage) => number): number =>
    layers.reduce((total, { coverage }) => total + (coverage === undefined ? 0 : of(coverage)), 0);
  const covered = sum(({ covered_lines }) => covered_lines);
  const notCovered = sum(({ not_covered_lines }) => not_covered_lines);
  const percent = covered + notCovered === 0 ? 100 : (100 * covered) / (covered + notCovered);
  return { percent, covered_lines: covered, not_covered_lines: notCovered };
}

/** Every file with the lines that no test reaches, and the sum. */
export function coverageTable(layers: readonly LayerTested[], style: Style): string {
  const rows = filesOf(layers).map(({ file, percent, not_covered }) => [
    plain(file),
    percentText(percent),
    not_covered.map(linesText).join(', '),
  ]);
  const text = table(
    [{ title: 'file' }, { title: 'covered', align: 'right' }, { title: 'lines that no test reaches' }],
    [...rows, ['total', percentText(totalCoverage(layers).percent), '']],
  );
  // Painted when it is laid out, since a table counts characters.
  return text
    .split('\n')
    .map((line, index) => (/ 100 %$/.test(line) || index === 0 || line === '' ? line : style.yellow(line)))
    .join('\n');
}

/** Each run of lines that no test reaches, at its first line. */
export function coverageNotices(layers: readonly LayerTested[]): readonly Fault[] {
  return filesOf(layers).flatMap(({ file, not_covered }) =>
    not_covered.map((lines) => ({
      file,
      row: lines.from,
      message:
        lines.from === lines.to
          ? 'no test reaches this line'
          : `no test reaches the lines ${linesText(lines)}`,
    })),
  );
}

function filesOf(layers: readonly LayerTested[]): Coverage['files'] {
  return layers.flatMap(({ coverage }) => coverage?.files ?? []);
}

function linesText({ from, to }: Lines): string {
  return from === to ? String(from) : `${from}-${to}`;
}

/** Never rounded up to 100: that is a promise. */
export function percentText(percent: number): string {
  return `${percent === 100 ? '100' : (Math.floor(percent * 10) / 10).toFixed(1)} %`;
}
