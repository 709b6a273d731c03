import type Database from 'better-sqlite3';
import type { StoredRecord } from '../../../audit/query.js';
import { WitanError } from '../../../errors.js';

/** INVARIANT: each is a search by key; a test asks SQLite for its plan. */
export const LOG_READS = {
  body: 'SELECT body FROM records WHERE sequence = ?',
  minimum: 'SELECT minimum_index FROM log_bounds WHERE id = 1',
} as const;

/** Reads records by their sequence. */
export class LogReader {
  readonly #body: Database.Statement<[sequence: number], Buffer>;
  readonly #minimum: Database.Statement<[], number>;

  constructor(log: Database.Database) {
    this.#body = log.prepare<[number], Buffer>(LOG_READS.body).pluck();
    this.#minimum = log.prepare<[], number>(LOG_READS.minimum).pluck();
  }

  /** The first sequence that is kept. */
  minimumIndex(): number {
    // INVARIANT: the schema puts the row there.
    return this.#minimum.get() as number;
  }

  /**
   * The record that the index names; `undefined` when it was pruned meanwhile.
   *
   * @throws WitanError `store_corrupt`
   */
  record(sequence: number): StoredRecord | undefined {
    // What was pruned may not be deleted yet.
    if (sequence < this.minimumIndex()) return undefined;
    const bytes = this.#body.get(sequence);
    if (bytes !== undefined) return { sequence, bytes };
    throw new WitanError('store_corrupt', `the index names record ${sequence}, which the log lacks`);
  }
}
