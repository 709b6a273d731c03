import { writeJson } from '../document/json.js';

const VALUE_CHARS_MAX = 200;

/** Things as they are listed in a sentence: `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length <= 1) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** The same with each in backticks. */
export function named(names: readonly string[]): string {
  return listed(names.map((name) => `\`${name}\``));
}

/** A value of a manifest in a sentence; a long one is cut. */
export function valueText(value: unknown): string {
  const text = writeJson(value);
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text;
}

/** The texts of the first list that do not stand in the second. */
export function without(items: readonly string[], others: readonly string[]): readonly string[] {
  return items.filter((item) => !others.includes(item));
}
