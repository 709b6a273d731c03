import { hash } from 'node:crypto';

/**
 * The Merkle tree of the log: RFC 6962, section 2.1, with SHA-256. Indices and sizes are whole numbers up to 2^53 - 1,
 * so they are halved by division: bitwise operators would cut them to 32 bits.
 */
export const HASH_BYTES = 32;

const LEAF = 0;
const NODE = 1;

/** The root of the tree without a leaf: SHA-256 of nothing. */
export const EMPTY_ROOT: Buffer = sha256(Buffer.alloc(0));

/** Longer records are copied to memory of their own. */
const SCRATCH_BYTES = 64 * 1024;
// INVARIANT: leafHash fills and reads it in one go, and nothing else touches it; its first byte stays.
const scratch = Buffer.alloc(SCRATCH_BYTES, LEAF);

/** The hash of a record as a leaf: SHA-256(0x00 ‖ record). */
export function leafHash(record: Uint8Array): Buffer {
  const end = 1 + record.length;
  if (end > SCRATCH_BYTES) return sha256(Buffer.concat([Buffer.of(LEAF), record]));
  scratch.set(record, 1);
  return sha256(scratch.subarray(0, end));
}

// INVARIANT: nodeHash fills and reads it in one go, and nothing else touches it.
const children = Buffer.alloc(1 + 2 * HASH_BYTES, NODE);

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    throw new RangeError(`a hash has ${HASH_BYTES} bytes`);
  }
  children.set(left, 1);
  children.set(right, 1 + HASH_BYTES);
  return sha256(children);
}

function sha256(bytes: Uint8Array): Buffer {
  // A text of one character for each byte is made in half the time that a buffer takes.
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary');
}

/** The complete subtree over the leaves from `index * 2^level` up to, and without, `(index + 1) * 2^level`. */
export interface Subtree {
  /** 0 for a leaf. */
  readonly level: number;
  readonly index: number;
}

/**
 * The fewest complete subtrees over the leaves from `from` up to, and without, `to`, from left to right. Appended one by
 * one they bring a frontier of size `from` to size `to`.
 *
 * @throws RangeError when not 0 ≤ from ≤ to ≤ 2^53 - 1
 */
export function subtreesOf(from: number, to: number): readonly Subtree[] {
  if (!isCount(from) || !isCount(to) || from > to) {
    throw new RangeError(`the leaves from ${from} to ${to} are not a range`);
  }
  const subtrees: Subtree[] = [];
  for (let start = from; start < to;) {
    let [level, width] = [0, 1];
    while (start % (2 * width) === 0 && width <= (to - start) / 2) {
      level += 1;
      width *= 2;
    }
    subtrees.push({ level, index: start / width });
    start += width;
  }
  return subtrees;
}

/** The right edge of a growing tree: the hashes of the complete subtrees that make it up, from left to right. */
export class Frontier {
  #size: number;
  readonly #hashes: Buffer[];

  /**
   * A frontier of a size that it had before; the empty one without arguments.
   *
   * @param hashes as its `hashes` were at that size
   * @throws RangeError when there are not as many as the size has complete subtrees
   */
  constructor(size = 0, hashes: readonly Uint8Array[] = []) {
    const expected = subtreesOf(0, size).length;
    if (hashes.length !== expected || !hashes.every(isHash)) {
      throw new RangeError(`a tree of ${size} leaves has a frontier of ${expected} hashes`);
    }
    this.#size = size;
    this.#hashes = hashes.map((each) => Buffer.from(each));
  }

  /** How many leaves the tree has. */
  get size(): number {
    return this.#size;
  }

  /** The hashes of `subtreesOf(0, size)`. */
  get hashes(): readonly Buffer[] {
    return [...this.#hashes];
  }

  copy(): Frontier {
    return new Frontier(this.#size, this.#hashes);
  }

  /**
   * Appends a leaf, or a complete subtree of 2^level leaves.
   *
   * @throws RangeError when the subtree does not begin at a multiple of its width, or the tree grows beyond 2^53 - 1
   */
  append(appended: Uint8Array, level = 0): void {
    const width = 2 ** level;
    if (!isHash(appended) || !isCount(level) || this.#size % width !== 0 || !isCount(this.#size + width)) {
      throw new RangeError(`no subtree of level ${level} can follow ${this.#size} leaves`);
    }
    let merged: Buffer = Buffer.from(appended);
    // One subtree for each 1 in the binary form of the size: appending carries, as adding 1 does.
    for (let count = this.#size / width; count % 2 === 1; count = (count - 1) / 2) {
      const left = this.#hashes.pop();
      if (left === undefined) throw new Error(`a frontier of size ${this.#size} lacks a hash`);
      merged = nodeHash(left, merged);
    }
    this.#hashes.push(merged);
    this.#size += width;
  }

  root(): Buffer {
    return foldRight(this.#hashes);
  }
}

/** The hash of a range of leaves, from the hashes of its subtrees. */
function foldRight(hashes: readonly Buffer[]): Buffer {
  return hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** Reads the hash of a complete subtree that lies within the tree. */
export type ReadNode = (subtree: Subtree) => Buffer;

/**
 * How the hashes of a proof are made: for each of them the subtrees that it is folded from. What must fetch hashes
 * beforehand fetches those of `plan.flat()`, and then calls `hashesOf`.
 */
export type HashPlan = readonly (readonly Subtree[])[];

/** The hashes of a plan. */
export function hashesOf(plan: HashPlan, readNode: ReadNode): readonly Buffer[] {
  return plan.map((subtrees) => foldRight(subtrees.map(readNode)));
}

/** The root of the tree of the first `size` leaves. */
export function rootOf(size: number, readNode: ReadNode): Buffer {
  return foldRight(subtreesOf(0, size).map(readNode));
}

/**
 * What an inclusion proof (RFC 6962, section 2.1.1) is made of, from the leaf's sibling upwards.
 *
 * @throws RangeError when the tree has no such leaf
 */
export function inclusionPlan(index: number, size: number): HashPlan {
  if (!isCount(index) || !isCount(size) || index >= size) {
    throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`);
  }
  const plan: (readonly Subtree[])[] = [];
  for (let [from, to] = [0, size]; to - from > 1;) {
    const middle = splitOf(from, to);
    if (index < middle) {
      plan.push(subtreesOf(middle, to));
      to = middle;
    } else {
      plan.push(subtreesOf(from, middle));
      from = middle;
    }
  }
  return plan.reverse();
}

/**
 * What a consistency proof (RFC 6962, section 2.1.2) is made of; nothing for two trees of one size.
 *
 * @throws RangeError when not 1 ≤ first ≤ second ≤ 2^53 - 1: nothing can be proved of the empty tree
 */
export function consistencyPlan(first: number, second: number): HashPlan {
  if (!isCount(first) || !isCount(second) || first < 1 || first > second) {
    throw new RangeError(`no consistency proof leads from ${first} to ${second} leaves`);
  }
  const plan: (readonly Subtree[])[] = [];
  let [from, to] = [0, second];
  while (first < to) {
    const middle = splitOf(from, to);
    if (first <= middle) {
      plan.push(subtreesOf(middle, to));
      to = middle;
    } else {
      plan.push(subtreesOf(from, middle));
      from = middle;
    }
  }
  // Who asks knows the first root, and so this hash if it is that root.
  if (from > 0) plan.push(subtreesOf(from, to));
  return plan.reverse();
}

/** Where RFC 6962 splits a range of more than one leaf: after the largest power of two that is smaller than it. */
function splitOf(from: number, to: number): number {
  let width = 1;
  while (2 * width < to - from) width *= 2;
  return from + width;
}

/** That the leaf `index` is in the tree of `size` leaves: the hashes from its sibling up to a child of the root. */
export function inclusionProof(index: number, size: number, readNode: ReadNode): readonly Buffer[] {
  return hashesOf(inclusionPlan(index, size), readNode);
}

/** That the first `first` leaves of the tree of `second` leaves are the tree of `first` leaves. */
export function consistencyProof(first: number, second: number, readNode: ReadNode): readonly Buffer[] {
  return hashesOf(consistencyPlan(first, second), readNode);
}

/** Whether it can be an index or a size. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES;
}
