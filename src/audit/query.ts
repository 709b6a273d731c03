import type { RecordKind } from './record.js';

/** What to look for; every member narrows. Times are half-open: `from` ≤ time < `to`. */
export interface RecordFilter {
  readonly kind?: RecordKind;
  /** The subject's id. */
  readonly subject?: string;
  /** The resource's id. */
  readonly resource?: string;
  readonly action?: string;
  readonly domain?: string;
  readonly consumer_domain?: string;
  readonly decision?: boolean;
  readonly code?: string;
  readonly caller?: string;
  readonly revision?: number;
  /** RFC 3339. */
  readonly from?: string;
  /** RFC 3339. */
  readonly to?: string;
}

export interface RecordQuery extends RecordFilter {
  readonly order: 'newest' | 'oldest';
  /** 1 to 1,000. */
  readonly limit: number;
  /** From the previous page; stable while records are added. */
  readonly cursor?: string;
}

/** A record as stored: the exact bytes that were hashed, and where they stand. */
export interface StoredRecord {
  readonly sequence: number;
  readonly bytes: Buffer;
}

export interface RecordPage {
  readonly records: readonly StoredRecord[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface RecordReader {
  /**
   * MUST see every record that was acknowledged before the call.
   *
   * @throws WitanError `invalid_request` for a cursor of another query, a limit out of bounds or a time that is none
   */
  query(query: RecordQuery): Promise<RecordPage>;
  byId(id: string): Promise<StoredRecord | undefined>;
  /** A document that records name by digest: JSON text. */
  document(digest: string): Promise<string | undefined>;
  /** How many records the log holds. */
  size(): Promise<number>;
}
