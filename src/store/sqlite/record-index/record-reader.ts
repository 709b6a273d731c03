import type { Kysely } from 'kysely';
import {
  SAMPLE_SIZE_MAX,
  type CountField,
  type RecordCounts,
  type RecordDraw,
  type RecordFilter,
  type RecordPage,
  type RecordQuery,
  type RecordReader,
  type RecordSample,
  type ScanSpan,
  type StoredRecord,
} from '../../../audit/query.js';
import { parseFilterText, writeFilter } from '../../../audit/record-filter.js';
import { WitanError } from '../../../errors.js';
import { decodeCursor, encodeCursor } from './record-cursor.js';
import type { RecordIndex } from './record-index.js';
import type { RecordQuestions } from './record-questions.js';
import { unpackRecords } from './record-reader-protocol.js';
import { reading } from '../sqlite-errors.js';
import type { StoreTables } from '../tables.js';

const LIMIT_MAX = 1000;

interface Sources {
  readonly dataDir: string;
  readonly store: Kysely<StoreTables>;
  readonly recordIndex: RecordIndex;
  readonly questions: RecordQuestions;
}

/** Reads the log: single records by key on the main thread, everything else by the reader thread. */
export class SqliteRecordReader implements RecordReader {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  async query(query: RecordQuery): Promise<RecordPage> {
    requireWithin('limit', query.limit, 1, LIMIT_MAX);
    const { order, limit, cursor, ...rest } = query;
    const filter = checked(rest);
    const after = cursor === undefined ? undefined : decodeCursor(query, cursor);
    const upTo = await this.#indexed();
    const page = await this.#sources.questions.ask({ kind: 'page', filter, upTo, order, limit, after });
    const records = unpackRecords(page.records);
    const last = records.at(-1);
    if (!page.more || last === undefined) return { records };
    return { records, next: encodeCursor(query, last.sequence) };
  }

  async count(filter: RecordFilter, by?: CountField): Promise<RecordCounts> {
    const question = { kind: 'count', filter: checked(filter), by } as const;
    const { counts } = await this.#sources.questions.ask({ ...question, upTo: await this.#indexed() });
    return counts;
  }

  async *scan(
    filter: RecordFilter,
    { from = 0, upTo }: ScanSpan,
  ): AsyncGenerator<readonly StoredRecord[], void, undefined> {
    requireWithin('from', from, 0, Number.MAX_SAFE_INTEGER);
    requireWithin('upTo', upTo, 0, Number.MAX_SAFE_INTEGER);
    const question = { kind: 'scan', filter: checked(filter), from } as const;
    const indexed = await this.#indexed();
    yield* this.#sources.questions.scan({ ...question, upTo: Math.min(upTo, indexed) });
  }

  async sample(filter: RecordFilter, { seed, size, upTo }: RecordDraw): Promise<RecordSample> {
    requireWithin('size', size, 1, SAMPLE_SIZE_MAX);
    const question = { kind: 'sample', filter: checked(filter), seed, size } as const;
    const indexed = await this.#indexed();
    // A smaller log would draw others than were drawn.
    requireWithin('upTo', upTo, 0, indexed);
    const { population, records } = await this.#sources.questions.ask({ ...question, upTo });
    return { population, records: unpackRecords(records) };
  }

  byId(id: string): Promise<StoredRecord | undefined> {
    return this.#record('id', id);
  }

  bySequence(sequence: number): Promise<StoredRecord | undefined> {
    return this.#record('sequence', sequence);
  }

  document(digest: string): Promise<string | undefined> {
    const { dataDir, store } = this.#sources;
    return reading(dataDir, async () => {
      const row = await store
        .selectFrom('documents')
        .select('body')
        .where('digest', '=', digest)
        .executeTakeFirst();
      return row?.body;
    });
  }

  size(): Promise<number> {
    const { dataDir, store } = this.#sources;
    return reading(dataDir, async () => {
      const { last } = await store
        .selectFrom('records')
        .select(({ fn }) => fn.max<number | null>('sequence').as('last'))
        .executeTakeFirstOrThrow();
      return last === null ? 0 : last + 1;
    });
  }

  minimumIndex(): Promise<number> {
    const { dataDir, store } = this.#sources;
    return reading(dataDir, async () => {
      const { minimum_index } = await store
        .selectFrom('log_bounds')
        .select('minimum_index')
        .executeTakeFirstOrThrow();
      return minimum_index;
    });
  }

  /** Waits until all that is acknowledged is indexed, and answers how many records that are. */
  async #indexed(): Promise<number> {
    const size = await this.size();
    await this.#sources.recordIndex.catchUp(size);
    return size;
  }

  #record(key: 'id' | 'sequence', value: string | number): Promise<StoredRecord | undefined> {
    const { dataDir, store } = this.#sources;
    return reading(dataDir, () =>
      store
        .selectFrom('records')
        .select(['sequence', 'body as bytes'])
        .where(key, '=', value)
        // What was pruned may not be deleted yet.
        .where('sequence', '>=', (bounds) => bounds.selectFrom('log_bounds').select('minimum_index'))
        .executeTakeFirst(),
    );
  }
}

/** The filter as its own text reads, so that a value that cannot be one is refused. @throws WitanError `invalid_request` */
function checked(filter: RecordFilter): RecordFilter {
  return parseFilterText(writeFilter(filter));
}

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new WitanError('invalid_request', `\`${name}\` is from ${least} to ${most}, not \`${value}\``);
}
