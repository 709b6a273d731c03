import type { StoredRecord } from '../../../audit/query.js';
import { BLOCK_RECORDS, placesOf } from './record-bitmap.js';
import { matcherOf, type JobSources, type RecordJob } from './record-job.js';
import { packRecords, type RecordQuestion } from './record-reader-protocol.js';

/** A page ends early when its records hold so much. */
const PAGE_BYTES_MAX = 32 * 1024 * 1024;

type PageQuestion = Extract<RecordQuestion, { readonly kind: 'page' }>;

/** The records of one page: block by block in its order, until it is full. */
export function* pageJob(sources: JobSources, question: PageQuestion): RecordJob {
  const records: StoredRecord[] = [];
  let bytes = 0;
  for (const sequence of sequencesOf(sources, question)) {
    if (sequence !== undefined) {
      if (records.length === question.limit || bytes >= PAGE_BYTES_MAX) {
        return { kind: 'page', records: packRecords(records), more: true };
      }
      const record = sources.log.record(sequence);
      if (record !== undefined) {
        records.push(record);
        bytes += record.bytes.length;
      }
    }
    if (sources.isDue()) yield undefined;
  }
  return { kind: 'page', records: packRecords(records), more: false };
}

/** The sequences that match, in the order of the page; `undefined` after each block. */
function* sequencesOf(sources: JobSources, question: PageQuestion): Generator<number | undefined> {
  const { order, after } = question;
  const newest = order === 'newest';
  const within = after === undefined ? {} : newest ? { to: after } : { from: after + 1 };
  const matcher = matcherOf(sources, question, within);
  if (matcher === undefined) return;
  const { from, to } = matcher.blocks;
  for (let step = 0; step < to - from; step += 1) {
    const block = newest ? to - 1 - step : from + step;
    const matches = matcher.matchesOf(block);
    if (matches !== undefined) {
      const places = placesOf(matches);
      if (newest) places.reverse();
      for (const place of places) yield block * BLOCK_RECORDS + place;
    }
    yield undefined;
  }
}
