/** A run of lines that differ, and where it begins, from 1. */
export interface LineChange {
  /** First row in the text before; for lines that are only added, the row that they come before. */
  readonly row: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Cells of the table of common lines; beyond it the rest counts as one change. */
const CELLS_MAX = 4_000_000;

/** How a text becomes another, line by line: the lines that stay are a longest common subsequence. */
export function lineChanges(before: string, after: string): readonly LineChange[] {
  const old = before.split('\n');
  const young = after.split('\n');
  let head = 0;
  while (head < old.length && head < young.length && old[head] === young[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < young.length - head &&
    old[old.length - 1 - tail] === young[young.length - 1 - tail]
  ) {
    tail += 1;
  }
  const removed = old.slice(head, old.length - tail);
  const added = young.slice(head, young.length - tail);
  if (removed.length === 0 && added.length === 0) return [];
  if ((removed.length + 1) * (added.length + 1) > CELLS_MAX) return [{ row: head + 1, removed, added }];
  return changesBetween(removed, added).map((change) => ({ ...change, row: change.row + head }));
}

function changesBetween(old: readonly string[], young: readonly string[]): readonly LineChange[] {
  const common = commonLengths(old, young);
  const width = young.length + 1;
  const changes: { row: number; removed: string[]; added: string[] }[] = [];
  let open: (typeof changes)[number] | undefined;
  const change = (i: number): (typeof changes)[number] => {
    if (open === undefined) changes.push((open = { row: i + 1, removed: [], added: [] }));
    return open;
  };
  for (let i = 0, j = 0; i < old.length || j < young.length;) {
    const line = old[i];
    const other = young[j];
    if (line !== undefined && line === other) {
      open = undefined;
      i += 1;
      j += 1;
    } else if (
      line !== undefined &&
      (other === undefined || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      change(i).removed.push(line);
      i += 1;
    } else {
      change(i).added.push(other ?? '');
      j += 1;
    }
  }
  return changes;
}

/** For every pair of positions how many lines what follows has in common. */
function commonLengths(old: readonly string[], young: readonly string[]): Uint32Array {
  const width = young.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = young.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        old[i] === young[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  return common;
}
