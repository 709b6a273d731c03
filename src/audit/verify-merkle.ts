import { isCount, isHash, nodeHash } from './merkle.js';

/** What says that a leaf is in a tree. The size is bound to the root by whoever signed both, not by the proof. */
export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  /** Hash of the leaf. */
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** Whether an inclusion proof holds (RFC 9162, section 2.1.3.2). Whatever is odd does not hold; nothing throws. */
export function verifyInclusion({ index, size, leaf, proof, root }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (!isHash(leaf) || !isHash(root) || !areHashes(proof)) return false;
  let [node, last] = [index, size - 1];
  let found: Uint8Array = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      found = nodeHash(sibling, found);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      found = nodeHash(found, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && areEqual(found, root);
}

/** What says that a tree begins with the leaves of an earlier one. */
export interface ConsistencyClaim {
  /** Size of the earlier tree. */
  readonly first: number;
  /** Size of the later tree. */
  readonly second: number;
  readonly firstRoot: Uint8Array;
  readonly secondRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * Whether a consistency proof holds (RFC 9162, section 2.1.4.2). Whatever is odd does not hold, and neither does
 * anything that is said of the empty tree; nothing throws.
 */
export function verifyConsistency({
  first,
  second,
  firstRoot,
  secondRoot,
  proof,
}: ConsistencyClaim): boolean {
  if (!isCount(first) || !isCount(second) || first < 1 || first > second) return false;
  if (!areHashes(proof)) return false;
  // One and the same tree: nothing is hashed, and equal is all that the roots have to be.
  if (first === second) return proof.length === 0 && areEqual(firstRoot, secondRoot);
  if (!isHash(firstRoot) || !isHash(secondRoot)) return false;

  let [node, last] = [first - 1, second - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  // `node` is 0 when the first tree is complete: its root is a node of the second tree, and is not sent.
  const [start, ...rest] = node === 0 ? [firstRoot, ...proof] : proof;
  if (start === undefined) return false;

  let [older, newer] = [start, start];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [older, newer] = [nodeHash(sibling, older), nodeHash(sibling, newer)];
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      newer = nodeHash(newer, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && areEqual(older, firstRoot) && areEqual(newer, secondRoot);
}

function half(value: number): number {
  return Math.floor(value / 2);
}

/** Both are public, so the time that it takes tells nothing. */
function areEqual(one: unknown, other: unknown): boolean {
  return one instanceof Uint8Array && other instanceof Uint8Array && Buffer.compare(one, other) === 0;
}

function areHashes(values: unknown): values is readonly Uint8Array[] {
  return Array.isArray(values) && values.every(isHash);
}
