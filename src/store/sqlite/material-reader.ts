import type Database from 'better-sqlite3';
import type { StoredRecord } from '../../audit/query.js';
import { readJson } from '../../document/json.js';
import type { NormalForm } from '../../product/metadata.js';
import type { Domain, RegisteredProduct } from '../../registry/registry.js';
import { openForReading } from './database.js';

/** INVARIANT: each goes by a key, so that no statement runs for long and holds up the write-ahead log. */
const READS = {
  size: 'SELECT coalesce(max(sequence) + 1, 0) FROM records',
  minimum: 'SELECT minimum_index FROM log_bounds WHERE id = 1',
  back: 'SELECT sequence, body AS bytes FROM records WHERE sequence >= ? AND sequence < ? ORDER BY sequence DESC LIMIT 1000',
  body: 'SELECT body FROM records WHERE sequence = ?',
  document: 'SELECT body FROM documents WHERE digest = ?',
  domains: 'SELECT body FROM domains ORDER BY path',
  products: 'SELECT count(*) FROM products',
  page: `SELECT id, domain, products.digest, registered_at, updated_at, body FROM products
    JOIN documents ON documents.digest = products.digest WHERE id > ? ORDER BY id LIMIT 100`,
} as const;

const BATCH_BYTES_MAX = 4 * 1024 * 1024;

interface ProductRow {
  readonly id: string;
  readonly domain: string | null;
  readonly digest: string;
  readonly registered_at: string;
  readonly updated_at: string;
  readonly body: string;
}

/**
 * Reads all of a log and of what is registered, a little at a time, beside those who write: what an impact is made
 * from. It runs in a thread that may be kept waiting.
 */
export class MaterialReader {
  readonly #db: Database.Database;
  readonly #body: Database.Statement<[sequence: number], Buffer>;
  readonly #document: Database.Statement<[digest: string], string>;

  private constructor(db: Database.Database) {
    this.#db = db;
    this.#body = db.prepare<[number], Buffer>(READS.body).pluck();
    this.#document = db.prepare<[string], string>(READS.document).pluck();
  }

  /** @throws SqliteError when the file cannot be read */
  static open(logFile: string): MaterialReader {
    return new MaterialReader(openForReading(logFile));
  }

  /** How many records the log has had: the sequence that the next one gets. */
  size(): number {
    return this.#one(READS.size);
  }

  /** The first sequence that is kept. */
  minimumIndex(): number {
    return this.#one(READS.minimum);
  }

  /** Records from before `to` back to `from`, newest first, in batches. */
  *newestFirst(from: number, to: number): Generator<readonly StoredRecord[], void, undefined> {
    const back = this.#db.prepare<[number, number], StoredRecord>(READS.back);
    for (let before = to; before > from;) {
      const batch: StoredRecord[] = [];
      let bytes = 0;
      for (const record of back.iterate(from, before)) {
        batch.push(record);
        bytes += record.bytes.length;
        if (bytes >= BATCH_BYTES_MAX) break;
      }
      const last = batch.at(-1);
      if (last === undefined) return;
      before = last.sequence;
      yield batch;
    }
  }

  /** Records at these sequences, read at one moment; `undefined` in the place of one that was pruned meanwhile. */
  records(sequences: readonly number[]): readonly (Buffer | undefined)[] {
    return this.#atOnce(() => sequences.map((sequence) => this.#body.get(sequence)));
  }

  /** JSON text of a document that a record names. */
  document(digest: string): string | undefined {
    return this.#document.get(digest);
  }

  // INVARIANT: the writer stores bodies only as the changes brought them, so they are what their types say.

  domains(): readonly Domain[] {
    const rows = this.#db.prepare<[], { readonly body: string }>(READS.domains).all();
    return rows.map(({ body }) => readJson(body) as Domain);
  }

  productCount(): number {
    return this.#one(READS.products);
  }

  /** In the order of their ids. */
  *products(): Generator<RegisteredProduct, void, undefined> {
    const page = this.#db.prepare<[string], ProductRow>(READS.page);
    for (let after = ''; ;) {
      const rows = page.all(after);
      for (const { id, domain, digest, registered_at, updated_at, body } of rows) {
        yield {
          id,
          ...(domain !== null && { domain }),
          ...(readJson(body) as NormalForm),
          digest,
          registeredAt: registered_at,
          updatedAt: updated_at,
        };
      }
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.id;
    }
  }

  close(): void {
    this.#db.close();
  }

  /** Reads in one transaction, so that no statement need lock for itself. */
  #atOnce<T>(read: () => T): T {
    this.#db.exec('BEGIN');
    try {
      return read();
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  /** INVARIANT: each of these answers one row with one number. */
  #one(sql: string): number {
    return this.#db.prepare<[], number>(sql).pluck().get() as number;
  }
}
