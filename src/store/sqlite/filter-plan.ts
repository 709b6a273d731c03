import type { RecordFilter } from '../../audit/query.js';
import { millisecondsOf } from '../../audit/record-filter.js';
import { wordsOf } from '../../audit/words.js';
import type { IndexReader, KnownFinding, Term } from './index-reader.js';
import { FINDING_FIELDS, SINGLE_FIELDS, type FindingMembers } from './record-fields.js';

/** So many findings are looked up one by one; of more, every record's own are compared. */
const FINDINGS_UNITED_MAX = 16;

/** How a filter is answered: which terms a record must have, and what else must hold of it. */
export interface FilterPlan {
  /** All of them, the rarest first. */
  readonly terms: readonly Term[];
  /** One of them at least. */
  readonly anyOf: readonly Term[] | undefined;
  /** Whether one of a record's findings is as asked; undefined where the terms say so already. */
  readonly finding: ((finding: KnownFinding) => boolean) | undefined;
  /** Unix milliseconds, half-open. */
  readonly time: { readonly from: number; readonly to: number } | undefined;
  /** The blocks that can hold a match: the first, and the one after the last. */
  readonly blocks: { readonly from: number; readonly to: number };
}

/** Plans a filter; `undefined` when no record can match, since the log holds none of the values. */
export function planFilter(index: IndexReader, filter: RecordFilter): FilterPlan | undefined {
  const wanted: (Term | undefined)[] = [];
  for (const field of SINGLE_FIELDS) {
    const value = filter[field];
    if (value !== undefined) wanted.push(index.term(field, String(value)));
  }
  for (const word of wordsOf(filter.text ?? '')) wanted.push(index.term('word', word));
  const members = FINDING_FIELDS.map((field) => filter[field] ?? null);
  const asked = FINDING_FIELDS.filter((field) => filter[field] !== undefined);
  let anyOf: readonly Term[] | undefined;
  let finding: FilterPlan['finding'];
  if (asked.length > 1) {
    const matches = findingFilter(members);
    const found = [...index.findings()].filter(matches);
    if (found.length === 0) return undefined;
    if (found.length <= FINDINGS_UNITED_MAX) {
      anyOf = found.map(({ term }) => index.termById(term)).filter((term) => term !== undefined);
    } else finding = matches;
  }
  if (anyOf === undefined) {
    for (const field of asked) wanted.push(index.term(field, filter[field] ?? ''));
  }
  const terms = wanted.filter((term) => term !== undefined);
  if (terms.length < wanted.length) return undefined;
  return {
    terms: terms.sort((a, b) => a.count - b.count),
    anyOf,
    finding,
    time: timeOf(filter),
    blocks: blocksOf(terms, anyOf),
  };
}

/** Whether a finding has the members that are not null. */
export function findingFilter(asked: FindingMembers): (finding: KnownFinding) => boolean {
  return ({ members }) => asked.every((value, at) => value === null || members[at] === value);
}

function timeOf({ from, to }: RecordFilter): FilterPlan['time'] {
  if (from === undefined && to === undefined) return undefined;
  return {
    from: from === undefined ? Number.NEGATIVE_INFINITY : millisecondsOf(from),
    to: to === undefined ? Number.POSITIVE_INFINITY : millisecondsOf(to),
  };
}

function blocksOf(terms: readonly Term[], anyOf: readonly Term[] | undefined): FilterPlan['blocks'] {
  let [from, to] = [0, Number.POSITIVE_INFINITY];
  for (const { first, last } of terms) [from, to] = [Math.max(from, first), Math.min(to, last + 1)];
  if (anyOf !== undefined) {
    from = Math.max(from, Math.min(...anyOf.map(({ first }) => first)));
    to = Math.min(to, Math.max(...anyOf.map(({ last }) => last + 1)));
  }
  return { from, to };
}
