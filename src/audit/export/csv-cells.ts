export const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * The cells of one row, without its line break. Read strictly as RFC 4180 writes them, byte by byte: a cell that others
 * would read otherwise is none.
 *
 * @returns undefined for a row that is not well formed
 */
export function readCells(row: Buffer): readonly Buffer[] | undefined {
  const cells: Buffer[] = [];
  for (let at = 0; at <= row.length;) {
    const end = row[at] === QUOTE ? endOfQuoted(row, at) : endOfPlain(row, at);
    if (end === undefined) return undefined;
    cells.push(row[at] === QUOTE ? unquoted(row.subarray(at + 1, end - 1)) : row.subarray(at, end));
    if (end < row.length && row[end] !== COMMA) return undefined;
    at = end + 1;
  }
  return cells;
}

/** After the quote that ends the cell. */
function endOfQuoted(row: Buffer, start: number): number | undefined {
  for (let at = start + 1; at < row.length; at += 1) {
    if (row[at] !== QUOTE) continue;
    if (row[at + 1] !== QUOTE) return at + 1;
    at += 1;
  }
  return undefined;
}

function endOfPlain(row: Buffer, start: number): number | undefined {
  const comma = row.indexOf(COMMA, start);
  const end = comma < 0 ? row.length : comma;
  const cell = row.subarray(start, end);
  return cell.includes(QUOTE) || cell.includes(0x0a) || cell.includes(0x0d) ? undefined : end;
}

function unquoted(cell: Buffer): Buffer {
  return cell.includes(QUOTE) ? Buffer.from(cell.toString('latin1').replaceAll('""', '"'), 'latin1') : cell;
}
