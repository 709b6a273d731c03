import type { Kysely } from 'kysely';
import { readJson } from '../../document/json.js';
import type { Token } from '../../identity/token.js';
import type { TokenReader } from '../store.js';
import { reading } from './sqlite-errors.js';
import type { StoreTables } from './tables.js';

/** Reads tokens: hashes of their secrets, and whom they speak for. */
export class SqliteTokenReader implements TokenReader {
  readonly #dataDir: string;
  readonly #store: Kysely<StoreTables>;

  constructor(dataDir: string, store: Kysely<StoreTables>) {
    this.#dataDir = dataDir;
    this.#store = store;
  }

  load(): Promise<readonly Token[]> {
    return reading(this.#dataDir, async () => {
      const rows = await this.#store.selectFrom('tokens').select('body').orderBy('id').execute();
      // INVARIANT: the writer stores bodies only as the changes brought them, so they are tokens; their ids follow the time.
      return rows.map(({ body }) => readJson(body) as Token);
    });
  }
}
