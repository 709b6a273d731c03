import {
  COUNTED_VALUES_MAX,
  type CountField,
  type RecordCounts,
  type ValueCount,
} from '../../../audit/query.js';
import { FindingTally } from './finding-tally.js';
import { populationOf } from './record-bitmap.js';
import { FINDING_FIELDS, type FindingField } from './record-fields.js';
import { matcherOf, type JobSources, type RecordJob } from './record-job.js';
import type { RecordQuestion } from './record-reader-protocol.js';
import { TermTally } from './term-tally.js';

type CountQuestion = Extract<RecordQuestion, { readonly kind: 'count' }>;
type CountedValues = Omit<NonNullable<RecordCounts['by']>, 'field'>;

/** Counts what matches and, if asked, by the values of a field. */
export function* countJob(sources: JobSources, question: CountQuestion): RecordJob {
  const { by, upTo } = question;
  const matcher = matcherOf(sources, question);
  const tally = by === undefined ? undefined : tallyOf(sources, question, by);
  let total = 0;
  const { from, to } = matcher?.blocks ?? { from: 0, to: 0 };
  for (let block = from; block < to; block += 1) {
    const matches = matcher?.matchesOf(block);
    if (matches !== undefined) {
      total += populationOf(matches);
      tally?.add(block, matches);
    }
    if (sources.isDue()) yield undefined;
  }
  const counts: RecordCounts = { total, log_size: upTo };
  if (by === undefined || tally === undefined) return { kind: 'count', counts };
  const values = tally instanceof FindingTally ? valuesOf(tally) : yield* valuesOfTerms(sources, tally);
  return { kind: 'count', counts: { ...counts, by: { field: by, ...values } } };
}

function tallyOf({ index }: JobSources, { filter }: CountQuestion, by: CountField): FindingTally | TermTally {
  return isFindingField(by) ? new FindingTally(index, filter, by) : new TermTally(index, by);
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
