import { BlockMatcher, type SequenceSpan } from './block-matcher.js';
import { planFilter } from './filter-plan.js';
import type { IndexReader } from './index-reader.js';
import type { LogReader } from './log-reader.js';
import type { RememberedCounts } from './remembered-counts.js';
import type { PackedRecords, RecordAnswer, RecordQuestion } from './record-reader-protocol.js';

/**
 * Work that answers a question, done in slices: it yields nothing where it may be interrupted, and a batch where one
 * is ready. It returns the answer.
 */
export type RecordJob = Generator<PackedRecords | undefined, RecordAnswer>;

/** What jobs read from, and how they know that their slice is over. */
export interface JobSources {
  readonly index: IndexReader;
  readonly log: LogReader;
  readonly counts: RememberedCounts;
  /** Whether others should have their turn. */
  readonly isDue: () => boolean;
}

/** What finds the matches of a question; `undefined` when there are none. */
export function matcherOf(
  { index, log }: JobSources,
  { filter, upTo }: Pick<RecordQuestion, 'filter' | 'upTo'>,
  within: Partial<SequenceSpan> = {},
): BlockMatcher | undefined {
  const plan = planFilter(index, filter);
  if (plan === undefined) return undefined;
  const from = Math.max(log.minimumIndex(), within.from ?? 0);
  return new BlockMatcher(index, plan, { from, to: Math.min(upTo, within.to ?? upTo) });
}
