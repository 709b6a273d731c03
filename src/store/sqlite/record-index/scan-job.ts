import type { StoredRecord } from '../../../audit/query.js';
import { BLOCK_RECORDS, placesOf } from './record-bitmap.js';
import { matcherOf, type JobSources, type RecordJob } from './record-job.js';
import { packRecords, type RecordQuestion } from './record-reader-protocol.js';

/** A batch is full when it holds so much. */
const BATCH_BYTES_MAX = 1024 * 1024;
const BATCH_RECORDS_MAX = 1000;

/** All that match, oldest first, in batches. */
export function* scanJob(
  sources: JobSources,
  question: Extract<RecordQuestion, { readonly kind: 'scan' }>,
): RecordJob {
  const matcher = matcherOf(sources, question, { from: question.from });
  let batch: StoredRecord[] = [];
  let bytes = 0;
  const { from, to } = matcher?.blocks ?? { from: 0, to: 0 };
  for (let block = from; block < to; block += 1) {
    const matches = matcher?.matchesOf(block);
    for (const place of matches === undefined ? [] : placesOf(matches)) {
      const record = sources.log.record(block * BLOCK_RECORDS + place);
      if (record === undefined) continue;
      batch.push(record);
      bytes += record.bytes.length;
      if (bytes >= BATCH_BYTES_MAX || batch.length >= BATCH_RECORDS_MAX) {
        yield packRecords(batch);
        [batch, bytes] = [[], 0];
      } else if (sources.isDue()) yield undefined;
    }
    if (sources.isDue()) yield undefined;
  }
  if (batch.length > 0) yield packRecords(batch);
  return { kind: 'scan' };
}
