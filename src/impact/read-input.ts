import { hash } from 'node:crypto';
import { METADATA, type PolicyInput } from '../decision/input.js';
import type { SubjectMatter } from '../decision/subject-matter.js';
import { pointerSegments } from '../document/pointer.js';
import { writerOf } from '../rego/input-encoder.js';
import type { ModuleInput } from '../rego/policy-module.js';
import { readsAt, type Reads } from '../rego/reads.js';
import type { WriteValue } from '../rego/write-value.js';

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
  readonly reads: Reads;
  readonly places: readonly Place[];
}

/** What is read of one member. */
interface Place {
  readonly member: Member;
  readonly number: number;
  readonly write: WriteValue;
}

/** Metadata, which are known by their digests and need not be looked through. */
const DIGESTED: ReadonlySet<string> = new Set<Member>(['product', 'contracts', 'previous']);

/** Whether two inputs of which all at the places is equal both have a value at the pointer, or neither has. */
export function isTold({ reads }: KeyPlaces, pointer: string): boolean {
  let below: Reads | undefined = reads;
  for (const [depth, segment] of pointerSegments(pointer).entries()) {
    if (below === true) return true;
    // The elements of an array are told apart by `each` alone.
    below = DIGIT.test(segment) ? below.each : readsAt(below, segment);
    if (below === undefined) return false;
    if (depth === 0 && DIGESTED.has(segment)) return true;
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
  readonly #places = new Map<string, Place>();
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
    const places = MEMBERS.flatMap((member) => {
      const below = reads === true ? true : readsAt(reads, member);
      return below === undefined ? [] : [this.#placeOf(member, below)];
    });
    return { reads, places };
  }

  #placeOf(member: Member, reads: Reads): Place {
    const text = `${member} ${JSON.stringify(reads)}`;
    const place = this.#places.get(text) ?? { member, number: this.#places.size, write: writerOf(reads) };
    this.#places.set(text, place);
    return place;
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
    for (const place of places) key += ` ${(this.#read[place.number] ??= this.#numberAt(place))}`;
    return key;
  }

  #numberAt({ member, number, write }: Place): number {
    return this.#numbers.textAt(number, this.#textOf(member, write));
  }

  /** That of nothing is empty. */
  #textOf(member: Member, write: WriteValue): string {
    const { metadata, previous } = this.#matter;
    if (DIGESTED.has(member)) return (member === 'previous' ? previous : metadata)?.digest ?? '';
    const value = this.value[member];
    if (value === undefined) return '';
    const text = write(value);
    return text.length <= TEXT_CHARS_MAX ? text : hash('sha256', text, 'binary');
  }
}
