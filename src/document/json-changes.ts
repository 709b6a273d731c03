import { canonicalJson, isObject } from './json.js';
import { pointerSegment } from './pointer.js';

/** One place in which two documents differ; what is not there is `undefined`. */
export interface JsonChange {
  /** JSON pointer (RFC 6901). */
  readonly pointer: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Where two JSON documents differ: the innermost places, at most so many. The order of members says nothing, and a
 * list of plain values counts as one place.
 */
export function jsonChanges(before: unknown, after: unknown, placesMax: number): readonly JsonChange[] {
  const found: JsonChange[] = [];
  compare(before, after, '', placesMax, found);
  return found;
}

function compare(
  before: unknown,
  after: unknown,
  pointer: string,
  placesMax: number,
  found: JsonChange[],
): void {
  if (found.length >= placesMax || Object.is(before, after)) return;
  const both =
    (Array.isArray(before) && Array.isArray(after) && !(isPlain(before) && isPlain(after))) ||
    (isObject(before) && isObject(after));
  if (!both) {
    if (Array.isArray(before) && Array.isArray(after) && canonicalJson(before) === canonicalJson(after))
      return;
    found.push({ pointer, before, after });
    return;
  }
  const [old, young] = [new Map(Object.entries(before as object)), new Map(Object.entries(after as object))];
  for (const name of new Set([...old.keys(), ...young.keys()])) {
    compare(old.get(name), young.get(name), `${pointer}/${pointerSegment(name)}`, placesMax, found);
  }
}

/** Whether a list holds neither lists nor objects. */
function isPlain(items: readonly unknown[]): boolean {
  return items.every((item) => typeof item !== 'object' || item === null);
}
