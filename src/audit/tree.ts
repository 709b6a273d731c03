import type { Subtree } from './merkle.js';

/** A checkpoint that the log has signed, and that is durable. */
export interface SignedCheckpoint {
  /** Records that it covers: those before this sequence. */
  readonly size: number;
  /** Root of the Merkle tree over them (RFC 6962, section 2.1). */
  readonly root: Buffer;
  /** The signed note (C2SP tlog-checkpoint), as it is published. */
  readonly note: string;
}

/** The log as a Merkle tree: what was appended is integrated, sealed by a checkpoint, and published. */
export interface LogTree {
  /** Verifier key (C2SP signed-note) of the key that signs; `undefined` in a log that is only read. */
  readonly signingKey: string | undefined;
  /** Verifier keys (C2SP signed-note) of the keys on record, oldest first. */
  keys(): Promise<readonly string[]>;
  /** The last checkpoint; `undefined` before the first. */
  checkpoint(): Promise<SignedCheckpoint | undefined>;
  /**
   * A checkpoint that covers the first `size` records; it is made when the last one does not.
   *
   * MUST resolve only when it is durable, and MUST NOT sign one that does not extend the last one signed.
   *
   * @throws WitanError `store_unavailable`, `store_corrupt`
   */
  seal(size: number): Promise<SignedCheckpoint>;
  /** The hashes of complete subtrees that lie within the last checkpoint. @throws WitanError `store_corrupt` when one is missing */
  nodes(subtrees: readonly Subtree[]): Promise<readonly Buffer[]>;
  /** The hashes of a tile (C2SP tlog-tiles) so far, one after the other; `undefined` when it has none. */
  tile(level: number, index: number): Promise<Buffer | undefined>;
}
