import Database from 'better-sqlite3';
import { existsSync, rmSync } from 'node:fs';
import { WitanError } from '../../../errors.js';
import { configureForWriting, inTransaction, pragmaOf } from '../database.js';
import { recordIndexSchema } from '../migrate.js';
import { OpenColumns } from './open-columns.js';
import { OpenPostings } from './open-postings.js';
import { RecordTermReader } from './record-terms.js';
import { codeOf } from '../sqlite-errors.js';
import { TermDictionary } from './term-dictionary.js';

/** `WITX` in ASCII. */
const APPLICATION_ID = 0x57495458;
/** Grows with every change of `record-index.sql`, of what is indexed and of how it is encoded: an index of another version is built again. */
const VERSION = 2;
/** Larger, and fewer pages are written for a record; smaller, and whoever waits for a few records is told sooner. */
const BATCH_RECORDS_MAX = 4096;

/** Records that are read together: fewer cost more each, more are held in memory at once. */
const READ_RECORDS = 16;

/** A record's text is read as such: as bytes it would be copied once more. */
type LogRow = readonly [sequence: number, text: string];

/** Fills the index from the log; it knows nothing of threads. */
export class RecordIndexer {
  readonly #index: Database.Database;
  readonly #read: Database.Statement<[from: number, to: number, limit: number], LogRow>;
  readonly #idOf: Database.Statement<[sequence: number], string>;
  readonly #putState: Database.Statement<[size: number, lastId: string | null]>;
  readonly #dictionary: TermDictionary;
  readonly #terms: RecordTermReader;
  readonly #postings: OpenPostings;
  readonly #columns: OpenColumns;
  #size: number;

  private constructor(log: Database.Database, index: Database.Database) {
    this.#index = index;
    this.#read = log
      .prepare<[number, number, number], LogRow>(
        'SELECT sequence, CAST(body AS TEXT) FROM records WHERE sequence >= ? AND sequence < ? ORDER BY sequence LIMIT ?',
      )
      .raw();
    this.#idOf = log.prepare<[number], string>('SELECT id FROM records WHERE sequence = ?').pluck();
    this.#putState = index.prepare('UPDATE record_index_state SET size = ?, last_id = ?');
    this.#dictionary = new TermDictionary(index);
    this.#terms = new RecordTermReader(this.#dictionary);
    this.#postings = new OpenPostings(index);
    this.#columns = new OpenColumns(index);
    this.#size = index.prepare('SELECT size FROM record_index_state').pluck().get() as number;
  }

  /**
   * Opens the index of a log in `file`, or makes it anew when there is none, it is of another version or another log,
   * or is damaged.
   *
   * @throws SqliteError, and WitanError `store_unavailable` when it would have to be made anew and `mayRebuild` is false
   */
  static open(log: Database.Database, file: string, mayRebuild: boolean): RecordIndexer {
    const found = existsSync(file) ? openExisting(log, file) : undefined;
    if (found !== undefined) return new RecordIndexer(log, found);
    if (!mayRebuild) {
      throw new WitanError(
        'store_unavailable',
        `the index \`${file}\` is damaged; it is built again at the next start`,
      );
    }
    for (const leftover of ['', '-wal', '-shm']) rmSync(`${file}${leftover}`, { force: true });
    const index = new Database(file);
    configureForWriting(index, 'NORMAL');
    inTransaction(index, () => {
      index.exec(recordIndexSchema());
      index.pragma(`application_id = ${APPLICATION_ID}`);
      index.pragma(`user_version = ${VERSION}`);
    });
    return new RecordIndexer(log, index);
  }

  /** How many records are indexed: those before this sequence. */
  get size(): number {
    return this.#size;
  }

  /** Indexes records before sequence `upTo`, as many as go into one transaction. */
  indexBatch(upTo: number): void {
    if (this.#size >= upTo) return;
    try {
      this.#size = inTransaction(this.#index, () => this.#indexRows(upTo));
    } catch (thrown) {
      // What was made within the transaction is no longer there.
      this.#dictionary.forget();
      this.#terms.forget();
      this.#postings.forget();
      this.#columns.forget();
      throw thrown;
    }
  }

  close(): void {
    this.#index.close();
  }

  /** How many records are indexed then. */
  #indexRows(upTo: number): number {
    const from = this.#size;
    let size = from;
    for (let limit = BATCH_RECORDS_MAX; limit > 0; limit -= READ_RECORDS) {
      const rows = this.#read.all(size, upTo, Math.min(limit, READ_RECORDS));
      for (const [sequence, text] of rows) {
        this.#indexRow(sequence, text);
        size = sequence + 1;
      }
      if (rows.length < READ_RECORDS) break;
    }
    if (size === from) {
      throw new WitanError('store_corrupt', `the log ends at record ${from}, but ${upTo} were written`);
    }
    this.#postings.store();
    this.#columns.store();
    this.#putState.run(size, this.#idOf.get(size - 1) ?? null);
    return size;
  }

  #indexRow(sequence: number, text: string): void {
    this.#postings.moveTo(sequence);
    this.#columns.moveTo(sequence);
    const { time, column, findings, said } = this.#terms.termsOf(text, this.#postings.block);
    for (const term of column) if (term !== 0) this.#postings.add(term, sequence);
    for (const term of said) this.#postings.add(term, sequence);
    this.#columns.add(sequence, column, findings, time);
  }
}

/** The index in `file` if it is one of this log in this version. */
function openExisting(log: Database.Database, file: string): Database.Database | undefined {
  const index = new Database(file);
  try {
    if (pragmaOf(index, 'application_id') === APPLICATION_ID && pragmaOf(index, 'user_version') === VERSION) {
      configureForWriting(index, 'NORMAL');
      if (isOf(log, index)) return index;
    }
  } catch (thrown) {
    index.close();
    const code = codeOf(thrown);
    if (code !== 'SQLITE_NOTADB' && !code.startsWith('SQLITE_CORRUPT')) throw thrown;
    return undefined;
  }
  index.close();
  return undefined;
}

function isOf(log: Database.Database, index: Database.Database): boolean {
  const state = index.prepare('SELECT size, last_id FROM record_index_state').get() as
    { readonly size: number; readonly last_id: string | null } | undefined;
  if (state === undefined) return false;
  if (state.size === 0) return true;
  const id = log
    .prepare('SELECT id FROM records WHERE sequence = ?')
    .pluck()
    .get(state.size - 1);
  return id === state.last_id;
}
