import {
  COUNTED_VALUES_MAX,
  type CountField,
  type RecordCounts,
  type ValueCount,
} from '../../../audit/query.js';
import { FindingTally } from './finding-tally.js';
import type { BlockMatcher } from './block-matcher.js';
import { BLOCK_RECORDS, populationOf } from './record-bitmap.js';
import { FINDING_FIELDS, type FindingField } from './record-fields.js';
import { matcherOf, type JobSources, type RecordJob } from './record-job.js';
import type { RecordQuestion } from './record-reader-protocol.js';
import type { BlocksCounted } from './remembered-counts.js';
import { TermTally } from './term-tally.js';

type CountQuestion = Extract<RecordQuestion, { readonly kind: 'count' }>;
type CountedValues = Omit<NonNullable<RecordCounts['by']>, 'field'>;

/** Counts what matches and, if asked, by the values of a field. */
export function* countJob(sources: JobSources, question: CountQuestion): RecordJob {
  const { by, upTo } = question;
  const matcher = matcherOf(sources, question);
  const { total, tally } =
    matcher === undefined
      ? { total: 0, tally: by === undefined ? undefined : tallyOf(sources, question, by) }
      : yield* countBlocks(sources, question, matcher);
  const counts: RecordCounts = { total, log_size: upTo };
  if (by === undefined || tally === undefined) return { kind: 'count', counts };
  const values = tally instanceof FindingTally ? valuesOf(tally) : yield* valuesOfTerms(sources, tally);
  return { kind: 'count', counts: { ...counts, by: { field: by, ...values } } };
}

/** Goes on where the same question was counted before, as far as blocks were full. */
function* countBlocks(
  sources: JobSources,
  question: CountQuestion,
  matcher: BlockMatcher,
): Generator<undefined, Pick<BlocksCounted, 'total' | 'tally'>> {
  const { by } = question;
  const { blocks, span } = matcher;
  const full = Math.floor(span.to / BLOCK_RECORDS);
  const known = sources.counts.find(question, span.from, full);
  const copy = (before: BlocksCounted['tally']): BlocksCounted['tally'] =>
    by === undefined ? undefined : tallyOf(sources, question, by, before);
  let total = known?.total ?? 0;
  let tally = copy(known?.tally);
  for (let block = Math.max(blocks.from, known?.block ?? 0); block < blocks.to; block += 1) {
    if (block === full) {
      // The last one is not full.
      sources.counts.keep(question, { from: span.from, block: full, total, tally });
      tally = copy(tally);
    }
    const matches = matcher.matchesOf(block);
    if (matches !== undefined) {
      total += populationOf(matches);
      tally?.add(block, matches);
    }
    if (sources.isDue()) yield undefined;
  }
  if (blocks.to === full) {
    sources.counts.keep(question, { from: span.from, block: full, total, tally: copy(tally) });
  }
  return { total, tally };
}

/** @param before what was counted already by the same question */
function tallyOf(
  { index }: JobSources,
  { filter }: CountQuestion,
  by: CountField,
  before?: BlocksCounted['tally'],
): FindingTally | TermTally {
  return isFindingField(by)
    ? new FindingTally(index, filter, by, before instanceof FindingTally ? before : undefined)
    : new TermTally(index, by, before instanceof TermTally ? before : undefined);
}

function isFindingField(field: CountField): field is FindingField {
  return (FINDING_FIELDS as readonly string[]).includes(field);
}

function* valuesOfTerms({ index, isDue }: JobSources, tally: TermTally): Generator<undefined, CountedValues> {
  const counted = [...tally.counted()].sort(([, a], [, b]) => b - a);
  // Values are read only of what can be among the first: with equal counts their order decides.
  const least = counted[COUNTED_VALUES_MAX - 1]?.[1] ?? 0;
  const candidates: ValueCount[] = [];
  let sum = 0;
  for (const [term, count] of counted) {
    sum += count;
    if (count >= least) candidates.push({ value: index.valueOf(term), count });
    if (isDue()) yield undefined;
  }
  return firstOf(candidates, counted.length, sum);
}

function valuesOf(tally: FindingTally): CountedValues {
  const counted = tally.counted();
  return firstOf(
    counted,
    counted.length,
    counted.reduce((sum, { count }) => sum + count, 0),
  );
}

function firstOf(candidates: readonly ValueCount[], total: number, sum: number): CountedValues {
  const values = candidates
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, COUNTED_VALUES_MAX);
  if (values.length === total) return { values, values_total: total };
  return { values, values_total: total, others: values.reduce((rest, { count }) => rest - count, sum) };
}
