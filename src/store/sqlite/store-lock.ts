import Database from 'better-sqlite3';
import { join } from 'node:path';
import { WitanError } from '../../errors.js';
import { pragmaOf } from './database.js';
import { codeOf } from './sqlite-errors.js';

/**
 * The right to serve a folder: the operating system's lock on `witan.lock`, which dies with the process. The file is
 * a tiny SQLite database in exclusive mode, and its version says whether the store beside it was ever made, so that
 * a log which has vanished is not taken for a new one.
 *
 * INVARIANT: nothing else in this process opens and closes `witan.lock`; POSIX would drop the lock with it.
 */
export class StoreLock {
  readonly #db: Database.Database;

  private constructor(db: Database.Database) {
    this.#db = db;
  }

  /** @throws WitanError `store_unavailable` when another process serves the folder; SqliteError otherwise */
  static acquire(dataDir: string): StoreLock {
    const db = new Database(join(dataDir, 'witan.lock'), { timeout: 0 });
    try {
      // What is kept here is one number: a journal file would only be a leftover.
      db.pragma('journal_mode = MEMORY');
      db.pragma('locking_mode = EXCLUSIVE');
      db.exec('BEGIN EXCLUSIVE; COMMIT');
      return new StoreLock(db);
    } catch (thrown) {
      db.close();
      if (!codeOf(thrown).startsWith('SQLITE_BUSY')) throw thrown;
      throw new WitanError('store_unavailable', `another process already serves the folder \`${dataDir}\``, {
        cause: thrown,
      });
    }
  }

  /** Whether the store beside the lock was once made. */
  get initialised(): boolean {
    return Number(pragmaOf(this.#db, 'user_version')) > 0;
  }

  markInitialised(): void {
    if (!this.initialised) this.#db.pragma('user_version = 1');
  }

  release(): void {
    this.#db.close();
  }
}
