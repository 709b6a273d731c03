import type { Kysely } from 'kysely';
import { unverifiedCheckpoint } from '../../../audit/checkpoint.js';
import { HASH_BYTES, type Subtree } from '../../../audit/merkle.js';
import { subtreeHash, tileOf } from '../../../audit/tile.js';
import type { LogTree, SignedCheckpoint } from '../../../audit/tree.js';
import { WitanError } from '../../../errors.js';
import { reading } from '../sqlite-errors.js';
import type { StoreTables } from '../tables.js';

/** Tiles that one statement reads. */
const TILES_MAX = 500;

/** Reads the tree of the log as it is stored. */
export class StoredTree implements Pick<LogTree, 'keys' | 'checkpoint' | 'nodes' | 'tile'> {
  readonly #dataDir: string;
  readonly #store: Kysely<StoreTables>;

  constructor(dataDir: string, store: Kysely<StoreTables>) {
    this.#dataDir = dataDir;
    this.#store = store;
  }

  keys(): Promise<readonly string[]> {
    return reading(this.#dataDir, async () => {
      const rows = await this.#store.selectFrom('log_keys').select('vkey').orderBy('position').execute();
      return rows.map(({ vkey }) => vkey);
    });
  }

  checkpoint(): Promise<SignedCheckpoint | undefined> {
    return reading(this.#dataDir, async () => {
      const row = await this.#store
        .selectFrom('checkpoints')
        .select('note')
        .orderBy('size', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { note } = row;
      // INVARIANT: it was verified when the log was opened, or signed since.
      const { size, root } = unverifiedCheckpoint(note);
      return { size, root, note };
    });
  }

  nodes(subtrees: readonly Subtree[]): Promise<readonly Buffer[]> {
    return reading(this.#dataDir, async () => {
      const places = subtrees.map(tileOf);
      const tiles = new Map<string, Buffer>();
      for (const [level, indices] of byLevel(places)) {
        for (let at = 0; at < indices.length; at += TILES_MAX) {
          const rows = await this.#store
            .selectFrom('tiles')
            .select(['tile', 'hashes'])
            .where('level', '=', level)
            .where('tile', 'in', indices.slice(at, at + TILES_MAX))
            .execute();
          for (const { tile, hashes } of rows) tiles.set(`${level}/${tile}`, hashes);
        }
      }
      return places.map(({ level, index, from, to }) => {
        const hashes = tiles.get(`${level}/${index}`);
        if (hashes !== undefined && hashes.length >= to * HASH_BYTES) return subtreeHash(hashes, from, to);
        throw new WitanError(
          'store_corrupt',
          `the tree of the log lacks hashes of tile ${index} of level ${level}`,
        );
      });
    });
  }

  tile(level: number, index: number): Promise<Buffer | undefined> {
    return reading(this.#dataDir, async () => {
      const row = await this.#store
        .selectFrom('tiles')
        .select('hashes')
        .where('level', '=', level)
        .where('tile', '=', index)
        .executeTakeFirst();
      return row?.hashes;
    });
  }
}

/** The tree of a log that is only read: its checkpoints are those that it has. */
export class ReadOnlyLogTree extends StoredTree implements LogTree {
  readonly signingKey = undefined;

  async seal(size: number): Promise<SignedCheckpoint> {
    const checkpoint = await this.checkpoint();
    if (checkpoint !== undefined && checkpoint.size >= size) return checkpoint;
    throw new WitanError(
      'store_unavailable',
      `the log is open for reading only, and its last checkpoint covers ${checkpoint?.size ?? 0} records, not ${size}`,
    );
  }
}

function byLevel(
  places: readonly { readonly level: number; readonly index: number }[],
): ReadonlyMap<number, readonly number[]> {
  const levels = new Map<number, Set<number>>();
  for (const { level, index } of places) {
    const indices = levels.get(level) ?? new Set();
    levels.set(level, indices.add(index));
  }
  return new Map([...levels].map(([level, indices]) => [level, [...indices]]));
}
