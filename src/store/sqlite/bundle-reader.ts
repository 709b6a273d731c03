import type { Kysely } from 'kysely';
import type { BundleFile } from '../../policy/bundle.js';
import type { BundleReader, CurrentRevision } from '../store.js';
import { reading } from './sqlite-errors.js';
import type { StoreTables } from './tables.js';

/** Reads bundles and revisions. */
export class SqliteBundleReader implements BundleReader {
  readonly #dataDir: string;
  readonly #store: Kysely<StoreTables>;

  constructor(dataDir: string, store: Kysely<StoreTables>) {
    this.#dataDir = dataDir;
    this.#store = store;
  }

  current(): Promise<CurrentRevision | undefined> {
    return reading(this.#dataDir, async () => {
      const rows = await this.#store
        .selectFrom('revisions')
        .selectAll()
        .where('revision', '=', (query) =>
          query.selectFrom('revisions').select(({ fn }) => fn.max('revision').as('last')),
        )
        .orderBy('layer')
        .execute();
      const [first] = rows;
      if (first === undefined) return undefined;
      return { revision: first.revision, layers: rows.map(({ layer, digest }) => ({ layer, digest })) };
    });
  }

  historyOf(layer: string): ReturnType<BundleReader['historyOf']> {
    return reading(this.#dataDir, async () => {
      const rows = await this.#store
        .selectFrom('revisions')
        .select(['revision', 'digest'])
        .where('layer', '=', layer)
        .orderBy('revision')
        .execute();
      return rows.filter(({ digest }, index) => rows[index - 1]?.digest !== digest).reverse();
    });
  }

  byDigest(digest: string): ReturnType<BundleReader['byDigest']> {
    return reading(this.#dataDir, async () => {
      const row = await this.#store
        .selectFrom('bundles')
        .select(['layer', 'files'])
        .where('digest', '=', digest)
        .executeTakeFirst();
      // INVARIANT: the writer stores files only as `put_bundle` brought them.
      return row && { layer: row.layer, files: JSON.parse(row.files) as readonly BundleFile[] };
    });
  }
}
