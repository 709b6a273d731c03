import type Database from 'better-sqlite3';
import { COLUMN_FIELDS, numberOf } from './record-fields.js';
import {
  CHUNK_RECORDS,
  decodeColumn,
  decodeTimes,
  encodeColumn,
  encodeTimes,
  termAt,
} from './term-column.js';

/** The columns and times of the chunk that is being filled. */
export class OpenColumns {
  readonly #loadColumn: Database.Statement<[field: number, chunk: number], Buffer>;
  readonly #loadTimes: Database.Statement<[chunk: number], Buffer>;
  readonly #putColumn: Database.Statement<[field: number, chunk: number, terms: Buffer]>;
  readonly #putTimes: Database.Statement<
    [chunk: number, min: number | null, max: number | null, untimed: number, times: Buffer]
  >;
  #chunk = -1;
  #columns: number[][] = [];
  #times: number[] = [];
  #changed = false;

  constructor(index: Database.Database) {
    this.#loadColumn = index
      .prepare<[number, number], Buffer>('SELECT terms FROM columns WHERE field = ? AND chunk = ?')
      .pluck();
    this.#loadTimes = index.prepare<[number], Buffer>('SELECT times FROM times WHERE chunk = ?').pluck();
    this.#putColumn = index.prepare(
      `INSERT INTO columns (field, chunk, terms) VALUES (?, ?, ?)
       ON CONFLICT (field, chunk) DO UPDATE SET terms = excluded.terms`,
    );
    this.#putTimes = index.prepare(
      `INSERT INTO times (chunk, time_min, time_max, untimed, times) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (chunk) DO UPDATE SET time_min = excluded.time_min, time_max = excluded.time_max,
         untimed = excluded.untimed, times = excluded.times`,
    );
  }

  /** Goes to the chunk of a sequence; what was added before is stored. */
  moveTo(sequence: number): void {
    const chunk = Math.floor(sequence / CHUNK_RECORDS);
    if (chunk === this.#chunk) return;
    this.store();
    this.#chunk = chunk;
    this.#load();
  }

  /** @param terms in the order of `COLUMN_FIELDS`; 0 for none */
  add(sequence: number, terms: readonly number[], time: number): void {
    // Records at the front of the log may have been pruned before they were indexed.
    while (this.#times.length < sequence % CHUNK_RECORDS) this.#append([], Number.NaN);
    this.#append(terms, time);
    this.#changed = true;
  }

  /** Writes what was added. */
  store(): void {
    if (!this.#changed) return;
    for (const [at, field] of COLUMN_FIELDS.entries()) {
      this.#putColumn.run(numberOf(field), this.#chunk, encodeColumn(this.#columns[at] ?? []));
    }
    const known = this.#times.filter((time) => !Number.isNaN(time));
    const [min, max] = known.length === 0 ? [null, null] : [Math.min(...known), Math.max(...known)];
    const untimed = this.#times.length - known.length;
    this.#putTimes.run(this.#chunk, min, max, untimed, encodeTimes(this.#times));
    this.#changed = false;
  }

  /** After a transaction that was rolled back: the chunk is read again. */
  forget(): void {
    this.#chunk = -1;
    this.#changed = false;
  }

  #append(terms: readonly number[], time: number): void {
    for (const [at, column] of this.#columns.entries()) column.push(terms[at] ?? 0);
    this.#times.push(time);
  }

  #load(): void {
    const times = this.#loadTimes.get(this.#chunk);
    this.#times = times === undefined ? [] : Array.from(decodeTimes(times));
    this.#columns = COLUMN_FIELDS.map((field) => {
      const stored = this.#loadColumn.get(numberOf(field), this.#chunk);
      if (stored === undefined) return [];
      const column = decodeColumn(stored);
      return Array.from(this.#times, (_, at) => termAt(column, at));
    });
  }
}
