import Database from 'better-sqlite3';
import { WitanError } from '../../errors.js';

/** How long a connection waits for another one's lock. Nobody else writes, so a wait is a fault and ends soon. */
const BUSY_MS_MAX = 2_000;
const CACHE_KIB = 64 * 1024;
/**
 * Of a new database; one that is there keeps its own. Of records of 1.4 kB a page of 4 KiB holds two and is a third
 * empty, and each page is written twice and read three times; still larger ones make a decision that comes alone write
 * more. What can be derived again has small rows, which are written here and there.
 */
const PAGE_BYTES = { FULL: 8192, NORMAL: 4096 };
/**
 * The write-ahead log, in bytes of pages, that makes a writer copy it into the database itself. The indexer thread
 * copies long before, so that what is left to the writer is little: this halves the slowest hundredth of appends.
 */
const WAL_PAGE_BYTES_MAX = 62.5 * 1024 * 1024;
const WAL_BYTES_KEPT_MAX = 64 * 1024 * 1024;

/**
 * Makes a connection write durably (`FULL`) or, for what can be derived again, consistently (`NORMAL`).
 *
 * @throws SqliteError; WitanError `store_unavailable` when the file system or SQLite refuses the settings
 */
export function configureForWriting(db: Database.Database, synchronous: 'FULL' | 'NORMAL'): void {
  db.pragma(`busy_timeout = ${BUSY_MS_MAX}`);
  db.pragma(`page_size = ${PAGE_BYTES[synchronous]}`);
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${synchronous}`);
  db.pragma(`wal_autocheckpoint = ${WAL_PAGE_BYTES_MAX / Number(pragmaOf(db, 'page_size'))}`);
  db.pragma(`journal_size_limit = ${WAL_BYTES_KEPT_MAX}`);
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma('foreign_keys = ON');
  // better-sqlite3 opens WAL with NORMAL, which loses acknowledged commits when power fails: read back, never assume.
  assertPragma(db, 'journal_mode', 'wal');
  assertPragma(db, 'synchronous', synchronous === 'FULL' ? 2 : 1);
  assertPragma(db, 'foreign_keys', 1);
}

/**
 * Opens a connection that reads, and copies the write-ahead log into the database (`checkpoint`); it changes no data.
 *
 * @throws SqliteError; WitanError `store_unavailable`
 */
export function openForCheckpoints(file: string): Database.Database {
  const db = new Database(file, { fileMustExist: true });
  configureForWriting(db, 'FULL');
  db.pragma('query_only = ON');
  return db;
}

/** Copies what is possible of the write-ahead log into the database without making the writer wait. */
export function checkpoint(db: Database.Database): void {
  db.pragma('wal_checkpoint(PASSIVE)');
}

/**
 * Copies all of the write-ahead log into the database and empties it, if nobody is in the way; waits for nobody.
 *
 * @returns whether it is empty now
 */
export function emptyWriteAheadLog(db: Database.Database): boolean {
  db.pragma('busy_timeout = 0');
  try {
    const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as readonly { readonly busy: number }[];
    return result?.busy === 0;
  } finally {
    db.pragma(`busy_timeout = ${BUSY_MS_MAX}`);
  }
}

/** Opens a connection that only reads. */
export function openForReading(file: string): Database.Database {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_MS_MAX });
  db.pragma('query_only = ON');
  return db;
}

/** A pragma's only value. */
export function pragmaOf(db: Database.Database, name: string): unknown {
  return db.pragma(name, { simple: true });
}

/** Runs `write` in one transaction: all of it is committed, or nothing. */
export function inTransaction<T>(db: Database.Database, write: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = write();
    db.exec('COMMIT');
    return result;
  } catch (thrown) {
    // SQLite has rolled back by itself after some faults (disk full, I/O).
    if (db.inTransaction) db.exec('ROLLBACK');
    throw thrown;
  }
}

function assertPragma(db: Database.Database, name: string, expected: string | number): void {
  const found = pragmaOf(db, name);
  if (found !== expected) {
    throw new WitanError(
      'store_unavailable',
      `SQLite did not accept \`${name} = ${expected}\` for \`${db.name}\`: it is \`${String(found)}\``,
    );
  }
}
