import type Database from 'better-sqlite3';

/**
 * Overwritten rows that stay before those that are kept. Deleting a row makes SQLite move the rows of the pages beside,
 * and their copies in free space would outlast an erasure: so many rows fill more pages than it looks at.
 */
const ROWS_BETWEEN = 1024;

/** INVARIANT: zeros of the same length, so that SQLite overwrites the row where it stands. */
const OVERWRITE = `UPDATE masked_values
  SET erased = 1, salt = zeroblob(length(salt)), value = CAST(zeroblob(octet_length(value)) AS TEXT)
  WHERE sequence = ? AND erased = 0`;

/** Puts masked values with their salts, and erases them so that no byte of them is left in the database. */
export class MaskedValueRows {
  readonly #put: Database.Statement;
  readonly #erase: Database.Statement;
  readonly #eraseAll: Database.Statement;
  readonly #drop: Database.Statement;

  constructor(db: Database.Database) {
    this.#put = db.prepare('INSERT INTO masked_values (sequence, pointer, salt, value) VALUES (?, ?, ?, ?)');
    this.#erase = db.prepare(`${OVERWRITE} AND pointer = ?`);
    this.#eraseAll = db.prepare(OVERWRITE);
    this.#drop = db.prepare(
      `DELETE FROM masked_values WHERE sequence <= @last
       AND id <= (SELECT max(id) FROM masked_values WHERE sequence <= @last) - ${ROWS_BETWEEN}`,
    );
  }

  put(
    sequence: number,
    { pointer, salt, value }: { pointer: string; salt: Uint8Array; value: string },
  ): void {
    this.#put.run(sequence, pointer, salt, value);
  }

  /** @returns whether there was a value */
  erase(sequence: number, pointer: string): boolean {
    return this.#erase.run(sequence, pointer).changes > 0;
  }

  /** Erases all values of a record. */
  eraseAll(sequence: number): void {
    this.#eraseAll.run(sequence);
  }

  /** Deletes what is left of the erased values of records up to this one, which were all pruned; the last few rows later. */
  drop(sequence: number): void {
    this.#drop.run({ last: sequence });
  }
}
