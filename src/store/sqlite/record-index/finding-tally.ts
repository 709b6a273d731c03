import type { RecordFilter, ValueCount } from '../../../audit/query.js';
import { findingFilter } from './filter-plan.js';
import type { IndexReader } from './index-reader.js';
import { listPlaces, type RecordBitmap } from './record-bitmap.js';
import { FINDING_FIELDS, type FindingField } from './record-fields.js';
import { BLOCK_CHUNKS, CHUNK_RECORDS } from './term-column.js';

/** How many matches hold a finding with each value of a member, of those findings that the filter asks for. */
export class FindingTally {
  readonly #index: IndexReader;
  readonly #places = new Uint16Array(CHUNK_RECORDS);
  /** From 1; 0 stands for no value, or a finding that is not asked for. */
  readonly #values: readonly (string | null)[];
  /** By a finding's id: its value. */
  readonly #valueOf: Uint32Array;
  /** By value: the last record that was counted for it, numbered from 1. */
  readonly #lastRecord: Uint32Array;
  readonly #counts: Uint32Array;
  #record = 0;

  /** @param before what was counted already by the same filter and member, which stays as it is */
  // INVARIANT: the findings of all records that are counted are known now, since those records are indexed.
  constructor(index: IndexReader, filter: RecordFilter, by: FindingField, before?: FindingTally) {
    this.#index = index;
    const asked = findingFilter(FINDING_FIELDS.map((field) => filter[field] ?? null));
    const at = FINDING_FIELDS.indexOf(by);
    const numbers = new Map<string | null, number>([[null, 0]]);
    const valueOf = index.findings().map((finding) => {
      const value = asked(finding) ? (finding.members[at] ?? null) : null;
      const number = numbers.get(value) ?? numbers.size;
      numbers.set(value, number);
      return number;
    });
    this.#values = [...numbers.keys()];
    this.#valueOf = Uint32Array.from([0, ...valueOf]);
    this.#lastRecord = new Uint32Array(numbers.size);
    this.#counts = new Uint32Array(numbers.size);
    // INVARIANT: findings are only added, so values keep their numbers.
    if (before !== undefined) this.#counts.set(before.#counts);
  }

  add(block: number, matches: RecordBitmap): void {
    for (let at = 0; at < BLOCK_CHUNKS; at += 1) {
      const start = at * CHUNK_RECORDS;
      const count = listPlaces(matches, start, start + CHUNK_RECORDS, this.#places);
      const column = count === 0 ? undefined : this.#index.findingColumn(block * BLOCK_CHUNKS + at);
      if (column === undefined) continue;
      const { ends, findings } = column;
      for (let each = 0; each < count; each += 1) {
        const place = (this.#places[each] ?? 0) - start;
        this.#record += 1;
        const end = ends[place] ?? 0;
        for (let held = place === 0 ? 0 : (ends[place - 1] ?? 0); held < end; held += 1) {
          const value = this.#valueOf[findings[held] ?? 0] ?? 0;
          if (this.#lastRecord[value] === this.#record) continue;
          this.#lastRecord[value] = this.#record;
          this.#counts[value] = (this.#counts[value] ?? 0) + 1;
        }
      }
    }
  }

  counted(): readonly ValueCount[] {
    return this.#values.flatMap((value, number) => {
      const count = this.#counts[number] ?? 0;
      return value === null || count === 0 ? [] : [{ value, count }];
    });
  }
}
