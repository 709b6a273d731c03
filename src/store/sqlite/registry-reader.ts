import { readJson } from '../../document/json.js';
import type { Kysely } from 'kysely';
import type { RegistryContent } from '../../registry/in-memory-registry.js';
import type { HeldProduct } from '../../registry/held-products.js';
import type { Domain, Entity } from '../../registry/registry.js';
import type { RegistryReader } from '../store.js';
import { reading } from './sqlite-errors.js';
import type { StoreTables } from './tables.js';

/** Products that are read together. */
const PAGE = 2000;

/** Reads what is registered. */
export class SqliteRegistryReader implements RegistryReader {
  readonly #dataDir: string;
  readonly #store: Kysely<StoreTables>;
  readonly #found: (digest: string) => void;

  /** @param found told of each document that is read, by its digest */
  constructor(
    dataDir: string,
    store: Kysely<StoreTables>,
    found: (digest: string) => void = () => undefined,
  ) {
    this.#dataDir = dataDir;
    this.#store = store;
    this.#found = found;
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
    const products: HeldProduct[] = [];
    for (let after: string | undefined; ;) {
      const rows = await this.#page(after);
      const metadata = joined(rows.map(({ body }) => body));
      for (const [index, { id, domain, digest, registered_at, updated_at }] of rows.entries()) {
        this.#found(digest);
        products.push({
          id,
          ...(domain === null ? {} : { domain }),
          // INVARIANT: there is one for each row.
          metadata: metadata[index] as Buffer,
          digest,
          registeredAt: registered_at,
          updatedAt: updated_at,
        });
      }
      if (rows.length < PAGE) return products;
      after = rows.at(-1)?.id;
    }
  }

  #page(after: string | undefined) {
    return this.#store
      .selectFrom('products')
      .innerJoin('documents', 'documents.digest', 'products.digest')
      .select(['id', 'domain', 'products.digest', 'registered_at', 'updated_at', 'body'])
      .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
      .orderBy('id')
      .limit(PAGE)
      .execute();
  }
}

/**
 * Texts as UTF-8, one behind the other in the same memory: memory of its own for each of a hundred thousand would set off
 * collections of garbage all the time.
 */
function joined(texts: readonly string[]): readonly Buffer[] {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const all = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  return texts.map((text, index) => {
    const start = at;
    at += lengths[index] ?? 0;
    all.write(text, start);
    return all.subarray(start, at);
  });
}
