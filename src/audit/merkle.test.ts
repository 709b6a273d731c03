import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consistencyPlan,
  consistencyProof,
  EMPTY_ROOT,
  Frontier,
  HASH_BYTES,
  inclusionPlan,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  subtreesOf,
} from './merkle.js';
import { leavesOf, pathOf, readerOf, subproofOf, treeHash } from './testing/naive-tree.js';

const LARGEST = Number.MAX_SAFE_INTEGER;

describe('the hashes of RFC 6962', () => {
  it.each([
    ['of the empty tree', EMPTY_ROOT, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [
      'of an empty leaf',
      leafHash(Buffer.alloc(0)),
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    ],
    [
      'of a leaf',
      leafHash(Buffer.from('L123456')),
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    ],
    [
      'of a node',
      nodeHash(Buffer.from('N123N123N123N123N123N123N123N123'), Buffer.alloc(32, 'x')),
      '8802ac4403a58300ad9dff31af9d3256701f5e2902c278628017de21bb0e9009',
    ],
  ])('are known %s', (_, found, expected) => {
    expect(found.toString('hex')).toBe(expected);
  });

  it('tell a leaf from a node over the same bytes', () => {
    const [left, right] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });

  it('are not made of what is no hash', () => {
    expect(() => nodeHash(Buffer.alloc(31), Buffer.alloc(32))).toThrow(RangeError);
    expect(() => nodeHash(Buffer.alloc(32), Buffer.alloc(33))).toThrow(RangeError);
  });
});

const size = fc.integer({ min: 0, max: 200 });

describe('the subtrees of a range', () => {
  it.each([
    [0, 0, []],
    [0, 1, [[0, 0]]],
    [0, 7, [[2, 0], [1, 2], [0, 6]]], // prettier-ignore
    [3, 12, [[0, 3], [2, 1], [2, 2]]], // prettier-ignore
    [5, 8, [[0, 5], [1, 3]]], // prettier-ignore
    [2 ** 52, 2 ** 52 + 3, [[1, 2 ** 51], [0, 2 ** 52 + 2]]], // prettier-ignore
    [2 ** 31, 2 ** 33, [[31, 1], [32, 1]]], // prettier-ignore
  ])('from %d to %d', (from, to, expected) => {
    expect(subtreesOf(from, to).map(({ level, index }) => [level, index])).toEqual(expected);
  });

  it('cover it without a gap, in as few as there can be', () => {
    const bound = fc.oneof(fc.maxSafeNat(), fc.nat(1000));
    fc.assert(
      fc.property(bound, bound, (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        let next = from;
        for (const { level, index } of subtreesOf(from, to)) {
          const width = 2 ** level;
          expect(index * width).toBe(next);
          // The next wider one would begin elsewhere or reach too far.
          expect(next % (2 * width) === 0 && width <= (to - next) / 2).toBe(false);
          next += width;
        }
        expect(next).toBe(to);
        expect(subtreesOf(from, to).length).toBeLessThanOrEqual(106);
      }),
    );
  });

  it.each([
    [-1, 4],
    [2, 1],
    [0.5, 4],
    [0, Number.NaN],
    [0, 2 ** 53],
    [0, Number.POSITIVE_INFINITY],
  ])('are refused from %d to %d', (from, to) => {
    expect(() => subtreesOf(from, to)).toThrow(RangeError);
  });
});

describe('a frontier', () => {
  it('has the root of the naive tree at every size', () => {
    const leaves = leavesOf(70);
    const frontier = new Frontier();
    expect(frontier.root()).toEqual(EMPTY_ROOT);
    for (const [index, leaf] of leaves.entries()) {
      frontier.append(leaf);
      expect(frontier.size).toBe(index + 1);
      expect(frontier.root()).toEqual(treeHash(leaves.slice(0, index + 1)));
      expect(frontier.root()).toEqual(rootOf(index + 1, readerOf(leaves)));
    }
  });

  it('grows by the subtrees of a range as by its leaves', () => {
    fc.assert(
      fc.property(size, size, (one, other) => {
        const leaves = leavesOf(Math.max(one, other));
        const from = Math.min(one, other);
        const frontier = new Frontier();
        for (const leaf of leaves.slice(0, from)) frontier.append(leaf);
        for (const subtree of subtreesOf(from, leaves.length)) {
          frontier.append(readerOf(leaves)(subtree), subtree.level);
        }
        expect(frontier.size).toBe(leaves.length);
        expect(frontier.root()).toEqual(treeHash(leaves));
        expect(frontier.hashes).toEqual(subtreesOf(0, leaves.length).map(readerOf(leaves)));
      }),
      { numRuns: 50 },
    );
  });

  it('is restored from its hashes, and a copy grows apart from it', () => {
    const leaves = leavesOf(45);
    const frontier = new Frontier();
    for (const leaf of leaves.slice(0, 44)) frontier.append(leaf);
    const before = frontier.root();
    const copy = frontier.copy();
    const restored = new Frontier(44, frontier.hashes);
    for (const each of [copy, restored]) {
      each.append(leaves[44]!);
      expect(each.root()).toEqual(treeHash(leaves));
    }
    expect(frontier.size).toBe(44);
    expect(frontier.root()).toEqual(before);
  });

  it('keeps its own hashes, whatever becomes of the bytes that it was given', () => {
    const leaf = Buffer.alloc(HASH_BYTES, 7);
    const frontier = new Frontier();
    frontier.append(leaf);
    const restored = new Frontier(1, [leaf]);
    leaf.fill(0);
    expect(frontier.root()).toEqual(Buffer.alloc(HASH_BYTES, 7));
    expect(restored.root()).toEqual(Buffer.alloc(HASH_BYTES, 7));
  });

  it.each([
    ['a subtree that does not begin at a multiple of its width', 3, 1],
    ['a subtree that is wider than what stands before it', 4, 3],
    ['a level below the leaves', 0, -1],
    ['a level between two', 0, 0.5],
    ['a tree beyond 2^53 - 1 leaves', 0, 53],
  ])('refuses %s', (_, leaves, level) => {
    const frontier = new Frontier();
    for (const leaf of leavesOf(leaves)) frontier.append(leaf);
    expect(() => {
      frontier.append(Buffer.alloc(HASH_BYTES), level);
    }).toThrow(RangeError);
    expect(frontier.root()).toEqual(treeHash(leavesOf(leaves)));
  });

  it('refuses what is no hash, and a number of hashes that its size does not have', () => {
    expect(() => {
      new Frontier().append(Buffer.alloc(31));
    }).toThrow(RangeError);
    expect(() => new Frontier(3, [EMPTY_ROOT])).toThrow(RangeError);
    expect(() => new Frontier(1, [Buffer.alloc(33)])).toThrow(RangeError);
    expect(() => new Frontier(-1)).toThrow(RangeError);
  });

  it('counts exactly up to the largest size', () => {
    const hashes = subtreesOf(0, LARGEST - 1).map(({ index }) => leafHash(Buffer.from(String(index))));
    const frontier = new Frontier(LARGEST - 1, hashes);
    frontier.append(EMPTY_ROOT);
    expect(frontier.size).toBe(LARGEST);
    expect(frontier.hashes).toHaveLength(53);
    expect(() => {
      frontier.append(EMPTY_ROOT);
    }).toThrow(RangeError);
  });
});

describe('proofs', () => {
  it('are those of RFC 6962, for every leaf and every pair of sizes up to 40', () => {
    const all = leavesOf(40);
    for (let second = 1; second <= all.length; second += 1) {
      const leaves = all.slice(0, second);
      for (let m = 0; m < second; m += 1) {
        expect(inclusionProof(m, second, readerOf(leaves))).toEqual(pathOf(m, leaves));
        expect(consistencyProof(m + 1, second, readerOf(leaves))).toEqual(subproofOf(m + 1, leaves, true));
      }
    }
  });

  it('are planned for the largest trees', () => {
    expect(inclusionPlan(LARGEST - 1, LARGEST)).toHaveLength(52);
    expect(inclusionPlan(0, LARGEST)).toHaveLength(53);
    expect(consistencyPlan(2 ** 52, LARGEST)).toHaveLength(1);
    for (const { level, index } of inclusionPlan(12345, LARGEST).flat()) {
      expect((index + 1) * 2 ** level).toBeLessThanOrEqual(LARGEST);
    }
  });

  it.each([
    [0, 0],
    [5, 5],
    [-1, 5],
    [0.5, 5],
    [0, Number.NaN],
    [0, 2 ** 53],
  ])('are not made of leaf %d in a tree of %d', (index, size) => {
    expect(() => inclusionPlan(index, size)).toThrow(RangeError);
  });

  it.each([
    [0, 5],
    [6, 5],
    [-1, 5],
    [1.5, 5],
    [1, 2 ** 53],
  ])('are not made from %d leaves to %d', (first, second) => {
    expect(() => consistencyPlan(first, second)).toThrow(RangeError);
  });
});
