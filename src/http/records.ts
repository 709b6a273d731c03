import type { Request } from 'express';
import type { App } from '../app.js';
import { COUNT_FIELDS, type RecordFilter, type StoredRecord } from '../audit/query.js';
import { narrowFilter, parseFilterText, readFilter } from '../audit/record-filter.js';
import { WitanError } from '../errors.js';
import { readLimit } from './query.js';
import type { Route } from './route.js';

type Records = Pick<App, 'store'>;

/** The auditor's questions. Records are answered with the very bytes that are stored. */
export function recordRoutes({ store }: Records): readonly Route[] {
  const { records } = store;
  return [
    {
      method: 'get',
      path: '/v1/records',
      answer: async (request, response) => {
        const { filter, rest } = await questionOf(request, store, ['order', 'limit', 'cursor']);
        const { order = 'newest', limit, cursor } = rest;
        if (order !== 'newest' && order !== 'oldest') throw invalid('order', order, 'newest or oldest');
        const page = await records.query({
          ...filter,
          order,
          limit: readLimit(limit),
          ...(cursor !== undefined && { cursor }),
        });
        const next = page.next === undefined ? '' : `,"next":${JSON.stringify(page.next)}`;
        response.type('application/json').send(`{"records":[${verbatim(page.records)}]${next}}`);
      },
    },
    {
      method: 'get',
      path: '/v1/records/counts',
      answer: async (request, response) => {
        const { filter, rest } = await questionOf(request, store, ['by']);
        const by = COUNT_FIELDS.find((field) => field === rest['by']);
        if (by === undefined && rest['by'] !== undefined) {
          throw invalid('by', rest['by'], COUNT_FIELDS.join(', '));
        }
        response.json(await records.count(filter, by));
      },
    },
    {
      method: 'get',
      path: '/v1/records/:id',
      answer: async (request, response) => {
        const { id } = request.params;
        const record = typeof id === 'string' ? await records.byId(id) : undefined;
        if (record === undefined) throw new WitanError('not_found', `there is no record \`${String(id)}\``);
        response.type('application/json').send(verbatim([record]));
      },
    },
    {
      method: 'get',
      path: '/v1/documents/:digest',
      answer: async (request, response) => {
        const { digest } = request.params;
        const text = typeof digest === 'string' ? await records.document(digest) : undefined;
        if (text === undefined)
          throw new WitanError('not_found', `no record names a document \`${String(digest)}\``);
        response.type('application/json').send(text);
      },
    },
  ];
}

/**
 * The filter of a request's URL, that of a saved query if it names one with `saved`, and the other parameters that
 * are known there.
 *
 * @throws WitanError `invalid_request`; `not_found` for a query that is not saved
 */
export async function questionOf<Name extends string>(
  { originalUrl }: Request,
  { savedQueries }: App['store'],
  others: readonly Name[],
): Promise<{ readonly filter: RecordFilter; readonly rest: Readonly<Partial<Record<Name, string>>> }> {
  const own: readonly string[] = [...others, 'saved'];
  const given = [...new URL(originalUrl, 'http://localhost').searchParams];
  const rest = new Map<string, string>();
  for (const [name, value] of given.filter(([name]) => own.includes(name))) {
    if (rest.has(name)) throw new WitanError('invalid_request', `\`${name}\` is given more than once`);
    rest.set(name, value);
  }
  const filter = readFilter(given.filter(([name]) => !own.includes(name)));
  // INVARIANT: only names of `others` and `saved` were set.
  const question = { filter, rest: Object.fromEntries(rest) as Partial<Record<Name, string>> };
  const name = rest.get('saved');
  if (name === undefined) return question;
  const saved = await savedQueries.byName(name);
  if (saved === undefined) throw new WitanError('not_found', `there is no saved query \`${name}\``);
  return { ...question, filter: narrowFilter(parseFilterText(saved.query), filter) };
}

/** Records as members of a list: the stored bytes as they are, nothing is serialised again. */
export function verbatim(records: readonly StoredRecord[]): string {
  return records
    .map(({ sequence, bytes }) => `{"sequence":${sequence},"record":${bytes.toString('utf8')}}`)
    .join(',');
}

function invalid(name: string, value: string, expected: string): WitanError {
  return new WitanError('invalid_request', `\`${name}\` is \`${value}\`; expected ${expected}`);
}
