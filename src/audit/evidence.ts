import type { StoredRecord } from './query.js';

/** A value that was masked, as the store still has it. */
export interface StoredMaskedValue {
  /** JSON pointer into the record's evaluation. */
  readonly pointer: string;
  /** 16 bytes. */
  readonly salt: Buffer;
  /** JSON text. */
  readonly value: string;
}

/** A legal hold that stands. */
export interface Hold {
  readonly id: string;
  /** Which records it covers, in the grammar of record queries. */
  readonly query: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly placed_at: string;
}

/** Reads what stands beside the records. */
export interface EvidenceReader {
  /** What was masked in a record and has not been erased, in the order of the pointers. */
  maskedValues(sequence: number): Promise<readonly StoredMaskedValue[]>;
  /** The holds that stand, oldest first. */
  holds(): Promise<readonly Hold[]>;
  /** The records from a sequence up to, and without, another, as far as they are kept. */
  span(from: number, to: number): Promise<readonly StoredRecord[]>;
}
