import {
  COUNTED_VALUES_MAX,
  type CountField,
  type RecordCounts,
  type ValueCount,
} from '../../audit/query.js';
import { findingFilter } from './filter-plan.js';
import type { IndexReader } from './index-reader.js';
import { listPlaces, populationOf, type RecordBitmap } from './record-bitmap.js';
import { FINDING_FIELDS, type ColumnField, type FindingField } from './record-fields.js';
import { matcherOf, type JobSources, type RecordJob } from './record-job.js';
import type { RecordQuestion } from './record-reader-protocol.js';
import { BLOCK_CHUNKS, CHUNK_RECORDS } from './term-column.js';

type CountQuestion = Extract<RecordQuestion, { readonly kind: 'count' }>;

/** Counts what matches and, if asked, by the values of a field. */
export function* countJob(sources: JobSources, question: CountQuestion): RecordJob {
  const { by, upTo } = question;
  const matcher = matcherOf(sources, question);
  const tally = by === undefined ? undefined : new ColumnTally(sources.index, columnOf(by));
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
  const values = isFindingField(by)
    ? yield* valuesOfFindings(sources, question, by, tally)
    : yield* valuesOfTerms(sources, tally);
  return { kind: 'count', counts: { ...counts, by: { field: by, ...values } } };
}

type CountedValues = Omit<NonNullable<RecordCounts['by']>, 'field'>;

/** How many of the matches have each term of a column. */
class ColumnTally {
  readonly #index: IndexReader;
  readonly #field: ColumnField;
  readonly #places = new Uint16Array(CHUNK_RECORDS);
  /** By term. */
  #counts = new Uint32Array(1024);

  constructor(index: IndexReader, field: ColumnField) {
    this.#index = index;
    this.#field = field;
  }

  add(block: number, matches: RecordBitmap): void {
    for (let at = 0; at < BLOCK_CHUNKS; at += 1) {
      const start = at * CHUNK_RECORDS;
      const count = listPlaces(matches, start, start + CHUNK_RECORDS, this.#places);
      const column = count === 0 ? undefined : this.#index.column(this.#field, block * BLOCK_CHUNKS + at);
      if (column === undefined) continue;
      const { terms, codes } = column;
      if (codes === 'same') {
        this.#count(terms[0] ?? 0, count);
        continue;
      }
      const places = this.#places.subarray(0, count);
      if (codes === undefined) {
        for (const place of places) this.#count(terms[place - start] ?? 0, 1);
        continue;
      }
      const byCode = new Uint32Array(terms.length);
      for (const place of places) {
        const code = codes[place - start] ?? 0;
        byCode[code] = (byCode[code] ?? 0) + 1;
      }
      for (const [code, counted] of byCode.entries()) this.#count(terms[code] ?? 0, counted);
    }
  }

  /** Terms that occur, with their counts. */
  *counted(): Generator<readonly [term: number, count: number]> {
    for (const [term, count] of this.#counts.entries()) {
      // 0 stands for records that have no term.
      if (term > 0 && count > 0) yield [term, count];
    }
  }

  #count(term: number, added: number): void {
    if (term >= this.#counts.length) {
      const larger = new Uint32Array(Math.max(term + 1, this.#counts.length * 2));
      larger.set(this.#counts);
      this.#counts = larger;
    }
    this.#counts[term] = (this.#counts[term] ?? 0) + added;
  }
}

function columnOf(by: CountField): ColumnField {
  return isFindingField(by) ? 'findings' : by;
}

function isFindingField(field: CountField): field is FindingField {
  return (FINDING_FIELDS as readonly string[]).includes(field);
}

type Working<T> = Generator<undefined, T>;

function* valuesOfTerms({ index, isDue }: JobSources, tally: ColumnTally): Working<CountedValues> {
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

/** Each value counts the records that hold a finding with it, of those findings that the filter asks for. */
function* valuesOfFindings(
  { index, isDue }: JobSources,
  { filter }: CountQuestion,
  by: FindingField,
  tally: ColumnTally,
): Working<CountedValues> {
  const asked = findingFilter(FINDING_FIELDS.map((field) => filter[field] ?? null));
  const at = FINDING_FIELDS.indexOf(by);
  const counts = new Map<string, number>();
  for (const [set, count] of tally.counted()) {
    const values = new Set(
      index
        .findingsOf(set)
        .filter(asked)
        .map(({ members }) => members[at] ?? null),
    );
    for (const value of values) {
      if (value !== null) counts.set(value, (counts.get(value) ?? 0) + count);
    }
    if (isDue()) yield undefined;
  }
  const all = Array.from(counts, ([value, count]) => ({ value, count }));
  return firstOf(
    all,
    all.length,
    all.reduce((sum, { count }) => sum + count, 0),
  );
}

function firstOf(candidates: readonly ValueCount[], total: number, sum: number): CountedValues {
  const values = candidates
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, COUNTED_VALUES_MAX);
  if (values.length === total) return { values, values_total: total };
  return { values, values_total: total, others: values.reduce((rest, { count }) => rest - count, sum) };
}
