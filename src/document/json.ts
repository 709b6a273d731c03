import { pointerSegments } from './pointer.js';

/** Whether a parsed JSON value is an object: neither null nor an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * JSON text with members in the order of their names' UTF-16 code units, so that equal values have equal
 * texts (the ordering of RFC 8785). Members that are `undefined` are left out, as JSON does.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`);
  return `{${members.join(',')}}`;
}

/** An index into an array as RFC 6901 writes it: no leading zeros. */
const ARRAY_INDEX = /^(0|[1-9]\d*)$/;

/** The value that a JSON pointer (RFC 6901) names, or `undefined` where there is none. */
export function valueAt(document: unknown, pointer: string): unknown {
  let current = document;
  for (const segment of pointerSegments(pointer)) {
    if (Array.isArray(current)) {
      current = ARRAY_INDEX.test(segment) ? (current as readonly unknown[])[Number(segment)] : undefined;
    } else if (isObject(current) && Object.hasOwn(current, segment)) {
      current = current[segment];
    } else {
      return undefined;
    }
  }
  return current;
}

/** A copy of `document` in which `replace` has changed the value at the pointer; the document itself when there is none. */
export function replaceAt(document: unknown, pointer: string, replace: (value: unknown) => unknown): unknown {
  return replaceSegments(document, pointerSegments(pointer), replace);
}

function replaceSegments(
  current: unknown,
  [head, ...rest]: readonly string[],
  replace: (value: unknown) => unknown,
): unknown {
  if (head === undefined) return replace(current);
  if (Array.isArray(current)) {
    const index = ARRAY_INDEX.test(head) ? Number(head) : -1;
    if (!(index in current)) return current;
    return current.with(index, replaceSegments(current[index], rest, replace)) as unknown;
  }
  if (!isObject(current) || !Object.hasOwn(current, head)) return current;
  return { ...current, [head]: replaceSegments(current[head], rest, replace) };
}
