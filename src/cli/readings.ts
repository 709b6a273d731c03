import { isObject, writeJson } from '../document/json.js';
import type { LineTrace, Reading } from '../policy/trace-layer.js';

const VALUE_CHARS_MAX = 100;
const LABEL_CHARS_MAX = 60;
const MEMBERS_MAX = 4;
const FURTHER_MAX = 2;

/**
 * What a line read, in the order of its text, each reading as one line of words; without what was `told` before where
 * the line holds.
 */
export function readingsOf(line: LineTrace, told: Set<string>): readonly string[] {
  if (line.outcome === 'not_reached') return [];
  const first = partsOf(line, line);
  const fresh = line.outcome === 'true' ? first.filter((part) => !told.has(part)) : first;
  for (const part of first) told.add(part);
  const further = line.outcome === 'true' ? [] : (line.further ?? []).slice(0, FURTHER_MAX);
  return [fresh, ...further.map((reading) => partsOf(line, reading).filter((part) => !first.includes(part)))]
    .filter((parts) => parts.length > 0)
    .map((parts, index) => `${index === 0 ? '' : 'then '}${parts.join(', ')}`);
}

function partsOf({ text }: LineTrace, { values, undefined: missing = [] }: Reading): readonly string[] {
  const place = (label: string): number => (text.includes(label) ? text.indexOf(label) : text.length);
  const labels = [...Object.keys(values), ...missing];
  const known = Object.entries(values)
    .filter(([label, value]) => isTelling(label, value, text, labels))
    .map(([label, value]) => ({ label, part: `${label} = ${briefly(value)}` }));
  const unknown = missing
    .filter((label) => label.startsWith('input') || !isWhole(label, text))
    .filter((label) => label.length <= LABEL_CHARS_MAX)
    .map((label) => ({
      label,
      part: `${label} ${label.startsWith('input') ? 'is missing' : 'has no value'}`,
    }));
  return [...known, ...unknown].sort((a, b) => place(a.label) - place(b.label)).map(({ part }) => part);
}

/** A condition that is nothing but its value says so by its mark, an assignment by its name, a call by its result. */
function isTelling(label: string, value: unknown, text: string, labels: readonly string[]): boolean {
  if (label.length > LABEL_CHARS_MAX || text.endsWith(`:= ${label}`)) return false;
  if (isWhole(label, text)) return value !== true;
  const inner = labels.some((other) => other !== label && other.includes('(') && other.includes(label));
  return !(inner && holdsObjects(value));
}

function isWhole(label: string, text: string): boolean {
  return text === label || text === `not ${label}`;
}

function holdsObjects(value: unknown): boolean {
  return isObject(value) || (Array.isArray(value) && value.some(isObject));
}

/** A value in few characters: of an object the members that are no objects themselves, of several objects the first. */
function briefly(value: unknown): string {
  const text = Array.isArray(value) && value.some(isObject) ? listInWords(value) : inWords(value);
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text;
}

function listInWords(items: readonly unknown[]): string {
  const [first, ...others] = items;
  return `[${inWords(first)}${others.length === 0 ? '' : ', …'}]`;
}

function inWords(value: unknown): string {
  if (!isObject(value)) return writeJson(value);
  const members = Object.entries(value);
  const plain = members.filter(([, member]) => typeof member !== 'object' && member !== '…');
  const shown = plain.slice(0, MEMBERS_MAX).map(([name, member]) => `${name}: ${writeJson(member)}`);
  return `{${[...shown, ...(shown.length < members.length ? ['…'] : [])].join(', ')}}`;
}
