import { hash } from 'node:crypto';
import { METADATA, type PolicyInput } from '../decision/input.js';
import type { SubjectMatter } from '../decision/subject-matter.js';
import { isObject, writeJson } from '../document/json.js';
import { pointerSegments } from '../document/pointer.js';
import type { ModuleInput } from '../rego/policy-module.js';
import { readsAt, type Reads } from '../rego/reads.js';

/** Longer texts are told apart by their digest. */
const TEXT_CHARS_MAX = 256;
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
  /** Of the input. */
  readonly reads: Reads;
  readonly places: readonly { readonly member: Member; readonly reads: Reads; readonly number: number }[];
}

/** Metadata, which are known by their digests and need not be looked through. */
const DIGESTED: ReadonlySet<string> = new Set<Member>(['product', 'contracts', 'previous']);

/** Whether two inputs of which all at the places is equal both have a value at the pointer, or neither has. */
export function isTold({ places }: KeyPlaces, pointer: string): boolean {
  const [member = '', ...below] = pointerSegments(pointer);
  const place = places.find((each) => each.member === member);
  if (place === undefined || DIGESTED.has(member)) return place !== undefined;
  let reads: Reads | undefined = place.reads;
  for (const segment of below) {
    if (reads === true) return true;
    // The elements of an array are told apart by `each` alone.
    reads = DIGIT.test(segment) ? reads.each : readsAt(reads, segment);
    if (reads === undefined) return false;
  }
  return true;
}

const DIGIT = /^\d/;

/** Texts of one place that are numbered; then all are forgotten. */
const NUMBERED_MAX = 50_000;

/**
 * Numbers what policies read: a place has the same number whichever policies read it, so that it is looked at once for
 * them all, and a text at a place has the same number whenever it comes again. A number is given once only.
 */
export class ReadNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #texts: Map<string, number>[] = [];
  #count = 0;

  /** Of what stands at a place; another number after it was forgotten. */
  textAt(place: number, text: string): number {
    const known = (this.#texts[place] ??= new Map<string, number>());
    let number = known.get(text);
    if (number === undefined) {
      if (known.size >= NUMBERED_MAX) known.clear();
      known.set(text, (number = this.#count += 1));
    }
    return number;
  }

  placesOf(reads: Reads): KeyPlaces {
    const members = MEMBERS.flatMap((member): readonly { member: Member; below: Reads }[] => {
      const below = reads === true ? true : readsAt(reads, member);
      return below === undefined ? [] : [{ member, below }];
    });
    return {
      reads,
      places: members.map(({ member, below }) => {
        const text = `${member} ${JSON.stringify(below)}`;
        const number = this.#numbers.get(text) ?? this.#numbers.size;
        this.#numbers.set(text, number);
        return { member, reads: below, number };
      }),
    };
  }
}

/** An input, as far as what is read of it can be told apart. */
export class ReadInput implements ModuleInput {
  readonly #matter: Pick<SubjectMatter, 'metadata' | 'previous'>;
  readonly #numbers: ReadNumbers;
  readonly #read: number[] = [];
  readonly apart = METADATA;

  constructor(
    readonly value: PolicyInput,
    matter: Pick<SubjectMatter, 'metadata' | 'previous'>,
    numbers: ReadNumbers,
  ) {
    this.#matter = matter;
    this.#numbers = numbers;
  }

  /** Equal for two inputs only when all that is read at the places is equal. */
  keyOf({ places }: KeyPlaces): string {
    let key = '';
    for (const { member, reads, number } of places) {
      key += ` ${(this.#read[number] ??= this.#numbers.textAt(number, this.#textOf(member, reads)))}`;
    }
    return key;
  }

  #textOf(member: Member, reads: Reads): string {
    const { metadata, previous } = this.#matter;
    if (DIGESTED.has(member)) return (member === 'previous' ? previous : metadata)?.digest ?? '';
    const text = textOf(this.value[member], reads);
    return text.length <= TEXT_CHARS_MAX ? text : hash('sha256', text, 'binary');
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
