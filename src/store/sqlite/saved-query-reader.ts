import type { Kysely } from 'kysely';
import type { SavedQuery, SavedQueryReader } from '../../audit/saved-query.js';
import { reading } from './sqlite-errors.js';
import type { StoreTables } from './tables.js';

export class SqliteSavedQueryReader implements SavedQueryReader {
  readonly #dataDir: string;
  readonly #store: Kysely<StoreTables>;

  constructor(dataDir: string, store: Kysely<StoreTables>) {
    this.#dataDir = dataDir;
    this.#store = store;
  }

  byName(name: string): Promise<SavedQuery | undefined> {
    return reading(this.#dataDir, async () => {
      const row = await this.#store
        .selectFrom('saved_queries')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst();
      return row === undefined ? undefined : savedQuery(row);
    });
  }

  all(): Promise<readonly SavedQuery[]> {
    return reading(this.#dataDir, async () => {
      const rows = await this.#store.selectFrom('saved_queries').selectAll().orderBy('name').execute();
      return rows.map(savedQuery);
    });
  }
}

function savedQuery({ title, ...row }: StoreTables['saved_queries']): SavedQuery {
  return { ...row, ...(title !== null && { title }) };
}
