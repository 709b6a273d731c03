import type {
  CountField,
  RecordCounts,
  RecordDraw,
  RecordFilter,
  RecordQuery,
  StoredRecord,
} from '../../../audit/query.js';
import type { ThreadFault } from '../log/writer-protocol.js';

export interface ReaderSettings {
  readonly dataDir: string;
  readonly logFile: string;
  readonly indexFile: string;
}

/** What the reader is asked; records at `upTo` and later are not looked at, and every one before is indexed. */
export type RecordQuestion = { readonly filter: RecordFilter; readonly upTo: number } & (
  | {
      readonly kind: 'page';
      readonly order: RecordQuery['order'];
      readonly limit: number;
      /** The sequence after which the page begins, in its order. */
      readonly after: number | undefined;
    }
  | { readonly kind: 'count'; readonly by: CountField | undefined }
  | { readonly kind: 'scan'; readonly from: number }
  | ({ readonly kind: 'sample' } & Omit<RecordDraw, 'upTo'>)
);

export type RecordAnswer =
  | { readonly kind: 'page'; readonly records: PackedRecords; readonly more: boolean }
  | { readonly kind: 'count'; readonly counts: RecordCounts }
  /** After the last batch. */
  | { readonly kind: 'scan' }
  | { readonly kind: 'sample'; readonly population: number; readonly records: PackedRecords };

/** Records on their way from the reader: their bytes one after the other; `ends[i]` is where the i-th ends. */
export interface PackedRecords {
  readonly bytes: ArrayBuffer;
  readonly ends: readonly number[];
  readonly sequences: readonly number[];
}

export type ToReader =
  | { readonly kind: 'ask'; readonly job: number; readonly question: RecordQuestion }
  /** One more batch of a scan is wanted. */
  | { readonly kind: 'more'; readonly job: number }
  | { readonly kind: 'cancel'; readonly job: number }
  | { readonly kind: 'close' };

export type FromReader =
  | { readonly kind: 'ready'; readonly size: number }
  | { readonly kind: 'refused'; readonly fault: ThreadFault }
  | { readonly kind: 'batch'; readonly job: number; readonly records: PackedRecords }
  | { readonly kind: 'answer'; readonly job: number; readonly answer: RecordAnswer }
  | { readonly kind: 'failed'; readonly job: number; readonly fault: ThreadFault };

/** Batches of a scan that the reader is ahead by. */
export const BATCHES_AHEAD = 2;

export function packRecords(records: readonly StoredRecord[]): PackedRecords {
  const ends: number[] = [];
  let length = 0;
  for (const { bytes } of records) ends.push((length += bytes.length));
  const packed = new Uint8Array(length);
  for (const [at, { bytes }] of records.entries()) packed.set(bytes, (ends[at] ?? 0) - bytes.length);
  return { bytes: packed.buffer, ends, sequences: records.map(({ sequence }) => sequence) };
}

export function unpackRecords({ bytes, ends, sequences }: PackedRecords): readonly StoredRecord[] {
  return sequences.map((sequence, at) => {
    const start = at === 0 ? 0 : (ends[at - 1] ?? 0);
    return { sequence, bytes: Buffer.from(bytes, start, (ends[at] ?? start) - start) };
  });
}
