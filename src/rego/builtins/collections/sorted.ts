import { compareValues, RegoObject, RegoSet, type RegoValue } from '../../value.js';

/**
 * Where a value stands among sorted ones, or would have to stand.
 *
 * @param at the value at a place
 */
export function placeFor(
  value: RegoValue,
  length: number,
  at: (place: number) => RegoValue | undefined,
): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareValues(at(middle) ?? null, value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where a value stands among sorted ones; `undefined` when it does not. */
export function placeOf(
  value: RegoValue,
  length: number,
  at: (place: number) => RegoValue | undefined,
): number | undefined {
  const place = placeFor(value, length, at);
  const found = at(place);
  return found !== undefined && compareValues(found, value) === 0 ? place : undefined;
}

/** The member of an object with that key, or the item of a set. */
export function memberOf(base: RegoValue, key: RegoValue): RegoValue | undefined {
  if (base instanceof RegoObject) {
    if (typeof key === 'string') return base.get(key);
    const place = placeOf(key, base.entries.length, (at) => base.entries[at]?.[0]);
    return place === undefined ? undefined : base.entries[place]?.[1];
  }
  if (!(base instanceof RegoSet)) return undefined;
  const place = placeOf(key, base.items.length, (at) => base.items[at]);
  return place === undefined ? undefined : base.items[place];
}
