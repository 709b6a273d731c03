import { readJson } from '../../document/json.js';
import { sql, type Kysely } from 'kysely';
import type { RegistryContent } from '../../registry/in-memory-registry.js';
import type { HeldProduct } from '../../registry/held-products.js';
import type { Domain, Entity } from '../../registry/registry.js';
import type { RegistryReader } from '../store.js';
import { reading } from './sqlite-errors.js';
import type { StoreTables } from './tables.js';

/** Reads what is registered. */
export class SqliteRegistryReader implements RegistryReader {
  readonly #dataDir: string;
  readonly #store: Kysely<StoreTables>;

  constructor(dataDir: string, store: Kysely<StoreTables>) {
    this.#dataDir = dataDir;
    this.#store = store;
  }

  load(): Promise<RegistryContent> {
    return reading(this.#dataDir, async () => ({
      domains: await this.#domains(),
      entities: await this.#entities(),
      products: await this.#products(),
    }));
  }

  // INVARIANT: the writer stores bodies only as the changes brought them, so they are what their types say.

  async #domains(): Promise<readonly Domain[]> {
    const rows = await this.#store.selectFrom('domains').select('body').orderBy('path').execute();
    return rows.map(({ body }) => readJson(body) as Domain);
  }

  async #entities(): Promise<readonly Entity[]> {
    const rows = await this.#store
      .selectFrom('entities')
      .select('body')
      .orderBy('type')
      .orderBy('id')
      .execute();
    return rows.map(({ body }) => readJson(body) as Entity);
  }

  async #products(): Promise<readonly HeldProduct[]> {
    const rows = await this.#store
      .selectFrom('products')
      .innerJoin('documents', 'documents.digest', 'products.digest')
      .select(['id', 'domain', 'products.digest', 'registered_at', 'updated_at'])
      // As bytes: they are parsed when somebody asks.
      .select(sql<Buffer>`cast(body AS blob)`.as('metadata'))
      .orderBy('id')
      .execute();
    return rows.map(({ id, domain, digest, registered_at, updated_at, metadata }) => ({
      id,
      ...(domain === null ? {} : { domain }),
      metadata,
      digest,
      registeredAt: registered_at,
      updatedAt: updated_at,
    }));
  }
}
