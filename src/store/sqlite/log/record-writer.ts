import type Database from 'better-sqlite3';
import type { MaskedValue } from '../../../audit/log.js';
import { messageOf } from '../../../errors.js';
import { changeApplier } from './apply-change.js';
import { ChangeRefused } from './change-refused.js';
import { inTransaction } from '../database.js';
import { MaskedValueRows } from './masked-value-rows.js';
import { codeOf } from '../sqlite-errors.js';
import type { RecordGroup, StoredChange } from './writer-protocol.js';

/** What became of a group. */
export interface Committed {
  /** The sequence of the first record that was kept; the others follow without a gap. */
  readonly first: number;
  /** Entries that cannot be stored, by their place in the group; nothing of them was kept. */
  readonly refused: readonly { readonly at: number; readonly message: string }[];
}

interface Entry {
  readonly id: string;
  readonly body: Buffer;
  readonly masked: readonly MaskedValue[];
  readonly changes: readonly StoredChange[];
}

/** Commits groups of records; it knows nothing of threads. */
export class RecordWriter {
  readonly #db: Database.Database;
  readonly #putRecord: Database.Statement;
  readonly #putDocument: Database.Statement;
  readonly #masked: MaskedValueRows;
  readonly #apply: (change: StoredChange) => void;
  readonly #readSize: Database.Statement;
  /** INVARIANT: the number of records in the database; it moves only after a commit. */
  #size: number;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#putRecord = db.prepare('INSERT INTO records (sequence, id, body) VALUES (?, ?, ?)');
    this.#putDocument = db.prepare(
      'INSERT INTO documents (digest, body) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING',
    );
    this.#masked = new MaskedValueRows(db);
    this.#apply = changeApplier(db);
    this.#readSize = db.prepare('SELECT coalesce(max(sequence) + 1, 0) FROM records').pluck();
    this.#size = this.#readSize.get() as number;
  }

  /** How many records are stored. */
  get size(): number {
    return this.#size;
  }

  /**
   * Commits the group in one transaction. If an entry itself cannot be stored, the group is rolled back and
   * tried again with a savepoint for each entry, so that nobody else fails with it.
   *
   * @throws SqliteError when the database cannot be written; nothing of the group is then kept
   */
  commit(group: RecordGroup): Committed {
    const entries = entriesOf(group);
    const first = this.#size;
    try {
      this.#commitTogether(group.documents, entries);
      return { first, refused: [] };
    } catch (thrown) {
      this.#size = this.#readSize.get() as number;
      if (!isEntrysFault(thrown)) throw thrown;
    }
    return this.#commitEach(group.documents, entries);
  }

  /** A durable write that leaves no record. */
  probe(): void {
    this.#db.exec('UPDATE probe SET writes = writes + 1');
  }

  #commitTogether(documents: RecordGroup['documents'], entries: readonly Entry[]): void {
    let sequence = this.#size;
    inTransaction(this.#db, () => {
      for (const [digest, text] of documents) this.#putDocument.run(digest, text);
      for (const entry of entries) {
        this.#put(sequence, entry);
        sequence += 1;
      }
    });
    this.#size = sequence;
  }

  #put(sequence: number, { id, body, masked, changes }: Entry): void {
    this.#putRecord.run(sequence, id, body);
    for (const value of masked) this.#masked.put(sequence, value);
    for (const change of changes) this.#apply(change);
  }

  /** All in one transaction still, so that a fault of the disk keeps nothing; only what each entry did is undone alone. */
  #commitEach(documents: RecordGroup['documents'], entries: readonly Entry[]): Committed {
    const first = this.#size;
    const refused: { at: number; message: string }[] = [];
    let sequence = first;
    inTransaction(this.#db, () => {
      for (const [digest, text] of documents) this.#putDocument.run(digest, text);
      for (const [at, entry] of entries.entries()) {
        this.#db.exec('SAVEPOINT entry');
        try {
          this.#put(sequence, entry);
          sequence += 1;
        } catch (thrown) {
          if (!isEntrysFault(thrown)) throw thrown;
          this.#db.exec('ROLLBACK TO entry');
          refused.push({ at, message: messageOf(thrown) });
        }
        this.#db.exec('RELEASE entry');
      }
    });
    this.#size = sequence;
    return { first, refused };
  }
}

function entriesOf({ bytes, ends, ids, masked, changes }: RecordGroup): readonly Entry[] {
  const changesAt = new Map<number, StoredChange[]>();
  for (const { at, change } of changes) {
    const here = changesAt.get(at);
    if (here === undefined) changesAt.set(at, [change]);
    else here.push(change);
  }
  const maskedAt = new Map(masked.map(({ at, values }) => [at, values]));
  return ids.map((id, at) => {
    const start = at === 0 ? 0 : (ends[at - 1] ?? 0);
    return {
      id,
      body: Buffer.from(bytes, start, (ends[at] ?? start) - start),
      masked: maskedAt.get(at) ?? [],
      changes: changesAt.get(at) ?? [],
    };
  });
}

function isEntrysFault(thrown: unknown): boolean {
  return thrown instanceof ChangeRefused || codeOf(thrown).startsWith('SQLITE_CONSTRAINT');
}
