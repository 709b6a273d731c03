import { hash } from 'node:crypto';
import type { PolicyInput } from '../decision/input.js';
import type { SubjectMatter } from '../decision/subject-matter.js';
import { isObject, writeJson } from '../document/json.js';
import type { ModuleInput } from '../rego/policy-module.js';
import type { Reads } from './policy-reads.js';

/** Longer texts are told apart by their digest. */
const KEY_CHARS_MAX = 256;
type Member = keyof PolicyInput;
const MEMBERS = Object.keys({
  kind: true,
  now: true,
  subject: true,
  action: true,
  resource: true,
  context: true,
  product: true,
  contracts: true,
  previous: true,
  domain: true,
  parameters: true,
} satisfies Record<Member, true>) as readonly Member[];

/** The places of the input by which the answers of a policy are told apart. */
export interface KeyPlaces {
  readonly places: readonly { readonly member: Member; readonly reads: Reads; readonly number: number }[];
}

/** Gives the same number to what is read of a member, whichever policies read it: it is looked at once for them all. */
export class PlaceNumbers {
  readonly #numbers = new Map<string, number>();

  placesOf(reads: Reads): KeyPlaces {
    const members = MEMBERS.flatMap((member): readonly { member: Member; below: Reads }[] => {
      const below = reads === true ? true : (reads.members?.[member] ?? reads.each);
      return below === undefined ? [] : [{ member, below }];
    });
    return {
      places: members.map(({ member, below }) => {
        const text = `${member} ${JSON.stringify(below)}`;
        const number = this.#numbers.get(text) ?? this.#numbers.size;
        this.#numbers.set(text, number);
        return { member, reads: below, number };
      }),
    };
  }
}

/** An input that is written as JSON only when a module has to read it. */
export class ReadInput implements ModuleInput {
  readonly #matter: Pick<SubjectMatter, 'metadata' | 'previous'>;
  readonly #texts: string[] = [];
  #bytes: Uint8Array | undefined;

  constructor(
    readonly value: PolicyInput,
    matter: Pick<SubjectMatter, 'metadata' | 'previous'>,
  ) {
    this.#matter = matter;
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= Buffer.from(writeJson(this.value)));
  }

  /** Equal for two inputs only when all that is read at the places is equal. */
  keyOf({ places }: KeyPlaces): string {
    let key = '';
    // INVARIANT: JSON on one line has no line break, so no text runs into the next.
    for (const { member, reads, number } of places) {
      key += (this.#texts[number] ??= this.#textOf(member, reads)) + '\n';
    }
    return key.length <= KEY_CHARS_MAX ? key : hash('sha256', key, 'binary');
  }

  /** Metadata are known by their digests, and need not be looked through. */
  #textOf(member: Member, reads: Reads): string {
    const { metadata, previous } = this.#matter;
    if (member === 'product' || member === 'contracts') return metadata?.digest ?? '';
    if (member === 'previous') return previous?.digest ?? '';
    return textOf(this.value[member], reads);
  }
}

/** What is read of a value, as text; that of nothing is empty. */
function textOf(value: unknown, reads: Reads): string {
  if (value === undefined) return '';
  if (reads === true || typeof value !== 'object' || value === null) return writeJson(value);
  const { each, members = {} } = reads;
  if (Array.isArray(value)) {
    return each === undefined ? '[]' : `[${value.map((item) => textOf(item ?? null, each)).join(',')}]`;
  }
  let text = '{';
  for (const name of Object.keys(each === undefined ? members : value)) {
    const below = Object.hasOwn(members, name) ? members[name] : each;
    const member = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    text += `${JSON.stringify(name)}:${below === undefined ? '' : textOf(member, below)},`;
  }
  return `${text}}`;
}
