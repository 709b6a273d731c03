/** A log as it lies there, of which nothing is believed: what `verifyLog` reads. */
export interface LogSource {
  /** What is wrong with the file itself, in the words of what reads it; at most a few. */
  damage(): readonly string[];
  /** Verifier keys on record, oldest first. */
  readonly keys: readonly string[];
  /** Ids of the legal holds that stand. */
  readonly holds: readonly string[];
  /** The first sequence that is kept. */
  readonly minimumIndex: number;
  /** How many records there should be: the last sequence and one. */
  readonly size: number;
  /** Signed notes, by size. Of very many, the last ones. */
  readonly checkpoints: readonly StoredCheckpoint[];
  /**
   * Every record from the minimum index on, and any that stands before the first, in the order of the sequence.
   *
   * @throws WitanError `store_corrupt` where the file cannot be read, as the rest does
   */
  records(): Iterable<FoundRecord>;
  /** The hashes of a tile, one after the other. */
  tile(level: number, index: number): Buffer | undefined;
  /** What was masked in a record and is still there. */
  maskedValues(
    sequence: number,
  ): readonly { readonly pointer: string; readonly salt: Uint8Array; readonly value: string }[];
  /** What is wrong with a document that records name by this digest; `undefined` when nothing is. */
  documentFault(digest: string): string | undefined;
  /** The same for a bundle. */
  bundleFault(digest: string): string | undefined;
}

export interface StoredCheckpoint {
  /** As it is stored beside the note. */
  readonly size: number;
  readonly note: string;
}

export interface FoundRecord {
  readonly sequence: number;
  /** As it is stored beside the bytes. */
  readonly id: string;
  readonly bytes: Buffer;
}
