import type { CountField, RecordCounts, RecordFilter, RecordQuery } from '../audit/query.js';
import { writeFilter } from '../audit/record-filter.js';
import { isObject, readJson } from '../document/json.js';
import { openStore } from '../store/sqlite/open-store.js';
import { getFromServer, ServerError, type Server } from './ask-server.js';

/** Where the audit log is read from: a folder, or a service. */
export interface RecordSourceOptions {
  readonly dataDir: string;
  readonly server?: Server | undefined;
}

export interface FoundRecord {
  readonly sequence: number;
  readonly record: Readonly<Record<string, unknown>>;
}

export interface FoundPage {
  readonly records: readonly FoundRecord[];
  readonly next?: string;
}

/** What the commands ask of the log. */
export interface RecordSource {
  query(query: RecordQuery): Promise<FoundPage>;
  count(filter: RecordFilter, by: CountField): Promise<RecordCounts>;
  byId(id: string): Promise<FoundRecord | undefined>;
}

/**
 * Lends the log to `use`, and closes it whatever happens.
 *
 * @throws WitanError of the store, or `invalid_request` of the service; ServerError when that cannot be reached
 */
export async function withRecords<T>(
  { dataDir, server }: RecordSourceOptions,
  use: (source: RecordSource) => Promise<T>,
): Promise<T> {
  if (server !== undefined) return use(recordsOfServer(server));
  const store = await openStore({ dataDir, queueEntriesMax: 1, readOnly: true });
  const { records } = store;
  try {
    return await use({
      query: async (query) => {
        const page = await records.query(query);
        return {
          records: page.records.map(({ sequence, bytes }) =>
            found({ sequence, record: readJson(bytes.toString('utf8')) }),
          ),
          ...(page.next !== undefined && { next: page.next }),
        };
      },
      count: (filter, by) => records.count(filter, by),
      byId: async (id) => {
        const record = await records.byId(id);
        return (
          record && found({ sequence: record.sequence, record: readJson(record.bytes.toString('utf8')) })
        );
      },
    });
  } finally {
    await store.close();
  }
}

function recordsOfServer(server: Server): RecordSource {
  const get = (path: string, parameters = '') =>
    getFromServer(server, parameters === '' ? path : `${path}?${parameters}`);
  return {
    async query({ order, limit, cursor, ...filter }) {
      const paging = new URLSearchParams({
        order,
        limit: String(limit),
        ...(cursor !== undefined && { cursor }),
      });
      const body = await get('v1/records', `${writeFilter(filter)}&${paging.toString()}`);
      if (!isObject(body) || !Array.isArray(body['records'])) throw noWitan(server);
      const { next } = body;
      return { records: body['records'].map(found), ...(typeof next === 'string' && { next }) };
    },
    async count(filter, by) {
      const body = await get('v1/records/counts', `${writeFilter(filter)}&by=${by}`);
      const counted = isObject(body) ? body['by'] : undefined;
      if (!isObject(counted) || !Array.isArray(counted['values'])) throw noWitan(server);
      return body as RecordCounts;
    },
    async byId(id) {
      const body = await get(`v1/records/${encodeURIComponent(id)}`);
      return body === undefined ? undefined : found(body);
    },
  };
}

function found(value: unknown): FoundRecord {
  if (isObject(value) && typeof value['sequence'] === 'number' && isObject(value['record'])) {
    return { sequence: value['sequence'], record: value['record'] };
  }
  throw new ServerError('what stands in the log is no record');
}

function noWitan({ url }: Server): ServerError {
  return new ServerError(`\`${url}\` does not answer as this version of witan does`);
}
