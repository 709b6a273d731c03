import { lineChanges, type LineChange } from './line-changes.js';

/** How many lines stay around a change. */
const CONTEXT_LINES = 3;

export interface UnifiedDiff {
  /** Lines that are added, and that are removed. */
  readonly added: number;
  readonly removed: number;
  /** The hunks of a unified diff, without the names of the files; empty when the texts are the same. */
  readonly diff: string;
}

/**
 * How a text becomes another, as a unified diff. A text that is not there has no lines.
 *
 * @param cellsMax bounds the work; beyond it lines that stay between others that change are told as changed too
 */
export function unifiedDiff(
  before: string | undefined,
  after: string | undefined,
  cellsMax?: number,
): UnifiedDiff {
  const old = linesOf(before);
  const changes = changesBetween(before, after, cellsMax);
  return {
    added: changes.reduce((sum, change) => sum + change.added.length, 0),
    removed: changes.reduce((sum, change) => sum + change.removed.length, 0),
    diff: hunksOf(changes)
      .map((hunk) => hunkText(hunk, old))
      .join(''),
  };
}

/** The work that comparing two texts takes at most: a cell for each pair of their lines. */
export function cellsOf(before: string | undefined, after: string | undefined): number {
  return (linesOf(before).length + 1) * (linesOf(after).length + 1);
}

function linesOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split('\n');
}

function changesBetween(
  before: string | undefined,
  after: string | undefined,
  cellsMax: number | undefined,
): readonly LineChange[] {
  if (before !== undefined && after !== undefined) return lineChanges(before, after, cellsMax);
  if (before === after) return [];
  return [{ row: 1, removed: linesOf(before), added: linesOf(after) }];
}

interface Hunk {
  readonly changes: readonly [LineChange, ...LineChange[]];
  /** How many lines the changes before it add, less those that they remove. */
  readonly shift: number;
}

/** Changes that stand so near to each other that the lines between them are shown once. */
function hunksOf(changes: readonly LineChange[]): readonly Hunk[] {
  const hunks: { changes: [LineChange, ...LineChange[]]; shift: number }[] = [];
  let shift = 0;
  for (const change of changes) {
    const last = hunks.at(-1)?.changes.at(-1);
    if (last !== undefined && change.row - endOf(last) <= 2 * CONTEXT_LINES)
      hunks.at(-1)?.changes.push(change);
    else hunks.push({ changes: [change], shift });
    shift += change.added.length - change.removed.length;
  }
  return hunks;
}

/** The row after what a change removes. */
function endOf({ row, removed }: LineChange): number {
  return row + removed.length;
}

function hunkText({ changes, shift }: Hunk, old: readonly string[]): string {
  const from = Math.max(1, changes[0].row - CONTEXT_LINES);
  const lines: string[] = [];
  let row = from;
  const stay = (until: number): void => {
    for (; row < until; row += 1) lines.push(` ${old[row - 1] ?? ''}`);
  };
  for (const change of changes) {
    stay(change.row);
    for (const line of change.removed) lines.push(`-${line}`);
    for (const line of change.added) lines.push(`+${line}`);
    row = endOf(change);
  }
  stay(Math.min(old.length + 1, row + CONTEXT_LINES));
  const oldCount = lines.filter((line) => !line.startsWith('+')).length;
  const youngCount = lines.filter((line) => !line.startsWith('-')).length;
  const header = `@@ -${span(from, oldCount)} +${span(from + shift, youngCount)} @@`;
  return `${[header, ...lines].join('\n')}\n`;
}

/** A run of lines as the header of a hunk writes it: an empty one is named by the line before it. */
function span(from: number, count: number): string {
  if (count === 0) return `${from - 1},0`;
  return count === 1 ? String(from) : `${from},${count}`;
}
