import type Database from 'better-sqlite3';
import { FIELD_NUMBERS, type Field, type FindingMembers, type SingleField } from './record-fields.js';
import {
  BLOCK_CHUNKS,
  CHUNK_RECORDS,
  decodeColumn,
  decodeFindings,
  decodeTimes,
  type FindingColumn,
  type TermColumn,
} from './term-column.js';

/** INVARIANT: each is a search by key, however large the log is; a test asks SQLite for its plan. */
export const INDEX_READS = {
  size: 'SELECT size FROM record_index_state WHERE id = 1',
  term: 'SELECT id, count, first FROM terms WHERE field = ? AND value = ?',
  termById: 'SELECT id, count, first FROM terms WHERE id = ?',
  value: 'SELECT value FROM terms WHERE id = ?',
  findings: 'SELECT id, term, members FROM findings WHERE id > ? ORDER BY id',
  findingColumn: 'SELECT findings FROM finding_columns WHERE chunk = ?',
  posting: 'SELECT matches FROM postings WHERE block = ? AND term = ?',
  column: 'SELECT terms FROM columns WHERE field = ? AND chunk = ?',
  spans: 'SELECT chunk, time_min, time_max, untimed FROM times WHERE chunk >= ? ORDER BY chunk',
  times: 'SELECT times FROM times WHERE chunk = ?',
} as const;

/** A value of a field. */
export interface Term {
  readonly id: number;
  /** Records that have it, near enough: those of full blocks, with those that were pruned. */
  readonly count: number;
  /** The block of the first of them. */
  readonly first: number;
}

/** A finding that some record holds. */
export interface KnownFinding {
  /** From 1, without gaps. */
  readonly id: number;
  /** Shared by those that differ in the waiver alone; of those that refuse, and of acts. */
  readonly term: number | null;
  readonly members: FindingMembers;
}

/** The earliest and the latest time of a chunk. */
export interface ChunkSpan {
  readonly min: number;
  readonly max: number;
  /** Records without a time stand in it too. */
  readonly untimed: boolean;
}

/** Reads the index, and remembers what is small of it. */
export class IndexReader {
  readonly #size: Database.Statement<[], number>;
  readonly #term: Database.Statement<[field: number, value: string], Term>;
  readonly #termById: Database.Statement<[id: number], Term>;
  readonly #value: Database.Statement<[id: number], string>;
  readonly #newFindings: Database.Statement<[after: number], FindingRow>;
  readonly #findingColumn: Database.Statement<[chunk: number], Buffer>;
  readonly #posting: Database.Statement<[block: number, term: number], Buffer>;
  readonly #column: Database.Statement<[field: number, chunk: number], Buffer>;
  readonly #newSpans: Database.Statement<[from: number], SpanRow>;
  readonly #times: Database.Statement<[chunk: number], Buffer>;
  readonly #findings: KnownFinding[] = [];
  /** Of one block by chunk: a block that is matched by its findings is then counted by them. */
  readonly #findingColumns = new Map<number, FindingColumn>();
  /** By chunk. */
  readonly #spans: (ChunkSpan | undefined)[] = [];

  constructor(index: Database.Database) {
    this.#size = index.prepare<[], number>(INDEX_READS.size).pluck();
    this.#term = index.prepare(INDEX_READS.term);
    this.#termById = index.prepare(INDEX_READS.termById);
    this.#value = index.prepare<[number], string>(INDEX_READS.value).pluck();
    this.#newFindings = index.prepare(INDEX_READS.findings);
    this.#findingColumn = index.prepare<[number], Buffer>(INDEX_READS.findingColumn).pluck();
    this.#posting = index.prepare<[number, number], Buffer>(INDEX_READS.posting).pluck();
    this.#column = index.prepare<[number, number], Buffer>(INDEX_READS.column).pluck();
    this.#newSpans = index.prepare(INDEX_READS.spans);
    this.#times = index.prepare<[number], Buffer>(INDEX_READS.times).pluck();
  }

  /** How many records are indexed. */
  size(): number {
    return this.#size.get() ?? 0;
  }

  term(field: Field, value: string): Term | undefined {
    return this.#term.get(FIELD_NUMBERS[field], value);
  }

  termById(id: number): Term | undefined {
    return this.#termById.get(id);
  }

  valueOf(term: number): string {
    return this.#value.get(term) ?? '';
  }

  posting(block: number, term: number): Buffer | undefined {
    return this.#posting.get(block, term);
  }

  column(field: SingleField, chunk: number): TermColumn | undefined {
    const encoded = this.#column.get(FIELD_NUMBERS[field], chunk);
    return encoded === undefined ? undefined : decodeColumn(encoded);
  }

  times(chunk: number): Float64Array {
    const encoded = this.#times.get(chunk);
    return encoded === undefined ? new Float64Array() : decodeTimes(encoded);
  }

  findingColumn(chunk: number): FindingColumn | undefined {
    const remembered = this.#findingColumns.get(chunk);
    if (remembered !== undefined) return remembered;
    const encoded = this.#findingColumn.get(chunk);
    if (encoded === undefined) return undefined;
    const column = decodeFindings(encoded);
    // What is not full changes.
    if (column.ends.length === CHUNK_RECORDS) {
      if (this.#findingColumns.size >= BLOCK_CHUNKS) this.#findingColumns.clear();
      this.#findingColumns.set(chunk, column);
    }
    return column;
  }

  /** All findings that there are; that of id 1 is the first. */
  findings(): readonly KnownFinding[] {
    for (const { id, term, members } of this.#newFindings.iterate(this.#findings.length)) {
      this.#findings.push({ id, term, members: JSON.parse(members) as FindingMembers });
    }
    return this.#findings;
  }

  /** Reads what times came in since; the spans of chunks that are full stay as they are. */
  refreshSpans(): void {
    const from = Math.max(0, this.#spans.length - 1);
    for (const { chunk, time_min, time_max, untimed } of this.#newSpans.iterate(from)) {
      const none = time_min === null || time_max === null;
      this.#spans[chunk] = none
        ? { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, untimed: true }
        : { min: time_min, max: time_max, untimed: untimed > 0 };
    }
  }

  spanOf(chunk: number): ChunkSpan | undefined {
    return this.#spans[chunk];
  }
}

interface FindingRow {
  readonly id: number;
  readonly term: number | null;
  readonly members: string;
}

interface SpanRow {
  readonly chunk: number;
  readonly time_min: number | null;
  readonly time_max: number | null;
  readonly untimed: number;
}
