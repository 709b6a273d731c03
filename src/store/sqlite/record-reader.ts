import type { Kysely } from 'kysely';
import type { RecordPage, RecordQuery, RecordReader, StoredRecord } from '../../audit/query.js';
import { WitanError } from '../../errors.js';
import { decodeCursor, encodeCursor } from './record-cursor.js';
import type { RecordIndex } from './record-index.js';
import { sequencesOf, sequencesQuery, timeSpanOf, type SequenceSpan } from './record-query.js';
import { reading } from './sqlite-errors.js';
import type { IndexTables, StoreTables } from './tables.js';

const LIMIT_MAX = 1000;

interface Sources {
  readonly dataDir: string;
  readonly store: Kysely<StoreTables>;
  readonly index: Kysely<IndexTables>;
  readonly recordIndex: RecordIndex;
}

/**
 * Reads the log on the main thread: first the sequences from the index, then the bytes by sequence. Long reads
 * (exports, replays) will move to a reader thread; until then each call reads at most 1,000 records.
 */
export class SqliteRecordReader implements RecordReader {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  async query(query: RecordQuery): Promise<RecordPage> {
    if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > LIMIT_MAX) {
      throw new WitanError('invalid_request', `\`limit\` is from 1 to ${LIMIT_MAX}, not \`${query.limit}\``);
    }
    const times = timeSpanOf(query);
    const after = query.cursor === undefined ? undefined : decodeCursor(query, query.cursor);
    const { dataDir, index, recordIndex } = this.#sources;
    return reading(dataDir, async () => {
      await recordIndex.catchUp(await this.size());
      const span = await sequencesOf(index, times);
      if (span === undefined) return { records: [] };
      const rows = await sequencesQuery(index, query, continued(span, query.order, after)).execute();
      const records = await this.#bytesOf(rows.slice(0, query.limit).map(({ sequence }) => sequence));
      const last = records.at(-1);
      if (rows.length <= query.limit || last === undefined) return { records };
      return { records, next: encodeCursor(query, last.sequence) };
    });
  }

  byId(id: string): Promise<StoredRecord | undefined> {
    const { dataDir, store } = this.#sources;
    return reading(dataDir, async () => {
      const row = await store
        .selectFrom('records')
        .select(['sequence', 'body as bytes'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row;
    });
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
      const last = await store
        .selectFrom('records')
        .select(({ fn }) => fn.max<number | null>('sequence').as('sequence'))
        .executeTakeFirstOrThrow();
      return last.sequence === null ? 0 : last.sequence + 1;
    });
  }

  /** The stored bytes, in the order asked for. */
  async #bytesOf(sequences: readonly number[]): Promise<readonly StoredRecord[]> {
    const rows = await this.#sources.store
      .selectFrom('records')
      .select(['sequence', 'body as bytes'])
      .where('sequence', 'in', sequences)
      .execute();
    const bySequence = new Map(rows.map((row) => [row.sequence, row]));
    return sequences.map((sequence) => {
      const row = bySequence.get(sequence);
      if (row !== undefined) return row;
      throw new WitanError('store_corrupt', `the index names record ${sequence}, which the log lacks`);
    });
  }
}

function continued(span: SequenceSpan, order: RecordQuery['order'], after: number | undefined): SequenceSpan {
  if (after === undefined) return span;
  return order === 'newest'
    ? { from: span.from, to: Math.min(span.to, after) }
    : { from: Math.max(span.from, after + 1), to: span.to };
}
