import Database from 'better-sqlite3';
import { existsSync, rmSync } from 'node:fs';
import { WitanError } from '../../../errors.js';
import { configureForWriting, inTransaction, pragmaOf } from '../database.js';
import { recordIndexSchema } from '../migrate.js';
import { OpenColumns } from './open-columns.js';
import { OpenPostings } from './open-postings.js';
import { indexedRecord, SINGLE_FIELDS } from './record-fields.js';
import { codeOf } from '../sqlite-errors.js';
import { TermDictionary } from './term-dictionary.js';

/** `WITX` in ASCII. */
const APPLICATION_ID = 0x57495458;
/** Grows with every change of `record-index.sql`, of what is indexed and of how it is encoded: an index of another version is built again. */
const VERSION = 2;
/** Larger, and fewer pages are written for a record; smaller, and whoever waits for a few records is told sooner. */
const BATCH_RECORDS_MAX = 4096;

/** A record's text is read as such: as bytes it would be copied once more. */
type LogRow = readonly [sequence: number, id: string, text: string];

/** Fills the index from the log; it knows nothing of threads. */
export class RecordIndexer {
  readonly #index: Database.Database;
  readonly #read: Database.Statement<[from: number, to: number, limit: number], LogRow>;
  readonly #putState: Database.Statement<[size: number, lastId: string]>;
  readonly #terms: TermDictionary;
  readonly #postings: OpenPostings;
  readonly #columns: OpenColumns;
  #size: number;

  private constructor(log: Database.Database, index: Database.Database) {
    this.#index = index;
    this.#read = log
      .prepare<[number, number, number], LogRow>(
        'SELECT sequence, id, CAST(body AS TEXT) FROM records WHERE sequence >= ? AND sequence < ? ORDER BY sequence LIMIT ?',
      )
      .raw();
    this.#putState = index.prepare('UPDATE record_index_state SET size = ?, last_id = ?');
    this.#terms = new TermDictionary(index);
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
    let last: LogRow | undefined;
    // One by one: records may be large, and only a few values of each are needed.
    for (const row of this.#read.iterate(this.#size, upTo, BATCH_RECORDS_MAX)) {
      this.#indexRow(row);
      last = row;
    }
    if (last === undefined) {
      throw new WitanError('store_corrupt', `the log ends at record ${this.#size}, but ${upTo} were written`);
    }
    this.#postings.store();
    this.#columns.store();
    const [sequence, id] = last;
    this.#putState.run(sequence + 1, id);
    return sequence + 1;
  }

  #indexRow([sequence, , json]: LogRow): void {
    const { time, values, findings, texts } = indexedRecord(json);
    this.#postings.moveTo(sequence);
    this.#columns.moveTo(sequence);
    const { block } = this.#postings;
    const column: number[] = [];
    for (const [at, field] of SINGLE_FIELDS.entries()) {
      const value = values[at] ?? null;
      const term = value === null ? 0 : this.#terms.termOf(field, value, block);
      if (term !== 0) this.#postings.add(term, sequence);
      column.push(term);
    }
    const held: number[] = [];
    for (const members of findings) {
      const { finding, terms } = this.#terms.findingOf(members, block);
      if (held.includes(finding)) continue;
      held.push(finding);
      for (const term of terms) this.#postings.add(term, sequence);
    }
    for (const text of texts) {
      for (const word of this.#terms.wordsOf(text, block)) this.#postings.add(word, sequence);
    }
    this.#columns.add(sequence, column, held, time);
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
