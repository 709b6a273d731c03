import type Database from 'better-sqlite3';
import type { StoredCheckpoint } from '../../../audit/log-source.js';
import { namedSigners } from '../../../audit/signed-note.js';
import { WitanError } from '../../../errors.js';
import { inTransaction } from '../database.js';
import { MaskedValueRows } from '../log/masked-value-rows.js';
import type { Seal } from './tree-protocol.js';

/** Of so many records at least one checkpoint is kept, so that a log that was changed says where. */
const CHECKPOINT_RECORDS = 4096;
/** Pruned records that one transaction deletes: decisions wait for it no longer than for a group. */
const SWEPT_RECORDS_MAX = 1024;

/** Writes what follows the records: checkpoints with their tiles, and the end of what was pruned. */
export class SealWriter {
  readonly #db: Database.Database;
  readonly #putTile: Database.Statement;
  readonly #putCheckpoint: Database.Statement;
  readonly #dropCheckpoints: Database.Statement;
  readonly #last: Database.Statement<[], StoredCheckpoint>;
  readonly #pruned: Database.Statement;
  readonly #deleteRecord: Database.Statement;
  readonly #masked: MaskedValueRows;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#putTile = db.prepare(
      `INSERT INTO tiles (level, tile, hashes) VALUES (?, ?, ?)
       ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes`,
    );
    this.#putCheckpoint = db.prepare(
      'INSERT INTO checkpoints (size, note) VALUES (?, ?) ON CONFLICT (size) DO UPDATE SET note = excluded.note',
    );
    this.#last = db.prepare('SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1');
    this.#dropCheckpoints = db.prepare('DELETE FROM checkpoints WHERE size = ?');
    this.#pruned = db
      .prepare(
        'SELECT sequence FROM records WHERE sequence < (SELECT minimum_index FROM log_bounds) ORDER BY sequence LIMIT ?',
      )
      .pluck();
    this.#deleteRecord = db.prepare('DELETE FROM records WHERE sequence = ?');
    this.#masked = new MaskedValueRows(db);
  }

  /**
   * Makes a checkpoint durable, with the tiles that it stands on.
   *
   * @throws WitanError `store_corrupt` when it covers less than the last one does
   */
  seal({ size, note, tiles }: Seal): void {
    inTransaction(this.#db, () => {
      const last = this.#last.get();
      if (last !== undefined && last.size > size) {
        throw new WitanError(
          'store_corrupt',
          `a checkpoint of ${size} records cannot follow the one of ${last.size}`,
        );
      }
      for (const { level, tile, hashes } of tiles) this.#putTile.run(level, tile, hashes);
      this.#putCheckpoint.run(size, note);
      if (last !== undefined && last.size < size && isDispensable(last, { size, note })) {
        this.#dropCheckpoints.run(last.size);
      }
    });
  }

  /** Deletes some of the records that were pruned. @returns how many, and whether more are left */
  sweep(): { readonly swept: number; readonly more: boolean } {
    return inTransaction(this.#db, () => {
      const sequences = this.#pruned.all(SWEPT_RECORDS_MAX) as number[];
      for (const sequence of sequences) {
        this.#masked.eraseAll(sequence);
        this.#deleteRecord.run(sequence);
      }
      const last = sequences.at(-1);
      if (last !== undefined) this.#masked.drop(last);
      return { swept: sequences.length, more: sequences.length === SWEPT_RECORDS_MAX };
    });
  }
}

/**
 * Whether a checkpoint need not be kept: another of its stretch of records follows, and whoever trusts any key that signed
 * it can verify that one. The last of a key stays, whether it was handed over or lost.
 */
function isDispensable(last: StoredCheckpoint, next: StoredCheckpoint): boolean {
  if (stretchOf(last.size) !== stretchOf(next.size)) return false;
  const signers = namedSigners(next.note);
  return namedSigners(last.note).every((key) => signers.includes(key));
}

function stretchOf(size: number): number {
  return Math.floor(size / CHECKPOINT_RECORDS);
}
