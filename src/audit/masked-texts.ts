import { isObject, readJson, writeJson } from '../document/json.js';
import type { MaskedValue } from './log.js';

/** Replaces what a text tells of masked values; the text itself when it tells nothing. */
export type RedactText = (text: string) => string;

/** A text of at least so many characters is looked for inside of others; a shorter one must be the whole of them. */
const PART_CHARS_MIN = 4;

/** What stands where a masked value stood. */
export function maskedMark(pointer: string): string {
  return `<masked ${pointer}>`;
}

/** What may not be told: texts by how they are found, each with the pointer of the masked value that it is of. */
interface Secrets {
  /** Replaced wherever they stand. */
  readonly parts: ReadonlyMap<string, string>;
  /** Replaced where they are all of a text. */
  readonly wholes: ReadonlyMap<string, string>;
  /** Numbers, replaced where they are a whole word. */
  readonly words: ReadonlyMap<string, string>;
}

/**
 * What masked values must not show through: every text and number in them, also inside of objects and arrays.
 * Names of members are not looked for.
 */
export function secretsOf(masked: readonly Pick<MaskedValue, 'pointer' | 'value'>[]): Secrets {
  const parts = new Map<string, string>();
  const wholes = new Map<string, string>();
  const words = new Map<string, string>();
  const note = (map: Map<string, string>, text: string, pointer: string): void => {
    if (text !== '' && !map.has(text)) map.set(text, pointer);
  };
  const walk = (value: unknown, pointer: string): void => {
    if (typeof value === 'string') {
      note(value.length >= PART_CHARS_MIN ? parts : wholes, value, pointer);
      // As it stands in a text that shows JSON.
      const escaped = inJson(value);
      if (escaped !== value && escaped.length >= PART_CHARS_MIN) note(parts, escaped, pointer);
    } else if (typeof value === 'number' || typeof value === 'bigint') {
      note(words, writeJson(value), pointer);
    } else if (Array.isArray(value)) {
      for (const item of value) walk(item, pointer);
    } else if (isObject(value)) {
      for (const item of Object.values(value)) walk(item, pointer);
    }
  };
  for (const { pointer, value } of masked) walk(readJson(value), pointer);
  return { parts, wholes, words };
}

/**
 * Makes texts safe to record.
 *
 * @param told what will be made safe, so that only the secrets that occur in it are looked for
 * @returns nothing when no secret does
 */
export function textRedaction(secrets: Secrets, told: unknown): RedactText | undefined {
  // Nearly always nothing is told: that is found out of the JSON, which is made and searched fastest.
  const json = writeJson(told);
  // The longer first: what holds another is replaced as a whole.
  const parts = [...secrets.parts.keys()]
    .filter((part) => json.includes(inJson(part)))
    .sort((a, b) => b.length - a.length);
  const words = [...secrets.words.keys()].filter((word) => json.includes(word));
  const wholes = new Map([...secrets.wholes].filter(([text]) => json.includes(`"${inJson(text)}"`)));
  if (parts.length === 0 && words.length === 0 && wholes.size === 0) return undefined;
  const patterns = [
    ...parts.map(escapeRegExp),
    ...words.map((word) => `(?<![\\p{L}\\p{N}_])${escapeRegExp(word)}(?![\\p{L}\\p{N}_])`),
  ];
  // One pass, so that no mark is taken for a secret.
  const pattern = patterns.length === 0 ? undefined : new RegExp(patterns.join('|'), 'gu');
  const markOf = (secret: string): string =>
    maskedMark(secrets.parts.get(secret) ?? secrets.words.get(secret) ?? '');
  return (text) => {
    const whole = wholes.get(text);
    if (whole !== undefined) return maskedMark(whole);
    return pattern === undefined ? text : text.replace(pattern, markOf);
  };
}

/** A value with every text in it made safe, names of members too; the value itself when nothing changes. */
export function redactTexts(value: unknown, redactText: RedactText): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map((item) => redactTexts(item, redactText));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [redactText(name), redactTexts(item, redactText)]),
  );
}

/** A text as it stands between the quotes of JSON. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}
