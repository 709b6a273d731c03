import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEntryBundle, writeEntryBundle } from './entry-bundle.js';
import { inclusionPlan, rootOf, subtreesOf, type Subtree } from './merkle.js';
import { leavesOf, readerOf, treeHash } from './testing/naive-tree.js';
import { parseTilePath, subtreeHash, TILE_WIDTH, tileOf, tilePath, tileWidth } from './tile.js';

describe('the path of a tile', () => {
  it.each([
    ['tile/0/000', 0, 0, 256],
    ['tile/0/x001/x234/067', 0, 1234067, 256],
    ['tile/0/x001/x234/067.p/1', 0, 1234067, 1],
    ['tile/63/999.p/255', 63, 999, 255],
    ['tile/1/x001/000', 1, 1000, 256],
    ['tile/entries/x273/000.p/112', 'entries', 273000, 112],
    ['tile/entries/x009/x007/x199/x254/x740/991', 'entries', Number.MAX_SAFE_INTEGER, 256],
  ] as const)('%s names it', (path, level, index, width) => {
    expect(tilePath(level, index, width)).toBe(path);
    expect(parseTilePath(path)).toEqual({ level, index, width });
  });

  it('comes back for every tile', () => {
    const level = fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const));
    fc.assert(
      fc.property(level, fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (l, index, width) => {
        expect(parseTilePath(tilePath(l, index, width))).toEqual({ level: l, index, width });
      }),
    );
  });

  it.each([
    '',
    'tile/0',
    'tile/0/',
    '/tile/0/000',
    'tile/0/000/',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/001/002',
    'tile/0/x000/001',
    'tile/0/x001',
    'tile/0/x001/x002',
    'tile/0/X001/002',
    'tile/00/000',
    'tile/01/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/+1/000',
    'tile/data/000',
    'tile/ENTRIES/000',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/',
    'tile/0/000.p',
    'tile/0/000.p/1/',
    'tile/0/000.p/-1',
    'tile/0/000\n',
    'tile/0/٠٠٠',
    'tile/0/%30%30%30',
    'tile/0/../0/000',
    'tile/entries/x009/x007/x199/x254/x740/992',
    'tile/0/x999/x999/x999/x999/x999/999',
    `tile/0/${'x999/'.repeat(1000)}999`,
  ])('is not `%s`', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });

  it.each([
    [64, 0, 256],
    [-1, 0, 256],
    [0, -1, 256],
    [0, 0.5, 256],
    [0, 2 ** 53, 256],
    [0, 0, 0],
    [0, 0, 257],
  ])('is not made for level %d, index %d, width %d', (level, index, width) => {
    expect(() => tilePath(level, index, width)).toThrow(RangeError);
  });
});

describe('the width of a tile', () => {
  it.each([
    // The tree of 70,000 records that C2SP tlog-tiles takes as its example.
    [0, 272, 70_000, 256],
    [0, 273, 70_000, 112],
    [0, 274, 70_000, 0],
    ['entries', 273, 70_000, 112],
    [1, 0, 70_000, 256],
    [1, 1, 70_000, 17],
    [1, 2, 70_000, 0],
    [2, 0, 70_000, 1],
    [3, 0, 70_000, 0],
    [0, 0, 256, 256],
    [1, 0, 256, 1],
    [0, 1, 256, 0],
    [1, 0, 255, 0],
    [0, 0, 0, 0],
    [6, 0, Number.MAX_SAFE_INTEGER, 31],
    [63, 0, Number.MAX_SAFE_INTEGER, 0],
  ] as const)('at level %s, index %d, in a tree of %d is %d', (level, index, size, expected) => {
    expect(tileWidth(level, index, size)).toBe(expected);
  });
});

describe('the hashes of tiles', () => {
  const SIZE = 1500;
  const leaves = leavesOf(SIZE);
  const read = readerOf(leaves);

  /** A tile as C2SP tlog-tiles defines it. */
  function tile(level: number, index: number): Buffer {
    const width = tileWidth(level, index, SIZE);
    const hashes = Array.from({ length: width }, (_, n) =>
      read({ level: 8 * level, index: index * 256 + n }),
    );
    return Buffer.concat(hashes);
  }

  function fromTile(subtree: Subtree): Buffer {
    const { level, index, from, to } = tileOf(subtree);
    return subtreeHash(tile(level, index), from, to);
  }

  it('make the root of every size, and every hash of a proof', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: SIZE }), fc.nat(), (size, which) => {
        expect(rootOf(size, fromTile)).toEqual(treeHash(leaves.slice(0, size)));
        for (const subtree of inclusionPlan(which % size, size).flat()) {
          expect(fromTile(subtree)).toEqual(read(subtree));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('lie in one tile for every subtree, up to the largest tree', () => {
    const bound = fc.maxSafeNat();
    fc.assert(
      fc.property(bound, bound, (one, other) => {
        for (const subtree of subtreesOf(Math.min(one, other), Math.max(one, other))) {
          const { level, index, from, to } = tileOf(subtree);
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(TILE_WIDTH);
          const first = (BigInt(index) * 256n + BigInt(from)) * 256n ** BigInt(level);
          expect(first).toBe(BigInt(subtree.index) * 2n ** BigInt(subtree.level));
          expect(BigInt(to - from) * 256n ** BigInt(level)).toBe(2n ** BigInt(subtree.level));
        }
      }),
    );
  });

  it.each([
    ['beyond the tile', 2, 4],
    ['of no hash', 1, 1],
    ['of three hashes', 0, 3],
    ['that does not begin at a multiple of its width', 1, 3],
    ['before the tile', -1, 0],
    ['between two hashes', 0.5, 1.5],
  ])('make no subtree %s', (_, from, to) => {
    expect(() => subtreeHash(Buffer.alloc(3 * 32), from, to)).toThrow(RangeError);
  });
});

describe('a bundle of entries', () => {
  it('gives its records back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 256 }), (drawn) => {
        const records = drawn.map((bytes) => Buffer.from(bytes));
        expect(readEntryBundle(writeEntryBundle(records))).toEqual(records);
      }),
    );
  });

  it('puts the length before each record, in two bytes', () => {
    expect(
      writeEntryBundle([Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(258, 1)]).subarray(0, 8),
    ).toEqual(Buffer.from([0, 2, 0x61, 0x62, 0, 0, 1, 2]));
  });

  it('carries records of up to 65,535 bytes, and no more than 256', () => {
    const longest = Buffer.alloc(65_535, 1);
    expect(readEntryBundle(writeEntryBundle([longest]))).toEqual([longest]);
    expect(() => writeEntryBundle([Buffer.alloc(65_536)])).toThrow('record 0 of the bundle has 65536 bytes');
    const many = Array.from({ length: 257 }, () => Buffer.of(1));
    expect(() => writeEntryBundle(many)).toThrow(RangeError);
    expect(readEntryBundle(Buffer.concat(many.map(() => Buffer.from([0, 1, 1]))))).toBeUndefined();
  });

  it('is none when it ends within a record or a length', () => {
    const bundle = writeEntryBundle([Buffer.from('abc')]);
    for (let length = 1; length < bundle.length; length += 1) {
      expect(readEntryBundle(bundle.subarray(0, length))).toBeUndefined();
    }
    expect(readEntryBundle(Buffer.alloc(0))).toEqual([]);
  });
});
