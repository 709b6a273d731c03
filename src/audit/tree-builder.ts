import { Frontier, HASH_BYTES, subtreesOf } from './merkle.js';
import { subtreeHash, TILE_HEIGHT, TILE_WIDTH, tileOf } from './tile.js';

/** A tile with the hashes that it has so far, one after the other. */
export interface BuiltTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Buffer;
}

/** The tile at the right edge of a level; it may be empty. */
interface EdgeTile {
  index: number;
  hashes: Buffer[];
}

/** Grows the tree of the log leaf by leaf, and says which tiles changed. */
export class TreeBuilder {
  /** Of the leaves in full tiles; those after them stand at the edge, and are hashed together when their tile is full. */
  readonly #frontier: Frontier;
  readonly #edge: EdgeTile[];
  /** Tiles that were filled since they were last taken. */
  #full: BuiltTile[] = [];
  #touchedLevels = 0;

  private constructor(frontier: Frontier, edge: EdgeTile[]) {
    this.#frontier = frontier;
    this.#edge = edge;
  }

  /**
   * Goes on from a tree that was built before.
   *
   * @param readTile the hashes of a tile of that tree, as many as it then had or more
   * @throws RangeError when a tile has too few
   */
  static resume(size: number, readTile: (level: number, index: number) => Buffer): TreeBuilder {
    const hashes = subtreesOf(0, size - (size % TILE_WIDTH)).map((subtree) => {
      const { level, index, from, to } = tileOf(subtree);
      return subtreeHash(readTile(level, index), from, to);
    });
    const edge: EdgeTile[] = [];
    for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
      const index = Math.floor(count / TILE_WIDTH);
      const width = count % TILE_WIDTH;
      edge.push({ index, hashes: width === 0 ? [] : hashesIn(readTile(level, index), width) });
    }
    return new TreeBuilder(new Frontier(size - (size % TILE_WIDTH), hashes), edge);
  }

  get size(): number {
    return this.#frontier.size + (this.#edge[0]?.hashes.length ?? 0);
  }

  /** It costs a hash for each leaf at the edge. */
  root(): Buffer {
    const frontier = this.#frontier.copy();
    for (const leaf of this.#edge[0]?.hashes ?? []) frontier.append(leaf);
    return frontier.root();
  }

  append(leaf: Buffer): void {
    let hash = leaf;
    for (let level = 0; ; level += 1) {
      const edge = (this.#edge[level] ??= { index: 0, hashes: [] });
      edge.hashes.push(hash);
      this.#touchedLevels = Math.max(this.#touchedLevels, level + 1);
      if (edge.hashes.length < TILE_WIDTH) return;
      const tile = { level, index: edge.index, hashes: Buffer.concat(edge.hashes) };
      this.#full.push(tile);
      this.#edge[level] = { index: edge.index + 1, hashes: [] };
      hash = subtreeHash(tile.hashes, 0, TILE_WIDTH);
      if (level === 0) this.#frontier.append(hash, TILE_HEIGHT);
    }
  }

  /** The tiles that changed since the last call. */
  takeChanged(): readonly BuiltTile[] {
    const changed = [...this.#full, ...partialTiles(this.#edge.slice(0, this.#touchedLevels))];
    this.#full = [];
    this.#touchedLevels = 0;
    return changed;
  }

  /** The tiles at the right edge that are not full. */
  partialTiles(): readonly BuiltTile[] {
    return partialTiles(this.#edge);
  }
}

function partialTiles(edge: readonly EdgeTile[]): readonly BuiltTile[] {
  return edge.flatMap(({ index, hashes }, level) =>
    hashes.length === 0 ? [] : [{ level, index, hashes: Buffer.concat(hashes) }],
  );
}

function hashesIn(tile: Buffer, width: number): Buffer[] {
  if (tile.length < width * HASH_BYTES) {
    throw new RangeError(`a tile has ${tile.length / HASH_BYTES} hashes where there should be ${width}`);
  }
  return Array.from({ length: width }, (_, at) => tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}
