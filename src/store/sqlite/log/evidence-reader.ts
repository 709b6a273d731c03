import type { Kysely } from 'kysely';
import type { EvidenceReader, Hold, StoredMaskedValue } from '../../../audit/evidence.js';
import type { StoredRecord } from '../../../audit/query.js';
import { reading } from '../sqlite-errors.js';
import type { StoreTables } from '../tables.js';

/** Reads what stands beside the records: masked values, holds, and where the log begins. */
export class SqliteEvidenceReader implements EvidenceReader {
  readonly #dataDir: string;
  readonly #store: Kysely<StoreTables>;

  constructor(dataDir: string, store: Kysely<StoreTables>) {
    this.#dataDir = dataDir;
    this.#store = store;
  }

  maskedValues(sequence: number): Promise<readonly StoredMaskedValue[]> {
    return reading(this.#dataDir, () =>
      this.#store
        .selectFrom('masked_values')
        .select(['pointer', 'salt', 'value'])
        .where('sequence', '=', sequence)
        .where('erased', '=', 0)
        .orderBy('pointer')
        .execute(),
    );
  }

  holds(): Promise<readonly Hold[]> {
    return reading(this.#dataDir, () =>
      this.#store
        .selectFrom('holds')
        .select(['id', 'query', 'reason', 'placed_at'])
        .orderBy('placed_at')
        .orderBy('id')
        .execute(),
    );
  }

  span(from: number, to: number): Promise<readonly StoredRecord[]> {
    return reading(this.#dataDir, () =>
      this.#store
        .selectFrom('records')
        .select(['sequence', 'body as bytes'])
        .where('sequence', '>=', from)
        .where('sequence', '>=', (bounds) => bounds.selectFrom('log_bounds').select('minimum_index'))
        .where('sequence', '<', to)
        .orderBy('sequence')
        .execute(),
    );
  }
}
