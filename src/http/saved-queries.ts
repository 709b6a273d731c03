import type { Request } from 'express';
import type { FromSchema } from 'json-schema-to-ts';
import type { App } from '../app.js';
import { parseFilterText, writeFilter } from '../audit/record-filter.js';
import type { SavedQueryRecord } from '../audit/record.js';
import { SAVED_QUERIES_MAX, SAVED_QUERY_NAME, type SavedQuery } from '../audit/saved-query.js';
import { WitanError } from '../errors.js';
import { validatorOf } from '../schema.js';
import type { Change } from '../store/store.js';
import { parseBody, readBody, requireMediaType } from './body.js';
import { askingOf } from './decision-routes.js';
import type { Route } from './route.js';

export const savedQuerySchema = {
  type: 'object',
  required: ['query'],
  properties: {
    query: { type: 'string', description: 'a filter as text, such as `decision=false&policy=retention`' },
    title: { type: 'string', minLength: 1, maxLength: 200 },
  },
} as const;

const validator = validatorOf<FromSchema<typeof savedQuerySchema>>(savedQuerySchema);
const NAME = new RegExp(SAVED_QUERY_NAME);

/** Queries that are kept under a name: keep, read, list, remove. Keeping and removing are on record. */
export function savedQueryRoutes(app: App): readonly Route[] {
  const { config, store } = app;
  const record = (request: Request, event: SavedQueryEvent, change: Change) =>
    store.audit.append({ record: recordOf(app, request, event), changes: [change] });
  return [
    {
      method: 'get',
      path: '/v1/queries',
      answer: async (_request, response) => {
        response.json({ queries: await store.savedQueries.all() });
      },
    },
    {
      method: 'get',
      path: '/v1/queries/:name',
      answer: async (request, response) => {
        response.json(await savedOf(request, app));
      },
    },
    {
      method: 'put',
      path: '/v1/queries/:name',
      answer: async (request, response) => {
        const name = nameOf(request);
        if (!NAME.test(name)) {
          throw new WitanError(
            'invalid_request',
            `\`${name}\` is no name of a query; expected ${SAVED_QUERY_NAME}`,
          );
        }
        requireMediaType(request, 'application/json');
        const body = parseBody(await readBody(request, config.bodyBytesMax));
        if (!validator.accepts(body)) {
          throw new WitanError('invalid_request', 'the query is not valid', {
            faults: validator.faults(body),
          });
        }
        const query = writeFilter(parseFilterText(body.query));
        const known = await store.savedQueries.all();
        const created = !known.some((each) => each.name === name);
        if (created && known.length >= SAVED_QUERIES_MAX) {
          throw new WitanError('too_many_items', `${SAVED_QUERIES_MAX} queries are saved already`);
        }
        const saved: SavedQuery = {
          name,
          query,
          ...(body.title !== undefined && { title: body.title }),
          saved_at: new Date(app.nowMs()).toISOString(),
        };
        await record(request, { event: 'saved', name, query }, { kind: 'put_saved_query', saved });
        response.status(created ? 201 : 200).json(saved);
      },
    },
    {
      method: 'delete',
      path: '/v1/queries/:name',
      answer: async (request, response) => {
        const { name } = await savedOf(request, app);
        await record(request, { event: 'deleted', name }, { kind: 'delete_saved_query', name });
        response.status(204).end();
      },
    },
  ];
}

type SavedQueryEvent = Pick<SavedQueryRecord, 'event' | 'name' | 'query'>;

function recordOf(
  { newId, nowMs, policies }: App,
  request: Request,
  event: SavedQueryEvent,
): SavedQueryRecord {
  const { caller, correlation } = askingOf(request);
  return {
    id: newId(),
    time: new Date(nowMs()).toISOString(),
    kind: 'saved_query',
    caller,
    ...(correlation !== undefined && { correlation }),
    revision: policies().revision,
    ...event,
  };
}

function nameOf({ params }: Request): string {
  const { name } = params;
  return typeof name === 'string' ? name : '';
}

async function savedOf(request: Request, { store }: App): Promise<SavedQuery> {
  const name = nameOf(request);
  const saved = await store.savedQueries.byName(name);
  if (saved === undefined) throw new WitanError('not_found', `there is no saved query \`${name}\``);
  return saved;
}
