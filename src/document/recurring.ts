import { writeJson } from './json.js';

/** Texts of objects that recur; `undefined` until one is asked for. Nothing is kept of an object that is gone. */
const texts = new WeakMap<object, string | undefined>();

/** Says of an object that it never changes and will be written again and again: its text is then made once. */
export function recurring<T extends object>(value: T): T {
  if (!texts.has(value)) texts.set(value, undefined);
  return value;
}

/** Whether that was said of an object. */
export function recurs(value: object): boolean {
  return texts.has(value);
}

/** JSON text of an object, by the texts of its members: the same as `writeJson`, and quicker where members recur. */
export function writeMembers(object: object): string {
  const members = object as Readonly<Record<string, unknown>>;
  let text = '';
  for (const name of Object.keys(object)) {
    const member = members[name];
    if (member !== undefined) text += `${text === '' ? '{' : ','}${labelOf(name)}${textOf(member)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !recurs(value)) return writeJson(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = writeJson(value);
  texts.set(value, text);
  return text;
}

/** Names of members with their colons; those of records are few. */
const labels = new Map<string, string>();
const LABELS_MAX = 256;

function labelOf(name: string): string {
  const known = labels.get(name);
  if (known !== undefined) return known;
  const label = `${JSON.stringify(name)}:`;
  if (labels.size < LABELS_MAX) labels.set(name, label);
  return label;
}
