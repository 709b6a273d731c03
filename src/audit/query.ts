import type { RecordKind } from './record.js';

/** How a policy bound when it said what a record holds. */
export const ENFORCEMENT_LEVELS = ['hard', 'soft', 'advisory', 'shadow'] as const;
export type EnforcementLevel = (typeof ENFORCEMENT_LEVELS)[number];

/** What a finding comes to. */
export const FINDING_OUTCOMES = ['error', 'deny', 'permit', 'abstain'] as const;
export type FindingOutcome = (typeof FINDING_OUTCOMES)[number];

/**
 * What to look for; every member narrows. Times are half-open: `from` ≤ time < `to`.
 *
 * `policy`, `layer`, `enforcement`, `outcome` and `waiver` ask for one finding that has all of them. Findings that
 * only abstained are not looked through. An act (a ballot, a waiver, a quarantine …) counts as one finding with the
 * `policy`, `layer` and `waiver` that it names.
 */
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
  /** The caller's id. */
  readonly caller?: string;
  readonly revision?: number;
  /** The proposal that an act belongs to. */
  readonly proposal?: string;
  readonly policy?: string;
  readonly layer?: string;
  readonly enforcement?: EnforcementLevel;
  readonly outcome?: FindingOutcome;
  readonly waiver?: string;
  /** Domains, parted by commas, of which one owns or consumes what the record is about; as `writeDomains` writes them. */
  readonly within?: string;
  /** Words that all occur in the reasons: whole words, in upper or lower case (`words.ts`). */
  readonly text?: string;
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

/** What records can be counted by. */
export const COUNT_FIELDS = [
  'kind',
  'subject',
  'resource',
  'action',
  'domain',
  'consumer_domain',
  'decision',
  'code',
  'caller',
  'revision',
  'proposal',
  'policy',
  'layer',
  'enforcement',
  'outcome',
  'waiver',
] as const satisfies readonly (keyof RecordFilter)[];
export type CountField = (typeof COUNT_FIELDS)[number];

/** Values that are listed of a count. */
export const COUNTED_VALUES_MAX = 1000;

export interface RecordCounts {
  /** How many records match. */
  readonly total: number;
  /** Records of the log that were looked through: those before this sequence. */
  readonly log_size: number;
  readonly by?: {
    readonly field: CountField;
    /** The values that occur most, at most 1,000: by count, then by value in the order of its UTF-16 code units. */
    readonly values: readonly ValueCount[];
    /** How many values there are. */
    readonly values_total: number;
    /** The sum of the counts of the values that are not listed; absent when all are. */
    readonly others?: number;
  };
}

/** INVARIANT: `count` is how many records match when the filter asks for this value too. */
export interface ValueCount {
  /** As a filter writes it. */
  readonly value: string;
  readonly count: number;
}

/** Sequences: `from` (the first that is kept, unless given) ≤ sequence < `upTo`. */
export interface ScanSpan {
  readonly from?: number;
  readonly upTo: number;
}

/** A draw without replacement; `sample-draw.ts` says how, so that it can be drawn again anywhere. */
export interface RecordDraw {
  readonly seed: string;
  /** 1 to 10,000. */
  readonly size: number;
  /** Records before this sequence are drawn from. */
  readonly upTo: number;
}

export const SAMPLE_SIZE_MAX = 10_000;

export interface RecordSample {
  /** How many records match. */
  readonly population: number;
  /** In the order of the log; all of the population where it is smaller than what was asked for. */
  readonly records: readonly StoredRecord[];
}

/**
 * What is kept of the log, to be asked. Every question MUST see every record that was acknowledged before the call,
 * and none that was pruned.
 */
export interface RecordReader {
  /**
   * A page may end before `limit` where the records are large; `next` says whether more follow.
   *
   * @throws WitanError `invalid_request` for a cursor of another query, a limit out of bounds or a filter that is none
   */
  query(query: RecordQuery): Promise<RecordPage>;
  /** @throws WitanError `invalid_request` for a filter that is none */
  count(filter: RecordFilter, by?: CountField): Promise<RecordCounts>;
  /**
   * All that match, oldest first, in batches of bounded bytes. Memory does not grow with the log, and the work ends
   * when whoever goes through it stops.
   *
   * @throws WitanError `invalid_request` for a filter or a span that is none, as the first batch is asked for
   */
  scan(filter: RecordFilter, span: ScanSpan): AsyncIterable<readonly StoredRecord[]>;
  /**
   * The same seed, filter and `upTo` draw the same records, unless some were pruned.
   *
   * @throws WitanError `invalid_request` for a filter, size or `upTo` out of bounds; `too_many_items` when the records are larger than can be answered at once
   */
  sample(filter: RecordFilter, draw: RecordDraw): Promise<RecordSample>;
  byId(id: string): Promise<StoredRecord | undefined>;
  bySequence(sequence: number): Promise<StoredRecord | undefined>;
  /** A document that records name by digest: JSON text. */
  document(digest: string): Promise<string | undefined>;
  /** The sequence that the next record gets: how many the log has had. */
  size(): Promise<number>;
  /** The first sequence that is kept, since those before were pruned; the size when none is. */
  minimumIndex(): Promise<number>;
}
