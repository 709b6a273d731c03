import { isObject, writeJson } from '../document/json.js';
import type { ModuleInput } from './policy-module.js';
import type { Reads } from './reads.js';
import type { WriteValue } from './write-value.js';

/** What an entrypoint reads of an input. */
export interface EncodedInput {
  /** JSON, without the members that stand apart. */
  readonly text: string;
  /** In an order that depends on the entrypoint alone, or on the input where it may read any member. */
  readonly apart: readonly ApartMember[];
}

/** A member of the input that is parsed by itself, so that it need not be parsed again when it comes again. */
export interface ApartMember {
  readonly name: string;
  readonly value: unknown;
  /** Writes what is read of it; the same function for the same entrypoint and member. */
  readonly write: WriteValue;
}

export type InputEncoder = (input: ModuleInput) => EncodedInput;

/** How the members of an object are written that are read. */
interface MemberWriters {
  /** Of those that are not named; absent when they are not read. */
  readonly each?: WriteValue;
  readonly named: readonly NamedWriter[];
  readonly byName: ReadonlyMap<string, WriteValue>;
}

interface NamedWriter {
  readonly name: string;
  /** Its name and the colon. */
  readonly label: string;
  readonly write: WriteValue;
}

/**
 * The encoder of what is read. Members that are `undefined` are left out. Where only some members are read, they come in
 * the order of the reads, so that a value of many members costs no more than one of few; else in that of the value.
 */
export function inputEncoder(reads: Reads): InputEncoder {
  const write = writerOf(reads);
  const writers = writersOf(reads === true ? { each: true } : reads);
  return ({ value, apart }) => {
    if (apart === undefined || !isObject(value)) return { text: write(value), apart: [] };
    const members: ApartMember[] = [];
    const text = objectText(value, writers, (name, member, writeMember) => {
      if (!apart.includes(name)) return writeMember(member);
      members.push({ name, value: member, write: writeMember });
      return undefined;
    });
    return { text, apart: members };
  };
}

/** `undefined` for a member that is left out. */
type WriteMember = (name: string, member: unknown, write: WriteValue) => string | undefined;

const plainly: WriteMember = (_, member, write) => write(member);

/** Writes what is read of a value: the same text for two values only where all that is read of them is the same. */
export function writerOf(reads: Reads): WriteValue {
  if (reads === true) return writeJson;
  const writers = writersOf(reads);
  return (value) => {
    if (typeof value !== 'object' || value === null) return writeJson(value);
    return Array.isArray(value) ? arrayText(value, writers) : objectText(value, writers, plainly);
  };
}

function writersOf({ each, members = {} }: Exclude<Reads, true>): MemberWriters {
  const named = Object.entries(members).map(([name, reads]) => ({
    name,
    label: labelOf(name),
    write: writerOf(reads),
  }));
  return {
    ...(each !== undefined && { each: writerOf(each) }),
    named,
    byName: new Map(named.map(({ name, write }) => [name, write])),
  };
}

/** An array that is not looked through is one all the same. */
function arrayText(value: readonly unknown[], { each }: MemberWriters): string {
  if (each === undefined || value.length === 0) return '[]';
  let text = '[';
  for (let index = 0; index < value.length; index += 1) {
    text += `${index === 0 ? '' : ','}${each(value[index] ?? null)}`;
  }
  return `${text}]`;
}

function objectText(value: object, { each, named, byName }: MemberWriters, member: WriteMember): string {
  const members = value as Readonly<Record<string, unknown>>;
  let text = '';
  if (each === undefined) {
    for (const { name, label, write } of named) {
      const found = members[name];
      if (found === undefined || !Object.hasOwn(value, name)) continue;
      const written = member(name, found, write);
      if (written !== undefined) text += `${text === '' ? '{' : ','}${label}${written}`;
    }
  } else {
    for (const name of Object.keys(value)) {
      const found = members[name];
      if (found === undefined) continue;
      const written = member(name, found, byName.get(name) ?? each);
      if (written !== undefined) text += `${text === '' ? '{' : ','}${labelOf(name)}${written}`;
    }
  }
  return text === '' ? '{}' : `${text}}`;
}

function labelOf(name: string): string {
  return `${JSON.stringify(name)}:`;
}
