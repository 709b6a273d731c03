import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { RecordFilter, RecordQuery } from '../../audit/query.js';
import { WitanError } from '../../errors.js';
import type { IndexedField } from './record-fields.js';
import { BLOCK_RECORDS } from './record-indexer.js';
import type { IndexTables } from './tables.js';

/**
 * The fields that are compared for equality, from the one that usually narrows most. Only the first that a query
 * names may choose the index: SQLite keeps no counts of single values and would guess.
 */
const BY_SELECTIVITY = [
  'resource',
  'subject',
  'caller',
  'code',
  'consumer_domain',
  'domain',
  'action',
  'revision',
  'decision',
  'kind',
] as const satisfies readonly (IndexedField & keyof RecordFilter)[];

/** Sequences that can hold what is looked for: `from` ≤ sequence < `to`. */
export interface SequenceSpan {
  readonly from: number;
  readonly to: number;
}

/** Unix milliseconds: `from` ≤ time < `to`; without bounds where none were asked for. */
interface TimeSpan {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** The times that a filter asks for. @throws WitanError `invalid_request` */
export function timeSpanOf(filter: RecordFilter): TimeSpan {
  return { from: timeOf('from', filter.from), to: timeOf('to', filter.to) };
}

/** The sequences that can hold records of a span of time; `undefined` when none does. */
export async function sequencesOf(
  index: Kysely<IndexTables>,
  { from, to }: TimeSpan,
): Promise<SequenceSpan | undefined> {
  if (from === undefined && to === undefined) return { from: 0, to: Number.MAX_SAFE_INTEGER };
  let blocks = index
    .selectFrom('record_blocks')
    .select(({ fn }) => [
      fn.min<number | null>('block').as('first'),
      fn.max<number | null>('block').as('last'),
    ]);
  if (from !== undefined) blocks = blocks.where('time_max', '>=', from);
  if (to !== undefined) blocks = blocks.where('time_min', '<', to);
  const { first, last } = await blocks.executeTakeFirstOrThrow();
  if (first === null || last === null) return undefined;
  return { from: first * BLOCK_RECORDS, to: (last + 1) * BLOCK_RECORDS };
}

/** The sequences of the records that a query asks for within a span, in its order. */
export function sequencesQuery(
  index: Kysely<IndexTables>,
  query: RecordQuery,
  span: SequenceSpan,
): SelectQueryBuilder<IndexTables, 'record_fields', { sequence: number }> {
  let select = index
    .selectFrom('record_fields')
    .select('sequence')
    .where('sequence', '>=', span.from)
    .where('sequence', '<', span.to)
    .orderBy('sequence', query.order === 'newest' ? 'desc' : 'asc')
    .limit(query.limit + 1);
  let mayUseIndex = true;
  for (const field of BY_SELECTIVITY) {
    const wanted = query[field];
    if (wanted === undefined) continue;
    const value = typeof wanted === 'boolean' ? Number(wanted) : wanted;
    // A `+` before a column keeps SQLite from using an index on it.
    select = mayUseIndex
      ? select.where(field, '=', value)
      : select.where(sql<boolean>`+${sql.ref(field)} = ${value}`);
    mayUseIndex = false;
  }
  const { from, to } = timeSpanOf(query);
  if (from !== undefined) select = select.where('time', '>=', from);
  if (to !== undefined) select = select.where('time', '<', to);
  return select;
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

function timeOf(name: 'from' | 'to', text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new WitanError('invalid_request', `\`${name}\` is no RFC 3339 time: \`${text}\``);
}
