import type Database from 'better-sqlite3';
import { wordsOf } from '../../audit/words.js';
import { FINDING_FIELDS, numberOf, type Field, type FindingMembers } from './record-fields.js';

/** So many of each are remembered; then all are forgotten, and looked up again as they come. */
const REMEMBERED_MAX = 200_000;
const REMEMBERED_TEXTS_MAX = 20_000;
/** Longer values and texts are not remembered. */
const REMEMBERED_CHARS_MAX = 1024;

/** All findings of a record: the term that names them together, and the terms by which they are found. */
interface FindingSet {
  readonly term: number;
  readonly members: readonly number[];
}

export const NO_FINDINGS: FindingSet = { term: 0, members: [] };

/** The terms of the index by field and value; a new value becomes a term. It runs within the caller's transaction. */
export class TermDictionary {
  readonly #find: Database.Statement<[field: number, value: string], number>;
  readonly #put: Database.Statement<[field: number, value: string, first: number, last: number]>;
  readonly #putFinding: Database.Statement<[term: number, members: string]>;
  readonly #terms = new Map<number, Map<string, number>>();
  readonly #words = new Map<string, readonly number[]>();
  readonly #findings = new Map<string, FindingSet>();

  constructor(index: Database.Database) {
    this.#find = index
      .prepare<[number, string], number>('SELECT id FROM terms WHERE field = ? AND value = ?')
      .pluck();
    this.#put = index.prepare('INSERT INTO terms (field, value, count, first, last) VALUES (?, ?, 0, ?, ?)');
    this.#putFinding = index.prepare('INSERT INTO findings (term, members) VALUES (?, ?)');
  }

  /** @param block where the term would occur first */
  termOf(field: Field, value: string, block: number): number {
    const number = numberOf(field);
    let known = this.#terms.get(number);
    if (known === undefined) {
      known = new Map();
      this.#terms.set(number, known);
    }
    const remembered = known.get(value);
    if (remembered !== undefined) return remembered;
    let term = this.#find.get(number, value);
    if (term === undefined) {
      term = Number(this.#put.run(number, value, block, block).lastInsertRowid);
      if (field === 'finding') this.#putFinding.run(term, value);
    }
    if (value.length > REMEMBERED_CHARS_MAX) return term;
    if (known.size >= REMEMBERED_MAX) known.clear();
    known.set(value, term);
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

  findingsOf(findings: readonly FindingMembers[], block: number): FindingSet {
    const texts = findings.map((members) => JSON.stringify(members));
    const together = texts.join('');
    const remembered = this.#findings.get(together);
    if (remembered !== undefined) return remembered;
    const terms = texts.map((text) => this.termOf('finding', text, block));
    const distinct = [...new Set(terms)].sort((a, b) => a - b);
    const members = new Set(distinct);
    for (const values of findings) {
      for (const [at, name] of FINDING_FIELDS.entries()) {
        const value = values[at] ?? null;
        if (value !== null) members.add(this.termOf(name, value, block));
      }
    }
    const set = { term: this.termOf('findings', distinct.join(' '), block), members: [...members] };
    if (this.#findings.size >= REMEMBERED_TEXTS_MAX) this.#findings.clear();
    this.#findings.set(together, set);
    return set;
  }

  /** After a transaction that was rolled back, in which terms may have been made. */
  forget(): void {
    this.#terms.clear();
    this.#words.clear();
    this.#findings.clear();
  }
}
