import type Database from 'better-sqlite3';
import type { StoredRecord } from '../../audit/query.js';
import { WitanError } from '../../errors.js';

/** INVARIANT: each is a search by key; a test asks SQLite for its plan. */
export const LOG_READS = {
  body: 'SELECT body FROM records WHERE sequence = ?',
  minimum: 'SELECT min(sequence) FROM records',
} as const;

/** Reads records by their sequence. */
export class LogReader {
  readonly #body: Database.Statement<[sequence: number], Buffer>;
  readonly #minimum: Database.Statement<[], number | null>;

  constructor(log: Database.Database) {
    this.#body = log.prepare<[number], Buffer>(LOG_READS.body).pluck();
    this.#minimum = log.prepare<[], number | null>(LOG_READS.minimum).pluck();
  }

  /** The first sequence that is kept. */
  minimumIndex(): number {
    return this.#minimum.get() ?? 0;
  }

  /**
   * The record that the index names; `undefined` when it was pruned meanwhile.
   *
   * @throws WitanError `store_corrupt`
   */
  record(sequence: number): StoredRecord | undefined {
    const bytes = this.#body.get(sequence);
    if (bytes !== undefined) return { sequence, bytes };
    if (sequence < this.minimumIndex()) return undefined;
    throw new WitanError('store_corrupt', `the index names record ${sequence}, which the log lacks`);
  }
}
