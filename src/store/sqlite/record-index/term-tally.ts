import type { IndexReader } from './index-reader.js';
import { listPlaces, type RecordBitmap } from './record-bitmap.js';
import type { SingleField } from './record-fields.js';
import { BLOCK_CHUNKS, CHUNK_RECORDS } from './term-column.js';

/** How many matches have each term of a field. */
export class TermTally {
  readonly #index: IndexReader;
  readonly #field: SingleField;
  readonly #places = new Uint16Array(CHUNK_RECORDS);
  /** By term. */
  #counts = new Uint32Array(1024);

  /** @param before what was counted already, which stays as it is */
  constructor(index: IndexReader, field: SingleField, before?: TermTally) {
    this.#index = index;
    this.#field = field;
    if (before !== undefined) this.#counts = before.#counts.slice();
  }

  add(block: number, matches: RecordBitmap): void {
    for (let at = 0; at < BLOCK_CHUNKS; at += 1) {
      const start = at * CHUNK_RECORDS;
      const count = listPlaces(matches, start, start + CHUNK_RECORDS, this.#places);
      const column = count === 0 ? undefined : this.#index.column(this.#field, block * BLOCK_CHUNKS + at);
      if (column === undefined) continue;
      const { terms, codes } = column;
      if (codes === 'same') {
        this.#count(terms[0] ?? 0, count);
        continue;
      }
      const byCode = new Uint32Array(codes === undefined ? 0 : terms.length);
      for (let each = 0; each < count; each += 1) {
        const place = (this.#places[each] ?? 0) - start;
        if (codes === undefined) this.#count(terms[place] ?? 0, 1);
        else {
          const code = codes[place] ?? 0;
          byCode[code] = (byCode[code] ?? 0) + 1;
        }
      }
      for (const [code, counted] of byCode.entries()) this.#count(terms[code] ?? 0, counted);
    }
  }

  /** Terms that occur, with their counts. */
  *counted(): Generator<readonly [term: number, count: number]> {
    for (const [term, count] of this.#counts.entries()) {
      // 0 stands for records that have no term.
      if (term > 0 && count > 0) yield [term, count];
    }
  }

  #count(term: number, added: number): void {
    if (term >= this.#counts.length) {
      const larger = new Uint32Array(Math.max(term + 1, this.#counts.length * 2));
      larger.set(this.#counts);
      this.#counts = larger;
    }
    this.#counts[term] = (this.#counts[term] ?? 0) + added;
  }
}
