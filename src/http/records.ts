import type { Request } from 'express';
import type { App } from '../app.js';
import type { DecisionRecord } from '../audit/record.js';
import { COUNT_FIELDS, type RecordFilter, type StoredRecord } from '../audit/query.js';
import { narrowFilter, parseFilterText, readFilter } from '../audit/record-filter.js';
import { filterInScope } from '../audit/record-scope.js';
import { WitanError } from '../errors.js';
import { readLimit, readQuery } from './query.js';
import { recordInScope, recordScopeOf } from './record-scope.js';
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
        const record = await recordInScope(store, String(request.params['id']), recordScopeOf(request));
        response.type('application/json').send(verbatim([record]));
      },
    },
    {
      method: 'get',
      path: '/v1/documents/:digest',
      answer: async (request, response) => {
        const digest = String(request.params['digest']);
        await requireNamedInScope(request, store, digest);
        const text = await records.document(digest);
        if (text === undefined) throw new WitanError('not_found', `no record names a document \`${digest}\``);
        response.type('application/json').send(text);
      },
    },
  ];
}

/**
 * A document says nothing of whose it is: who does not see all records names one that they see, with `record`, and that
 * names the document.
 *
 * @throws WitanError `invalid_request` without a record; `forbidden` for one that they do not see, or that names another
 * document; `not_found`
 */
async function requireNamedInScope(request: Request, store: App['store'], digest: string): Promise<void> {
  const { record: id } = readQuery(request, ['record']);
  const scope = recordScopeOf(request);
  if (scope === 'all' && id === undefined) return;
  if (id === undefined) {
    throw new WitanError(
      'invalid_request',
      '`record` is missing: the id of a record that names the document; auditors of the whole mesh alone need none',
    );
  }
  const { bytes } = await recordInScope(store, id, scope);
  const named = JSON.parse(bytes.toString('utf8')) as Partial<DecisionRecord>;
  if (named.metadata === digest || named.previous_metadata === digest) return;
  throw new WitanError('forbidden', `the record \`${id}\` does not name the document \`${digest}\``);
}

/**
 * The filter of a request's URL, that of a saved query if it names one with `saved`, narrowed to what the sender sees, and
 * the other parameters that are known there.
 *
 * @throws WitanError `invalid_request`; `not_found` for a query that is not saved; `forbidden` for what they do not see
 */
export async function questionOf<Name extends string>(
  request: Request,
  { savedQueries }: App['store'],
  others: readonly Name[],
): Promise<{ readonly filter: RecordFilter; readonly rest: Readonly<Partial<Record<Name, string>>> }> {
  const own: readonly string[] = [...others, 'saved'];
  const scope = recordScopeOf(request);
  const given = [...new URL(request.originalUrl, 'http://localhost').searchParams];
  const rest = new Map<string, string>();
  for (const [name, value] of given.filter(([name]) => own.includes(name))) {
    if (rest.has(name)) throw new WitanError('invalid_request', `\`${name}\` is given more than once`);
    rest.set(name, value);
  }
  const filter = readFilter(given.filter(([name]) => !own.includes(name)));
  // INVARIANT: only names of `others` and `saved` were set.
  const named = Object.fromEntries(rest) as Partial<Record<Name, string>>;
  const name = rest.get('saved');
  if (name === undefined) return { filter: filterInScope(filter, scope), rest: named };
  const saved = await savedQueries.byName(name);
  if (saved === undefined) throw new WitanError('not_found', `there is no saved query \`${name}\``);
  const narrowed = narrowFilter(parseFilterText(saved.query), filter);
  return { filter: filterInScope(narrowed, scope), rest: named };
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
