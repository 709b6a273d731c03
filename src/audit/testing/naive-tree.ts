import { EMPTY_ROOT, leafHash, nodeHash, type ReadNode } from '../merkle.js';

/** MTH as RFC 6962, section 2.1, writes it down. */
export function treeHash(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return EMPTY_ROOT;
  if (leaves.length === 1) return first;
  const k = splitOf(leaves.length);
  return nodeHash(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

/** Hashes of so many different leaves. */
export function leavesOf(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, n) => leafHash(Buffer.from(`record ${n}`)));
}

/** Reads from the leaves; what reads beyond the tree fails. */
export function readerOf(leaves: readonly Buffer[]): ReadNode {
  return ({ level, index }) => {
    const [from, to] = [index * 2 ** level, (index + 1) * 2 ** level];
    if (to > leaves.length) throw new Error(`read beyond the tree: level ${level}, index ${index}`);
    return treeHash(leaves.slice(from, to));
  };
}

/** PATH(m, D[n]) of RFC 6962, section 2.1.1. */
export function pathOf(m: number, leaves: readonly Buffer[]): readonly Buffer[] {
  if (leaves.length === 1) return [];
  const k = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k ? [...pathOf(m, left), treeHash(right)] : [...pathOf(m - k, right), treeHash(left)];
}

/** SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2. */
export function subproofOf(m: number, leaves: readonly Buffer[], known: boolean): readonly Buffer[] {
  if (m === leaves.length) return known ? [] : [treeHash(leaves)];
  const k = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m <= k
    ? [...subproofOf(m, left, known), treeHash(right)]
    : [...subproofOf(m - k, right, false), treeHash(left)];
}

/** The largest power of two that is smaller than `n`. */
function splitOf(n: number): number {
  return n <= 2 ? 1 : 2 * splitOf(Math.ceil(n / 2));
}
