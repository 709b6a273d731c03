import type { RecordQuery, RecordReader, StoredRecord } from '../audit/query.js';
import { RECORD_KINDS, type RecordKind } from '../audit/record.js';
import { WitanError } from '../errors.js';
import type { Route } from './route.js';
import { readLimit, readQuery } from './query.js';

const FILTERS = [
  'kind',
  'subject',
  'resource',
  'action',
  'domain',
  'consumer_domain',
  'decision',
  'code',
  'caller',
  'revision',
  'from',
  'to',
  'order',
  'limit',
  'cursor',
] as const;

type Parameters = ReturnType<typeof readQuery<(typeof FILTERS)[number]>>;

/** The auditor's questions. Records are answered with the very bytes that are stored. */
export function recordRoutes(records: RecordReader): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/records',
      answer: async (request, response) => {
        const page = await records.query(recordQuery(readQuery(request, FILTERS)));
        const next = page.next === undefined ? '' : `,"next":${JSON.stringify(page.next)}`;
        response
          .type('application/json')
          .send(`{"records":[${page.records.map(verbatim).join(',')}]${next}}`);
      },
    },
    {
      method: 'get',
      path: '/v1/records/:id',
      answer: async (request, response) => {
        const { id } = request.params;
        const record = typeof id === 'string' ? await records.byId(id) : undefined;
        if (record === undefined) throw new WitanError('not_found', `there is no record \`${String(id)}\``);
        response.type('application/json').send(verbatim(record));
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

/** The stored bytes stand in the answer as they are; nothing is serialised again. */
function verbatim({ sequence, bytes }: StoredRecord): string {
  return `{"sequence":${sequence},"record":${bytes.toString('utf8')}}`;
}

/** Throws `invalid_request` for a value that cannot be one of its parameter. */
function recordQuery(given: Parameters): RecordQuery {
  const { kind, decision, order = 'newest', revision, limit, ...texts } = given;
  if (kind !== undefined && !isKind(kind)) throw invalid('kind', kind, RECORD_KINDS.join(', '));
  if (decision !== undefined && decision !== 'true' && decision !== 'false') {
    throw invalid('decision', decision, 'true or false');
  }
  if (order !== 'newest' && order !== 'oldest') throw invalid('order', order, 'newest or oldest');
  if (revision !== undefined && !/^\d{1,15}$/.test(revision))
    throw invalid('revision', revision, 'a whole number');
  return {
    ...texts,
    ...(kind !== undefined && { kind }),
    ...(decision !== undefined && { decision: decision === 'true' }),
    ...(revision !== undefined && { revision: Number(revision) }),
    order,
    limit: readLimit(limit),
  };
}

function isKind(value: string): value is RecordKind {
  return (RECORD_KINDS as readonly string[]).includes(value);
}

function invalid(name: string, value: string, expected: string): WitanError {
  return new WitanError('invalid_request', `\`${name}\` is \`${value}\`; expected ${expected}`);
}
