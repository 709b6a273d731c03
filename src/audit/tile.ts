import { HASH_BYTES, isCount, nodeHash, type Subtree } from './merkle.js';

/** Levels of the tree between the hashes of a tile and those of the tiles above it (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8;
/** Hashes, or records, of a full tile. */
export const TILE_WIDTH = 2 ** TILE_HEIGHT;
const LEVEL_MAX = 63;
/** `tile/entries/`, six groups of digits for 2^53, `.p/255`. */
const PATH_CHARACTERS_MAX = 48;

/** Level of the tiles with hashes: 0 has those of leaves. `entries` is that of the bundles with the records themselves. */
export type TileLevel = number | 'entries';

/** A tile by its place, as its path names it. */
export interface TileName {
  readonly level: TileLevel;
  /** Within its level, from 0. */
  readonly index: number;
  /** Hashes or records in it: 1 to 256; less than 256 is a partial tile. */
  readonly width: number;
}

/**
 * The path of a tile (C2SP tlog-tiles): `tile/<level>/<index in groups of three digits>[.p/<width>]`.
 *
 * @throws RangeError when there is no such tile
 */
export function tilePath(level: TileLevel, index: number, width = TILE_WIDTH): string {
  const levelExists = level === 'entries' || (isCount(level) && level <= LEVEL_MAX);
  if (!levelExists || !isCount(index) || !isCount(width) || width < 1 || width > TILE_WIDTH) {
    throw new RangeError(`there is no tile ${index} of width ${width} at level ${level}`);
  }
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/.{3}/g) ?? [];
  const path = groups.map((group, n) => (n < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** Reads the path of a tile. Every tile has one path alone: any other text is none. */
export function parseTilePath(path: string): TileName | undefined {
  if (path.length > PATH_CHARACTERS_MAX) return undefined;
  const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (match === null) return undefined;
  const [, level = '', groups = '', width = String(TILE_WIDTH)] = match;
  const name: TileName = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: Number(width),
  };
  const exists =
    (name.level === 'entries' || name.level <= LEVEL_MAX) &&
    isCount(name.index) &&
    name.width >= 1 &&
    name.width <= TILE_WIDTH;
  return exists && tilePath(name.level, name.index, name.width) === path ? name : undefined;
}

/** How many hashes, or records, a tile has in a tree of `size` leaves: 256 when it is full, 0 when it is not there. */
export function tileWidth(level: TileLevel, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
  return Math.min(Math.max(hashes - index * TILE_WIDTH, 0), TILE_WIDTH);
}

/** Where a tile has what makes a subtree: its hashes from `from` up to, and without, `to`. */
export interface TileRange {
  readonly level: number;
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

/** The tile that a subtree is computed from: the highest that has hashes below it, or the hash itself. */
export function tileOf(subtree: Subtree): TileRange {
  const level = Math.floor(subtree.level / TILE_HEIGHT);
  const width = 2 ** (subtree.level % TILE_HEIGHT);
  const start = subtree.index * width;
  const from = start % TILE_WIDTH;
  return { level, index: (start - from) / TILE_WIDTH, from, to: from + width };
}

/**
 * The hash of a subtree, from the hashes of a tile that make it up.
 *
 * @param tileHashes the bytes of a tile, full or partial
 * @throws RangeError when the tile has not so many hashes, or the range is no complete subtree
 */
export function subtreeHash(tileHashes: Uint8Array, from: number, to: number): Buffer {
  const width = to - from;
  const complete = width >= 1 && Number.isInteger(Math.log2(width)) && from >= 0 && from % width === 0;
  if (!complete || to * HASH_BYTES > tileHashes.length) {
    throw new RangeError(`a tile of ${tileHashes.length} bytes has no subtree from hash ${from} to ${to}`);
  }
  if (width === 1) return Buffer.from(tileHashes.subarray(from * HASH_BYTES, to * HASH_BYTES));
  const middle = from + width / 2;
  return nodeHash(subtreeHash(tileHashes, from, middle), subtreeHash(tileHashes, middle, to));
}
