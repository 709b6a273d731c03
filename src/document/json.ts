import { parseJson } from './parse-json.js';
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
  if (!isObject(value)) return writeJson(value);
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`);
  return `{${members.join(',')}}`;
}

/** Text that JSON writes as it is, between quotes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * JSON text of a value whose whole numbers beyond 2^53 are bigints, which JSON knows and `JSON.stringify` refuses.
 *
 * @param indent spaces of each level; one line without it
 */
export function writeJson(value: unknown, indent?: number): string {
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (thrown) {
    if (thrown instanceof TypeError && thrown.message.includes('BigInt')) return written(value, indent, '\n');
    throw thrown;
  }
}

function written(value: unknown, indent: number | undefined, lineBreak: string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = indent === undefined ? '' : `${lineBreak}${' '.repeat(indent)}`;
  const outer = indent === undefined ? '' : lineBreak;
  const item = (each: unknown): string => written(each ?? null, indent, inner);
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : `[${value.map((each) => inner + item(each)).join(',')}${outer}]`;
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(
      ([name, member]) => `${inner}${JSON.stringify(name)}:${indent === undefined ? '' : ' '}${item(member)}`,
    );
  return members.length === 0 ? '{}' : `{${members.join(',')}${outer}}`;
}

/** So many digits in a row may be a whole number that a JavaScript number would round. */
const MANY_DIGITS = /[0-9]{16}/;

/** Reads JSON text that was written by this product; whole numbers beyond 2^53 come as bigints. */
export function readJson(text: string): unknown {
  return MANY_DIGITS.test(text) ? parseJson(text, Number.POSITIVE_INFINITY).document : JSON.parse(text);
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
  // A member that is `undefined` is none, as in JSON.
  if (!isObject(current) || !Object.hasOwn(current, head) || current[head] === undefined) return current;
  return { ...current, [head]: replaceSegments(current[head], rest, replace) };
}
