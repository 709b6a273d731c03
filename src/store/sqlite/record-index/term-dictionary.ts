import type Database from 'better-sqlite3';
import { wordsOf } from '../../../audit/words.js';
import {
  FINDING_FIELDS,
  FIELD_NUMBERS,
  type Field,
  ownValueOf,
  type FindingMembers,
} from './record-fields.js';

/** So many of each are remembered; then all are forgotten, and looked up again as they come. */
const REMEMBERED_MAX = 200_000;
const REMEMBERED_TEXTS_MAX = 50_000;
/** Of findings of one policy, which are compared one by one. */
const REMEMBERED_ALIKE_MAX = 64;
/** Longer values and texts are not remembered. */
const REMEMBERED_CHARS_MAX = 1024;

/** A finding as records hold it, and the terms by which they are found: its own and those of its members. */
interface FindingTerms {
  readonly members: FindingMembers;
  readonly finding: number;
  readonly terms: readonly number[];
}

/** The terms of the index by field and value; a new value becomes a term. It runs within the caller's transaction. */
export class TermDictionary {
  readonly #find: Database.Statement<[field: number, value: string], number>;
  readonly #put: Database.Statement<[field: number, value: string, first: number]>;
  readonly #findFinding: Database.Statement<[members: string], number>;
  readonly #putFinding: Database.Statement<[term: number | null, members: string]>;
  readonly #terms = new Map<number, Map<string, number>>();
  readonly #words = new Map<string, readonly number[]>();
  /** By layer, then by policy. */
  readonly #findings = new Map<string | null, Map<string | null, FindingTerms[]>>();
  #findingsRemembered = 0;

  constructor(index: Database.Database) {
    this.#find = index
      .prepare<[number, string], number>('SELECT id FROM terms WHERE field = ? AND value = ?')
      .pluck();
    this.#put = index.prepare('INSERT INTO terms (field, value, count, first) VALUES (?, ?, 0, ?)');
    this.#findFinding = index.prepare<[string], number>('SELECT id FROM findings WHERE members = ?').pluck();
    this.#putFinding = index.prepare('INSERT INTO findings (term, members) VALUES (?, ?)');
  }

  /** @param block where the term would occur first */
  termOf(field: Field, value: string, block: number): number {
    const number = FIELD_NUMBERS[field];
    let known = this.#terms.get(number);
    if (known === undefined) {
      known = new Map();
      this.#terms.set(number, known);
    }
    const remembered = known.get(value);
    if (remembered !== undefined) return remembered;
    let term = this.#find.get(number, value);
    term ??= Number(this.#put.run(number, value, block).lastInsertRowid);
    if (value.length > REMEMBERED_CHARS_MAX) return term;
    if (known.size >= REMEMBERED_MAX) known.clear();
    known.set(copyOf(value), term);
    return term;
  }

  /** The terms of the words of a text. Messages repeat, so each is taken apart once. */
  wordsOf(text: string, block: number): readonly number[] {
    const remembered = this.#words.get(text);
    if (remembered !== undefined) return remembered;
    const terms = wordsOf(text).map((word) => this.termOf('word', word, block));
    if (text.length > REMEMBERED_CHARS_MAX) return terms;
    if (this.#words.size >= REMEMBERED_TEXTS_MAX) this.#words.clear();
    this.#words.set(text, terms);
    return terms;
  }

  findingOf(members: FindingMembers, block: number): FindingTerms {
    const [policy = null, layer = null] = members;
    // Two short keys cost less than one that is put together of all members for each finding of each record.
    let ofLayer = this.#findings.get(layer);
    if (ofLayer === undefined)
      this.#findings.set(layer, (ofLayer = new Map<string | null, FindingTerms[]>()));
    let alike = ofLayer.get(policy);
    if (alike === undefined) ofLayer.set(policy, (alike = []));
    for (const remembered of alike) if (areEqual(remembered.members, members)) return remembered;
    if (alike.length >= REMEMBERED_ALIKE_MAX) alike.length = 0;
    if (this.#findingsRemembered >= REMEMBERED_TEXTS_MAX) this.#forgetFindings();
    const found = { members, ...this.#readFinding(members, block) };
    alike.push(found);
    this.#findingsRemembered += 1;
    return found;
  }

  /** After a transaction that was rolled back, in which terms may have been made. */
  forget(): void {
    this.#terms.clear();
    this.#words.clear();
    this.#forgetFindings();
  }

  #forgetFindings(): void {
    this.#findings.clear();
    this.#findingsRemembered = 0;
  }

  #readFinding(members: FindingMembers, block: number): Omit<FindingTerms, 'members'> {
    const text = JSON.stringify(members);
    const shared = ownValueOf(members);
    const own = shared === undefined ? null : this.termOf('finding', shared, block);
    const terms = own === null ? [] : [own];
    for (const [at, name] of FINDING_FIELDS.entries()) {
      const value = members[at] ?? null;
      if (value !== null) terms.push(this.termOf(name, value, block));
    }
    const known = this.#findFinding.get(text);
    return { finding: known ?? Number(this.#putFinding.run(own, text).lastInsertRowid), terms };
  }
}

/** A part of a text holds all of the text in memory, a copy does not. */
function copyOf(part: string): string {
  return JSON.parse(JSON.stringify(part)) as string;
}

/** Written as a loop, since it runs for each finding of each record. */
function areEqual(one: FindingMembers, other: FindingMembers): boolean {
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
