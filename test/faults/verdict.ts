import type { Tally } from './tally.js';

/** One line of the table. */
export interface Line {
  readonly title: string;
  /** A control: it has to lose records. */
  readonly mustLose: boolean;
  /** Why it was not run. */
  readonly skipped?: string;
  readonly tally?: Tally;
}

const COLUMNS = ['scenario', 'rounds', 'answered', '503s', 'lost', 'duplicates', 'changed'] as const;

/** The figures of all scenarios, as text in columns. */
export function table(lines: readonly Line[]): string {
  const rows = lines.map(({ title, tally, skipped }) =>
    tally === undefined
      ? [title, `skipped: ${skipped ?? ''}`]
      : [
          title,
          ...[tally.rounds, tally.answered, tally.refused, tally.lost, tally.duplicates, tally.changed].map(
            String,
          ),
        ],
  );
  const widths = COLUMNS.map((name, column) =>
    Math.max(name.length, ...rows.filter((row) => row.length > 2).map((row) => row[column]?.length ?? 0)),
  );
  widths[0] = Math.max(...[COLUMNS, ...rows].map(([title = '']) => title.length));
  const written = [COLUMNS, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 || row.length === 2
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const remarks = lines.flatMap(({ title, tally }) =>
    (tally?.remarks ?? []).map((words) => `${title}: ${words}`),
  );
  return [...written, ...remarks].join('\n');
}

/** What is not as promised; empty when all is well. */
export function verdict(lines: readonly Line[]): readonly string[] {
  const faults: string[] = [];
  for (const { title, mustLose, tally } of lines) {
    if (tally === undefined) continue;
    for (const words of tally.complaints) faults.push(`${title}: ${words}`);
    if (mustLose && tally.lost === 0) {
      faults.push(`${title}: lost nothing, so the power loss is none and proves nothing`);
    }
  }
  return faults;
}
