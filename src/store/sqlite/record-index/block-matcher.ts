import type { FilterPlan } from './filter-plan.js';
import type { IndexReader } from './index-reader.js';
import {
  addEncoded,
  BLOCK_RECORDS,
  clearPlace,
  clearRange,
  emptyBitmap,
  intersect,
  isEmpty,
  listPlaces,
  setRange,
  type RecordBitmap,
} from './record-bitmap.js';
import { BLOCK_CHUNKS, CHUNK_RECORDS } from './term-column.js';

/** Sequences: `from` ≤ sequence < `to`. */
export interface SequenceSpan {
  readonly from: number;
  readonly to: number;
}

/** Finds what a plan matches, block by block. */
export class BlockMatcher {
  readonly #index: IndexReader;
  readonly #plan: FilterPlan;
  /** Where it looks. */
  readonly span: SequenceSpan;
  readonly #found = emptyBitmap();
  readonly #other = emptyBitmap();
  readonly #places = new Uint16Array(CHUNK_RECORDS);
  /** The blocks that can hold a match: the first, and the one after the last. */
  readonly blocks: { readonly from: number; readonly to: number };

  constructor(index: IndexReader, plan: FilterPlan, span: SequenceSpan) {
    this.#index = index;
    this.#plan = plan;
    this.span = span;
    this.blocks = {
      from: Math.max(plan.firstBlock, Math.floor(span.from / BLOCK_RECORDS)),
      to: Math.ceil(span.to / BLOCK_RECORDS),
    };
    if (plan.time !== undefined) index.refreshSpans();
  }

  /** The matches of a block, which hold until the next call; `undefined` for none. */
  matchesOf(block: number): RecordBitmap | undefined {
    const from = Math.max(0, this.span.from - block * BLOCK_RECORDS);
    const to = Math.min(BLOCK_RECORDS, this.span.to - block * BLOCK_RECORDS);
    if (from >= to || !this.#timesReach(block)) return undefined;
    const found = this.#found.fill(0);
    setRange(found, from, to);
    for (const { id } of this.#plan.terms) {
      const posting = this.#index.posting(block, id);
      if (posting === undefined) return undefined;
      this.#other.fill(0);
      addEncoded(this.#other, posting);
      if (!intersect(found, this.#other)) return undefined;
    }
    for (const terms of this.#plan.anyOf) {
      this.#other.fill(0);
      for (const { id } of terms) {
        const posting = this.#index.posting(block, id);
        if (posting !== undefined) addEncoded(this.#other, posting);
      }
      if (!intersect(found, this.#other)) return undefined;
    }
    this.#keepTimes(block, found);
    this.#keepFindings(block, found);
    return isEmpty(found) ? undefined : found;
  }

  #timesReach(block: number): boolean {
    const { time } = this.#plan;
    if (time === undefined) return true;
    for (let at = 0; at < BLOCK_CHUNKS; at += 1) {
      const span = this.#index.spanOf(block * BLOCK_CHUNKS + at);
      if (span !== undefined && span.max >= time.from && span.min < time.to) return true;
    }
    return false;
  }

  #keepTimes(block: number, found: RecordBitmap): void {
    const { time } = this.#plan;
    if (time === undefined) return;
    for (let at = 0; at < BLOCK_CHUNKS; at += 1) {
      const start = at * CHUNK_RECORDS;
      const span = this.#index.spanOf(block * BLOCK_CHUNKS + at);
      if (span === undefined || span.max < time.from || span.min >= time.to) {
        clearRange(found, start, start + CHUNK_RECORDS);
      } else if (span.min < time.from || span.max >= time.to || span.untimed) {
        this.#keep(found, start, () => {
          const times = this.#index.times(block * BLOCK_CHUNKS + at);
          return (place) => {
            const ms = times[place] ?? Number.NaN;
            return ms >= time.from && ms < time.to;
          };
        });
      }
    }
  }

  #keepFindings(block: number, found: RecordBitmap): void {
    const asked = this.#plan.findings;
    if (asked === undefined) return;
    for (let at = 0; at < BLOCK_CHUNKS; at += 1) {
      this.#keep(found, at * CHUNK_RECORDS, () => {
        const column = this.#index.findingColumn(block * BLOCK_CHUNKS + at);
        if (column === undefined) return () => false;
        const { ends, findings } = column;
        return (place) => {
          const end = ends[place] ?? 0;
          for (let each = place === 0 ? 0 : (ends[place - 1] ?? 0); each < end; each += 1) {
            if (asked[findings[each] ?? 0] === 1) return true;
          }
          return false;
        };
      });
    }
  }

  /** Leaves of a chunk's matches those that `test` says yes to; it is made only where there are any. */
  #keep(found: RecordBitmap, start: number, test: () => (place: number) => boolean): void {
    const count = listPlaces(found, start, start + CHUNK_RECORDS, this.#places);
    if (count === 0) return;
    const holds = test();
    for (const place of this.#places.subarray(0, count)) {
      if (!holds(place - start)) clearPlace(found, place);
    }
  }
}
