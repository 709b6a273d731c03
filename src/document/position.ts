/** A place in a file; both count from 1, columns in UTF-16 code units as editors do. */
export interface Position {
  readonly row: number;
  readonly column: number;
}

/** The place of what a JSON pointer (RFC 6901) names: of a member's name, of an item itself; `undefined` where there is none. */
export type Locate = (pointer: string) => Position | undefined;

export function position(text: string, offset: number): Position;
export function position(text: string, offset: number | undefined): Position | undefined;
export function position(text: string, offset: number | undefined): Position | undefined {
  if (offset === undefined) return undefined;
  let row = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
    row += 1;
    start = end + 1;
  }
  return { row, column: offset - start + 1 };
}

/** The place of what a pointer names or, where nothing is there, of the nearest thing around it. */
export function nearestPosition(locate: Locate, pointer: string): Position | undefined {
  for (let rest = pointer; ; rest = rest.slice(0, rest.lastIndexOf('/'))) {
    const found = locate(rest);
    if (found !== undefined || rest === '') return found;
  }
}
