import type { Tally } from './tally.js';

/** One line of the table. */
export interface Line {
  readonly title: string;
  /** A control: it has to lose records. */
  readonly mustLose: boolean;
  /** Why it was not run. */
  readonly skipped?: string;
  /** Why it did not come to its end. */
  readonly failed?: string;
  readonly seconds?: number;
  readonly tally?: Tally;
}

const COLUMNS = [
  'scenario',
  'rounds',
  'answered',
  '503s',
  'lost',
  'duplicates',
  'changed',
  'seconds',
] as const;

/** The figures of all scenarios, as text in columns, with remarks below. */
export function table(lines: readonly Line[]): string {
  const rows = [COLUMNS, ...lines.map(cellsOf)];
  const [titles, ...figures] = COLUMNS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const row = ([title = '', ...cells]: readonly string[], words = ''): string =>
    [title.padEnd(titles ?? 0), ...cells.map((cell, column) => cell.padStart(figures[column] ?? 0)), words]
      .join('  ')
      .trimEnd();
  return [
    row(COLUMNS),
    ...lines.map((line) => row(cellsOf(line), wordsOf(line))),
    ...lines.flatMap(({ title, tally }) => (tally?.remarks ?? []).map((words) => `${title}: ${words}`)),
  ].join('\n');
}

function cellsOf({ title, tally, seconds = 0 }: Line): readonly string[] {
  if (tally === undefined) return [title];
  const { rounds, answered, refused, lost, duplicates, changed } = tally;
  return [title, ...[rounds, answered, refused, lost, duplicates, changed].map(String), seconds.toFixed(1)];
}

function wordsOf({ skipped, failed }: Line): string {
  if (skipped !== undefined) return `skipped: ${skipped}`;
  return failed === undefined ? '' : `failed: ${failed}`;
}

/** What is not as promised; empty when all is well. */
export function verdict(lines: readonly Line[]): readonly string[] {
  const faults: string[] = [];
  for (const { title, mustLose, tally, failed } of lines) {
    if (failed !== undefined) faults.push(`${title}: ${failed}`);
    for (const words of tally?.complaints ?? []) faults.push(`${title}: ${words}`);
    if (mustLose && tally?.lost === 0) {
      faults.push(`${title}: lost nothing, so the power loss is none and proves nothing`);
    }
  }
  return faults;
}
