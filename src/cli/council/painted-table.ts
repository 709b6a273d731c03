import type { Style } from '../style.js';
import { plain } from '../style.js';
import { table } from '../table.js';

type Columns = Parameters<typeof table>[0];

/**
 * A table for people, whose title row is dim. Colours come last: they would count as characters.
 *
 * @param paint colours a row's whole line, where it is given
 */
export function paintedTable(
  columns: Columns,
  rows: readonly (readonly string[])[],
  style: Style,
  paint: (line: string, row: number) => string = (line) => line,
): string {
  const cells = rows.map((row) => row.map(plain));
  return table(columns, cells)
    .split('\n')
    .map((line, at) => {
      if (line === '') return line;
      return at === 0 ? style.dim(line) : paint(line, at - 1);
    })
    .join('\n');
}

/** Colours the first place of a word in a line. */
export function paintWord(line: string, word: string, paint: (text: string) => string): string {
  const at = line.indexOf(word);
  return at < 0 ? line : `${line.slice(0, at)}${paint(word)}${line.slice(at + word.length)}`;
}
