import { writeJson } from '../../document/json.js';
const TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['integer', 'a whole number'],
  ['boolean', '`true` or `false`'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['null', 'null'],
]);

/** JSON Schema's `type` as a reader would say it. */
export function typesInWords(types: unknown): string {
  const names = (Array.isArray(types) ? types : [types]).map(
    (type) => TYPES.get(String(type)) ?? String(type),
  );
  return [...new Set(names)].join(' or ');
}

/** A value as messages show it. */
export function valueInWords(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = typeof value === 'string' ? value : writeJson(value);
  const shown = `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``;
  return typeof value === 'number' ? `the number ${shown}` : shown;
}
