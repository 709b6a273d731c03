import type { AuditRecord } from './record.js';

/** A value that the record names by a commitment alone; kept beside it, and erasable. */
export interface MaskedValue {
  /** JSON pointer into the record's evaluation. */
  readonly pointer: string;
  /** 16 random bytes. */
  readonly salt: Uint8Array;
  /** JSON text of the value. */
  readonly value: string;
}

/**
 * A record on its way into the log.
 *
 * @typeParam Change what an act may change together with its record; `never` for those who only record
 */
export interface AuditEntry<Change = never> {
  readonly record: AuditRecord;
  /**
   * Documents that the record names by digest and that are stored once by content: digest → JSON text, or what makes
   * the text, which is called only for a document that the log does not know to be stored.
   */
  readonly documents?: ReadonlyMap<string, string | (() => string)>;
  /** What was masked before the record was hashed. */
  readonly masked?: readonly MaskedValue[];
  /** What the act changes: committed with its record, or not at all. */
  readonly changes?: readonly Change[];
}

/** Entries that were encoded in another process, in its order; they change nothing. */
export interface EncodedEntries {
  /** The records' bytes, one after the other: the very bytes that are stored. */
  readonly bytes: Uint8Array;
  /** Where each record ends. */
  readonly ends: readonly number[];
  readonly ids: readonly string[];
  /** Digest and JSON text of documents that the records name, and that the process does not know to be stored. */
  readonly documents: readonly (readonly [digest: string, text: string])[];
  /** What was masked in the record at place `at`. */
  readonly masked: readonly { readonly at: number; readonly values: readonly MaskedValue[] }[];
}

/** Where entries stand in the log that came together. */
export interface AuditPositions {
  /** The sequence of the first that was kept; the others follow without a gap. */
  readonly first: number;
  /** Those that could not be stored, by their places. */
  readonly refused: readonly { readonly at: number; readonly message: string }[];
}

/** A log that takes records from other processes too. */
export interface EncodedLog {
  /**
   * As `append` for all of them together: they stand in the log one after the other, and an entry that cannot be stored
   * does not make others fail.
   */
  appendEncoded(entries: EncodedEntries): Promise<AuditPositions>;
}

/** Where a record stands in the log. */
export interface AuditPosition {
  /** From 0, contiguous. */
  readonly sequence: number;
}

/**
 * The contract stands here, and one suite (`store/testing/audit-log-suite.ts`) tests every implementation.
 * A log that takes changes serves wherever one is asked for that takes fewer or none.
 */
export interface AuditLog<Change = never> {
  /**
   * MUST resolve only after the record, its documents and its changes are durable (fsync returned), and MUST reject
   * with `audit_unavailable` otherwise. MUST reject with `overloaded` at once, and keep nothing, when too many entries
   * are waiting. Sequences MUST be contiguous from 0, in the order of the calls. An entry that cannot be stored (an id
   * that is taken, a change that contradicts what is stored) MUST NOT make others fail.
   */
  append(entry: AuditEntry<Change>): Promise<AuditPosition>;
  /**
   * As `append` for each of them, in one: they stand in the log one after the other. MUST resolve only after all of them
   * are durable, and MUST reject with what befell the first that is not.
   */
  appendAll(entries: readonly AuditEntry<Change>[]): Promise<void>;
  /** Whether the last attempt to write succeeded; a failed log recovers with the next attempt that does. */
  healthy(): boolean;
  /** Attempts a durable write that leaves no record; resolves to whether it succeeded, and never rejects. */
  probe(): Promise<boolean>;
  /** MUST write what was accepted before it resolves. */
  close(): Promise<void>;
}
