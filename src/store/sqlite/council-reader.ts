import type { Kysely } from 'kysely';
import type { CouncilContent } from '../../council/in-memory-council.js';
import type { Proposal } from '../../council/proposal.js';
import type { WaiverRequest } from '../../council/waiver-request.js';
import { readJson } from '../../document/json.js';
import type { CouncilReader } from '../store.js';
import { reading } from './sqlite-errors.js';
import type { StoreTables } from './tables.js';

/** Reads what the council has before it and had. */
export class SqliteCouncilReader implements CouncilReader {
  readonly #dataDir: string;
  readonly #store: Kysely<StoreTables>;

  constructor(dataDir: string, store: Kysely<StoreTables>) {
    this.#dataDir = dataDir;
    this.#store = store;
  }

  load(): Promise<CouncilContent> {
    return reading(this.#dataDir, async () => ({
      // INVARIANT: the writer stores bodies only as the changes brought them, so they are what their types say.
      proposals: (await this.#bodies('proposals')) as readonly Proposal[],
      waivers: (await this.#bodies('waivers')) as readonly WaiverRequest[],
    }));
  }

  impactOf(proposal: string): ReturnType<CouncilReader['impactOf']> {
    return reading(this.#dataDir, () =>
      this.#store
        .selectFrom('impacts')
        .select(['digest', 'body'])
        .where('proposal', '=', proposal)
        .executeTakeFirst(),
    );
  }

  /** In the order of their ids, which are whole numbers. */
  async #bodies(table: 'proposals' | 'waivers'): Promise<readonly unknown[]> {
    const rows = await this.#store.selectFrom(table).select(['id', 'body']).execute();
    return rows.sort((a, b) => Number(a.id) - Number(b.id)).map(({ body }) => readJson(body));
  }
}
