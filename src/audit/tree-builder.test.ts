import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HASH_BYTES, leafHash, rootOf } from './merkle.js';
import { subtreeHash, TILE_WIDTH, tileOf, tileWidth } from './tile.js';
import { TreeBuilder, type BuiltTile } from './tree-builder.js';

/** Two full tiles of the second level, and a piece of a third. */
const LEAVES = 2 * TILE_WIDTH ** 2 + 700;
const leaves = Array.from({ length: LEAVES }, (_, n) => leafHash(Buffer.from(String(n))));

/** Every hash of each level, by the definition: each is that of a full tile of the level below. */
const levels: Buffer[][] = [];
for (let hashes: Buffer[] = leaves; hashes.length > 0;) {
  levels.push(hashes);
  const below = hashes;
  hashes = Array.from({ length: Math.floor(below.length / TILE_WIDTH) }, (_, n) =>
    subtreeHash(Buffer.concat(below.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH)), 0, TILE_WIDTH),
  );
}

function naiveTile(level: number, index: number, size: number): Buffer {
  const width = tileWidth(level, index, size);
  return Buffer.concat(levels[level]?.slice(index * TILE_WIDTH, index * TILE_WIDTH + width) ?? []);
}

function naiveRoot(size: number): Buffer {
  return rootOf(size, (subtree) => {
    const { level, index, from, to } = tileOf(subtree);
    return subtreeHash(naiveTile(level, index, size), from, to);
  });
}

/** All tiles of a tree, by their place. */
function naiveTiles(size: number): ReadonlyMap<string, Buffer> {
  const tiles = new Map<string, Buffer>();
  for (let level = 0; tileWidth(level, 0, size) > 0; level += 1) {
    for (let index = 0; tileWidth(level, index, size) > 0; index += 1) {
      tiles.set(`${level}/${index}`, naiveTile(level, index, size));
    }
  }
  return tiles;
}

/** Tiles as texts, which are compared much faster than buffers. */
function textOf(tiles: ReadonlyMap<string, Buffer>): readonly string[] {
  return [...tiles].map(([place, hashes]) => `${place} ${hashes.toString('base64')}`).sort();
}

function keep(tiles: Map<string, Buffer>, changed: readonly BuiltTile[]): void {
  for (const { level, index, hashes } of changed) tiles.set(`${level}/${index}`, hashes);
}

const empty = (): TreeBuilder => TreeBuilder.resume(0, () => Buffer.alloc(0));

function appendUpTo(builder: TreeBuilder, size: number): void {
  for (const leaf of leaves.slice(builder.size, size)) builder.append(leaf);
}

/** Sizes at and beside the edges of tiles, and any other. */
const size = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 1200 }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: -2, max: 2 }))
      .map(([tiles, beside]) => Math.max(0, tiles * TILE_WIDTH + beside)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      TILE_WIDTH ** 2 - 1,
      TILE_WIDTH ** 2,
      TILE_WIDTH ** 2 + 1,
      2 * TILE_WIDTH ** 2,
      LEAVES,
    ),
  },
);
/** Sizes in their order: where tiles are taken. */
const stops = fc.array(size, { minLength: 1, maxLength: 6 }).map((sizes) => [...sizes].sort((a, b) => a - b));

describe('a tree that grows', () => {
  test('the tiles that were taken are those of the tree, whenever they are taken', () => {
    fc.assert(
      fc.property(stops, (sizes) => {
        const [builder, tiles] = [empty(), new Map<string, Buffer>()];
        for (const stop of sizes) {
          appendUpTo(builder, stop);
          keep(tiles, builder.takeChanged());
          expect(builder.takeChanged()).toEqual([]);
        }
        const last = sizes.at(-1) ?? 0;
        expect(builder.size).toBe(last);
        expect(builder.root()).toEqual(naiveRoot(last));
        expect(textOf(tiles)).toEqual(textOf(naiveTiles(last)));
      }),
      { numRuns: 25 },
    );
  });

  test('each tile is taken once for each time that it changed, and no other', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 600 }), (from, more) => {
        const builder = empty();
        appendUpTo(builder, from);
        builder.takeChanged();
        const to = Math.min(LEAVES, from + more);
        appendUpTo(builder, to);
        const taken = builder.takeChanged().map(({ level, index }) => `${level}/${index}`);
        const before = naiveTiles(from);
        const changed = [...naiveTiles(to)].filter(([place, hashes]) => !before.get(place)?.equals(hashes));
        expect([...taken].sort()).toEqual(changed.map(([place]) => place).sort());
      }),
      { numRuns: 25 },
    );
  });

  test('the partial tiles are those that are not full', () => {
    fc.assert(
      fc.property(size, (count) => {
        const builder = empty();
        appendUpTo(builder, count);
        const partial = builder.partialTiles().map(({ level, index }) => `${level}/${index}`);
        const expected = [...naiveTiles(count)].filter(
          ([, hashes]) => hashes.length < TILE_WIDTH * HASH_BYTES,
        );
        expect(partial).toEqual(expected.map(([place]) => place));
      }),
      { numRuns: 25 },
    );
  });
});

describe('a tree that is gone on with', () => {
  test('is the one that was built from the start, also from tiles that have grown since', () => {
    fc.assert(
      fc.property(size, fc.nat({ max: 700 }), fc.nat({ max: 600 }), (from, sinceThen, more) => {
        const grown = Math.min(LEAVES, from + sinceThen);
        const builder = TreeBuilder.resume(from, (level, index) => naiveTile(level, index, grown));
        expect(builder.size).toBe(from);
        expect(builder.root()).toEqual(naiveRoot(from));
        const to = Math.min(LEAVES, from + more);
        appendUpTo(builder, to);
        expect(builder.root()).toEqual(naiveRoot(to));
        const tiles = new Map(naiveTiles(from));
        keep(tiles, builder.takeChanged());
        expect(textOf(tiles)).toEqual(textOf(naiveTiles(to)));
      }),
      { numRuns: 25 },
    );
  });

  test('a tile with too few hashes, or that is not there, is refused', () => {
    fc.assert(
      fc.property(
        size.filter((count) => count > 0),
        fc.nat(),
        (count, which) => {
          // Every tile that the tree is resumed from, each of them short in turn.
          const asked: string[] = [];
          TreeBuilder.resume(count, (level, index) => {
            asked.push(`${level}/${index}`);
            return naiveTile(level, index, count);
          });
          const short = asked[which % asked.length];
          for (const hashes of [0, 1]) {
            expect(() =>
              TreeBuilder.resume(count, (level, index) => {
                const tile = naiveTile(level, index, count);
                if (`${level}/${index}` !== short) return tile;
                return hashes === 0 ? Buffer.alloc(0) : tile.subarray(0, -HASH_BYTES);
              }),
            ).toThrow(RangeError);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
