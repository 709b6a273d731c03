import type { RecordFilter } from '../../../audit/query.js';
import { domainsWithin, millisecondsOf } from '../../../audit/record-filter.js';
import { wordsOf } from '../../../audit/words.js';
import type { IndexReader, KnownFinding, Term } from './index-reader.js';
import { FINDING_FIELDS, SINGLE_FIELDS, type FindingMembers } from './record-fields.js';

/** So many findings are looked up one by one; of more, every record's own are compared. */
const FINDINGS_UNITED_MAX = 16;

/** How a filter is answered: which terms a record must have, and what else must hold of it. */
export interface FilterPlan {
  /** All of them, the rarest first. */
  readonly terms: readonly Term[];
  /** One of each at least. */
  readonly anyOf: readonly (readonly Term[])[];
  /** By a finding's id, 1 where it is as asked: a record must hold one. Undefined where the terms say so already. */
  readonly findings: Uint8Array | undefined;
  /** Unix milliseconds, half-open. */
  readonly time: { readonly from: number; readonly to: number } | undefined;
  /** No block before this one holds a match. */
  readonly firstBlock: number;
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
  const anyOf: (readonly Term[])[] = [];
  if (filter.within !== undefined) anyOf.push(termsWithin(index, filter));
  let united = false;
  let findings: FilterPlan['findings'];
  if (asked.length > 1) {
    const matches = findingFilter(members);
    const found = index.findings().filter(matches);
    if (found.length === 0) return undefined;
    const own = new Set(found.map(({ term }) => term));
    // Terms of findings do not tell who waived them.
    united = filter.waiver === undefined && !own.has(null) && own.size <= FINDINGS_UNITED_MAX;
    if (united) {
      anyOf.push([...own].map((term) => index.termById(term ?? 0)).filter((term) => term !== undefined));
    } else findings = Uint8Array.from([0, ...index.findings().map((each) => Number(matches(each)))]);
  }
  if (!united) {
    for (const field of asked) wanted.push(index.term(field, filter[field] ?? ''));
  }
  const terms = wanted.filter((term) => term !== undefined);
  if (terms.length < wanted.length || anyOf.some((each) => each.length === 0)) return undefined;
  return {
    terms: terms.sort((a, b) => a.count - b.count),
    anyOf,
    findings,
    time: timeOf(filter),
    firstBlock: Math.max(
      0,
      ...terms.map(({ first }) => first),
      ...anyOf.map((each) => Math.min(...each.map(({ first }) => first))),
    ),
  };
}

/** The terms of which a record within the domains has one at least. */
function termsWithin(index: IndexReader, filter: RecordFilter): readonly Term[] {
  return domainsWithin(filter)
    .flatMap((domain) => [index.term('domain', domain), index.term('consumer_domain', domain)])
    .filter((term) => term !== undefined);
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
