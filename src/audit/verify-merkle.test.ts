import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../document/json.js';
import { consistencyProof, inclusionProof, leafHash } from './merkle.js';
import { leavesOf, readerOf, treeHash } from './testing/naive-tree.js';
import { verifyConsistency, verifyInclusion } from './verify-merkle.js';

const VECTORS = '../shared/vectors/merkle';

/** A vector's `proof` is null where it is empty; numbers beyond 2^53 come as bigints. */
function vectorsOf(name: string): readonly any[] {
  return readJson(readFileSync(`${VECTORS}/${name}.json`, 'utf8')) as any[];
}

function bytes(base64: string | null): Buffer {
  return Buffer.from(base64 ?? '', 'base64');
}

function listOf(proof: readonly string[] | null): readonly Buffer[] {
  return (proof ?? []).map(bytes);
}

describe.skipIf(!existsSync(VECTORS))('the vectors of RFC 6962 (skipped without ../shared)', () => {
  it('decide 98 inclusion proofs', () => {
    const vectors = vectorsOf('inclusion');
    expect(vectors).toHaveLength(98);
    expect(vectors.some(({ leafIdx }) => leafIdx === 18446744073709551615n)).toBe(true);
    const verdicts = vectors.map((vector) => ({
      case: vector.case,
      wantErr: !verifyInclusion({
        index: vector.leafIdx,
        size: vector.treeSize,
        leaf: bytes(vector.leafHash),
        proof: listOf(vector.proof),
        root: bytes(vector.root),
      }),
    }));
    expect(verdicts).toEqual(vectors.map((vector) => ({ case: vector.case, wantErr: vector.wantErr })));
  });

  it('decide 98 consistency proofs', () => {
    const vectors = vectorsOf('consistency');
    expect(vectors).toHaveLength(98);
    const verdicts = vectors.map((vector) => ({
      case: vector.case,
      wantErr: !verifyConsistency({
        first: vector.size1,
        second: vector.size2,
        firstRoot: bytes(vector.root1),
        secondRoot: bytes(vector.root2),
        proof: listOf(vector.proof),
      }),
    }));
    expect(verdicts).toEqual(vectors.map((vector) => ({ case: vector.case, wantErr: vector.wantErr })));
  });
});

const SIZE_MAX = 300;
const leaves = leavesOf(SIZE_MAX);
const roots = Array.from({ length: SIZE_MAX + 1 }, (_, size) => treeHash(leaves.slice(0, size)));
const read = readerOf(leaves);

const leafOfTree = fc
  .integer({ min: 1, max: SIZE_MAX })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }));
const twoSizes = fc
  .integer({ min: 1, max: SIZE_MAX })
  .chain((second) => fc.record({ second: fc.constant(second), first: fc.integer({ min: 1, max: second }) }));

function flipped(hash: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(hash);
  changed[Math.floor(bit / 8)]! ^= 1 << (bit % 8);
  return changed;
}

/** Every way to flip one bit of one hash of the proof, drawn by two numbers. */
function flippedIn(proof: readonly Buffer[], which: number, bit: number): readonly Buffer[] {
  const at = which % proof.length;
  return proof.map((hash, n) => (n === at ? flipped(hash, bit) : hash));
}

const bit = fc.integer({ min: 0, max: 255 });
const whole = fc.integer({ min: 0, max: 52 });

describe('an inclusion proof', () => {
  function claimOf({ index, size }: { index: number; size: number }) {
    const proof = inclusionProof(index, size, read);
    return { index, size, leaf: leaves[index]!, proof, root: roots[size]! };
  }

  it('holds when it was made for the leaf and the tree', () => {
    fc.assert(
      fc.property(leafOfTree, (place) => {
        expect(verifyInclusion(claimOf(place))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('does not hold with one bit changed in the leaf, the root, the index or the proof', () => {
    fc.assert(
      fc.property(leafOfTree, bit, whole, fc.nat(), (place, at, exponent, which) => {
        const claim = claimOf(place);
        expect(verifyInclusion({ ...claim, leaf: flipped(claim.leaf, at) })).toBe(false);
        expect(verifyInclusion({ ...claim, root: flipped(claim.root, at) })).toBe(false);
        const index = claim.index ^ (2 ** (exponent % 31));
        expect(verifyInclusion({ ...claim, index })).toBe(false);
        expect(verifyInclusion({ ...claim, index: claim.index + 2 ** exponent })).toBe(false);
        if (claim.proof.length > 0) {
          expect(verifyInclusion({ ...claim, proof: flippedIn(claim.proof, which, at) })).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not hold with a hash more, a hash less, or two hashes exchanged', () => {
    fc.assert(
      fc.property(leafOfTree, fc.nat(), (place, which) => {
        const claim = claimOf(place);
        const { proof } = claim;
        const at = which % (proof.length + 1);
        const more = [...proof.slice(0, at), leafHash(Buffer.of(at)), ...proof.slice(at)];
        expect(verifyInclusion({ ...claim, proof: more })).toBe(false);
        if (proof.length < 1) return;
        expect(verifyInclusion({ ...claim, proof: proof.filter((_, n) => n !== which % proof.length) })).toBe(
          false,
        );
        if (proof.length < 2) return;
        expect(verifyInclusion({ ...claim, proof: [...proof].reverse() })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  const honest = claimOf({ index: 5, size: 8 });
  it.each<[string, object]>([
    ['a negative index', { index: -1 }],
    ['an index beyond the tree', { index: 8 }],
    ['an index that is no whole number', { index: 5.5 }],
    ['an index that is NaN', { index: Number.NaN }],
    ['an index as text', { index: '5' }],
    ['a bigint', { index: 5n }],
    ['an empty tree', { size: 0 }],
    ['a negative size', { size: -8 }],
    ['an infinite size', { size: Number.POSITIVE_INFINITY }],
    ['a size beyond 2^53', { size: 2 ** 60 }],
    ['no leaf', { leaf: undefined }],
    ['a leaf that is too short', { leaf: honest.leaf.subarray(1) }],
    ['a leaf as text', { leaf: honest.leaf.toString('latin1') }],
    ['a root that is too long', { root: Buffer.concat([honest.root, Buffer.of(0)]) }],
    ['no proof', { proof: null }],
    ['a proof with a hole', { proof: [honest.proof[0], undefined, honest.proof[2]] }],
    ['a proof with a short hash', { proof: [honest.proof[0], honest.proof[1], Buffer.alloc(31)] }],
    ['a proof of ten thousand hashes', { proof: Array.from({ length: 10_000 }, () => honest.root) }],
  ])('is refused without a throw: %s', (_, odd) => {
    expect(verifyInclusion(honest)).toBe(true);
    expect(verifyInclusion({ ...honest, ...odd })).toBe(false);
  });
});

describe('a consistency proof', () => {
  function claimOf({ first, second }: { first: number; second: number }) {
    const proof = consistencyProof(first, second, read);
    return { first, second, firstRoot: roots[first]!, secondRoot: roots[second]!, proof };
  }

  it('holds when it was made for the two trees', () => {
    fc.assert(
      fc.property(twoSizes, (sizes) => {
        expect(verifyConsistency(claimOf(sizes))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('does not hold with one bit changed in a root, the first size or the proof', () => {
    fc.assert(
      fc.property(twoSizes, bit, whole, fc.nat(), (sizes, at, exponent, which) => {
        const claim = claimOf(sizes);
        expect(verifyConsistency({ ...claim, firstRoot: flipped(claim.firstRoot, at) })).toBe(false);
        expect(verifyConsistency({ ...claim, secondRoot: flipped(claim.secondRoot, at) })).toBe(false);
        expect(verifyConsistency({ ...claim, first: claim.first ^ (2 ** (exponent % 31)) })).toBe(false);
        if (claim.proof.length > 0) {
          expect(verifyConsistency({ ...claim, proof: flippedIn(claim.proof, which, at) })).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not hold for a tree in which an earlier leaf differs', () => {
    fc.assert(
      fc.property(twoSizes, fc.nat(), ({ first, second }, which) => {
        const forged = [...leaves];
        forged[which % first] = leafHash(Buffer.from('forged'));
        const proof = consistencyProof(first, second, readerOf(forged));
        const secondRoot = treeHash(forged.slice(0, second));
        expect(verifyConsistency({ first, second, firstRoot: roots[first]!, secondRoot, proof })).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  const honest = claimOf({ first: 6, second: 8 });
  it.each<[string, object]>([
    ['the empty tree', { first: 0 }],
    ['a negative size', { first: -6 }],
    ['a size that is no whole number', { first: 6.5 }],
    ['a size as text', { first: '6' }],
    ['a bigint', { second: 8n }],
    ['an earlier tree that is larger', { first: 9 }],
    ['an infinite size', { second: Number.POSITIVE_INFINITY }],
    ['a size beyond 2^53', { second: 2 ** 60 }],
    ['a root that is too short', { firstRoot: honest.firstRoot.subarray(1) }],
    ['no root', { secondRoot: undefined }],
    ['no proof', { proof: undefined }],
    ['an empty proof', { proof: [] }],
    ['a proof with a hole', { proof: [honest.proof[0], null, honest.proof[2]] }],
    ['a proof of ten thousand hashes', { proof: Array.from({ length: 10_000 }, () => honest.firstRoot) }],
    ['a proof between equal sizes', { first: 8, firstRoot: honest.secondRoot }],
  ])('is refused without a throw: %s', (_, odd) => {
    expect(verifyConsistency(honest)).toBe(true);
    expect(verifyConsistency({ ...honest, ...odd })).toBe(false);
  });
});
