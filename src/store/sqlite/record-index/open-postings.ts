import type Database from 'better-sqlite3';
import { BLOCK_RECORDS, decodePlaces, encodePlaces } from './record-bitmap.js';

interface Posting {
  readonly places: number[];
  /** How many of them are stored. */
  stored: number;
}

/** The postings of the block that is being filled: all of it in memory, so that nothing is read back. */
export class OpenPostings {
  readonly #load: Database.Statement<[block: number], { readonly term: number; readonly matches: Buffer }>;
  readonly #put: Database.Statement<[block: number, term: number, matches: Buffer]>;
  readonly #count: Database.Statement<[added: number, term: number]>;
  #block = -1;
  #postings = new Map<number, Posting>();
  #changed: number[] = [];

  constructor(index: Database.Database) {
    this.#load = index.prepare('SELECT term, matches FROM postings WHERE block = ?');
    this.#put = index.prepare(
      `INSERT INTO postings (block, term, matches) VALUES (?, ?, ?)
       ON CONFLICT (block, term) DO UPDATE SET matches = excluded.matches`,
    );
    this.#count = index.prepare('UPDATE terms SET count = count + ? WHERE id = ?');
  }

  /** Goes to the block of a sequence; what was added before is stored. */
  moveTo(sequence: number): void {
    const block = Math.floor(sequence / BLOCK_RECORDS);
    if (block === this.#block) return;
    this.store();
    // A block that is left is full, and is counted once.
    const full = [...this.#postings].sort(([a], [b]) => a - b);
    for (const [term, { places }] of full) this.#count.run(places.length, term);
    this.#block = block;
    this.#postings = new Map();
    for (const { term, matches } of this.#load.iterate(block)) {
      const places = decodePlaces(matches);
      this.#postings.set(term, { places, stored: places.length });
    }
  }

  get block(): number {
    return this.#block;
  }

  // INVARIANT: sequences come in their order, so places are ascending.
  add(term: number, sequence: number): void {
    const place = sequence % BLOCK_RECORDS;
    const posting = this.#postings.get(term);
    if (posting === undefined) {
      this.#postings.set(term, { places: [place], stored: 0 });
      this.#changed.push(term);
      return;
    }
    const { places } = posting;
    if (places[places.length - 1] === place) return;
    if (posting.stored === places.length) this.#changed.push(term);
    places.push(place);
  }

  /** Writes what was added. */
  store(): void {
    for (const term of this.#changed.sort((a, b) => a - b)) {
      const posting = this.#postings.get(term);
      if (posting === undefined) continue;
      this.#put.run(this.#block, term, encodePlaces(posting.places));
      posting.stored = posting.places.length;
    }
    this.#changed = [];
  }

  /** After a transaction that was rolled back: the block is read again. */
  forget(): void {
    this.#block = -1;
    this.#postings = new Map();
    this.#changed = [];
  }
}
