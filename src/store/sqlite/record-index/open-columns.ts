import type Database from 'better-sqlite3';
import { FIELD_NUMBERS, SINGLE_FIELDS } from './record-fields.js';
import {
  CHUNK_RECORDS,
  decodeColumn,
  decodeFindings,
  decodeTimes,
  encodeColumn,
  encodeFindings,
  encodeTimes,
  findingsAt,
  termAt,
} from './term-column.js';

/** The columns and times of the chunk that is being filled. */
export class OpenColumns {
  readonly #loadColumn: Database.Statement<[field: number, chunk: number], Buffer>;
  readonly #loadFindings: Database.Statement<[chunk: number], Buffer>;
  readonly #loadTimes: Database.Statement<[chunk: number], Buffer>;
  readonly #putColumn: Database.Statement<[field: number, chunk: number, terms: Buffer]>;
  readonly #putFindings: Database.Statement<[chunk: number, findings: Buffer]>;
  readonly #putTimes: Database.Statement<
    [chunk: number, min: number | null, max: number | null, untimed: number, times: Buffer]
  >;
  #chunk = -1;
  #columns: number[][] = [];
  #findings: (readonly number[])[] = [];
  #times: number[] = [];
  #changed = false;

  constructor(index: Database.Database) {
    this.#loadColumn = index
      .prepare<[number, number], Buffer>('SELECT terms FROM columns WHERE field = ? AND chunk = ?')
      .pluck();
    this.#loadFindings = index
      .prepare<[number], Buffer>('SELECT findings FROM finding_columns WHERE chunk = ?')
      .pluck();
    this.#loadTimes = index.prepare<[number], Buffer>('SELECT times FROM times WHERE chunk = ?').pluck();
    this.#putColumn = index.prepare(
      `INSERT INTO columns (field, chunk, terms) VALUES (?, ?, ?)
       ON CONFLICT (field, chunk) DO UPDATE SET terms = excluded.terms`,
    );
    this.#putFindings = index.prepare(
      `INSERT INTO finding_columns (chunk, findings) VALUES (?, ?)
       ON CONFLICT (chunk) DO UPDATE SET findings = excluded.findings`,
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

  /** @param terms in the order of `SINGLE_FIELDS`; 0 for none */
  add(sequence: number, terms: readonly number[], findings: readonly number[], time: number): void {
    // Records at the front of the log may have been pruned before they were indexed.
    while (this.#times.length < sequence % CHUNK_RECORDS) this.#append([], [], Number.NaN);
    this.#append(terms, findings, time);
    this.#changed = true;
  }

  /** Writes what was added. */
  store(): void {
    if (!this.#changed) return;
    for (const [at, field] of SINGLE_FIELDS.entries()) {
      this.#putColumn.run(FIELD_NUMBERS[field], this.#chunk, encodeColumn(this.#columns[at] ?? []));
    }
    this.#putFindings.run(this.#chunk, encodeFindings(this.#findings));
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

  #append(terms: readonly number[], findings: readonly number[], time: number): void {
    for (const [at, column] of this.#columns.entries()) column.push(terms[at] ?? 0);
    this.#findings.push(findings);
    this.#times.push(time);
  }

  #load(): void {
    const times = this.#loadTimes.get(this.#chunk);
    this.#times = times === undefined ? [] : Array.from(decodeTimes(times));
    const findings = this.#loadFindings.get(this.#chunk);
    const column = findings === undefined ? undefined : decodeFindings(findings);
    this.#findings =
      column === undefined ? [] : Array.from(this.#times, (_, at) => Array.from(findingsAt(column, at)));
    this.#columns = SINGLE_FIELDS.map((field) => {
      const stored = this.#loadColumn.get(FIELD_NUMBERS[field], this.#chunk);
      if (stored === undefined) return [];
      const column = decodeColumn(stored);
      return Array.from(this.#times, (_, at) => termAt(column, at));
    });
  }
}
