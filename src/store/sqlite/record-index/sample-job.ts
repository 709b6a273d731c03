import type { StoredRecord } from '../../../audit/query.js';
import { drawRanks } from '../../../audit/sample-draw.js';
import { WitanError } from '../../../errors.js';
import { BLOCK_RECORDS, placesOf, populationOf } from './record-bitmap.js';
import { matcherOf, type JobSources, type RecordJob } from './record-job.js';
import { packRecords, type RecordQuestion } from './record-reader-protocol.js';

const SAMPLE_BYTES_MAX = 128 * 1024 * 1024;

/** Counts the matches of each block, draws ranks among all of them, and looks up those in the blocks that hold them. */
export function* sampleJob(
  sources: JobSources,
  question: Extract<RecordQuestion, { readonly kind: 'sample' }>,
): RecordJob {
  const matcher = matcherOf(sources, question);
  if (matcher === undefined) return { kind: 'sample', population: 0, records: packRecords([]) };
  const { from, to } = matcher.blocks;
  const counts: number[] = [];
  let population = 0;
  for (let block = from; block < to; block += 1) {
    const matches = matcher.matchesOf(block);
    const count = matches === undefined ? 0 : populationOf(matches);
    counts.push(count);
    population += count;
    if (sources.isDue()) yield undefined;
  }
  const ranks = drawRanks(question.seed, question.size, population);
  const records: StoredRecord[] = [];
  let [bytes, next, before] = [0, 0, 0];
  for (const [at, count] of counts.entries()) {
    const matches = (ranks[next] ?? population) < before + count ? matcher.matchesOf(from + at) : undefined;
    const places = matches === undefined ? [] : placesOf(matches);
    for (let rank = ranks[next]; rank !== undefined && rank < before + count; rank = ranks[next]) {
      next += 1;
      const record = sources.log.record((from + at) * BLOCK_RECORDS + (places[rank - before] ?? 0));
      if (record === undefined) continue;
      records.push(record);
      bytes += record.bytes.length;
      if (bytes > SAMPLE_BYTES_MAX) throw tooLarge();
      if (sources.isDue()) yield undefined;
    }
    before += count;
    if (sources.isDue()) yield undefined;
  }
  return { kind: 'sample', population, records: packRecords(records) };
}

function tooLarge(): WitanError {
  return new WitanError(
    'too_many_items',
    `the records of the sample have more than ${SAMPLE_BYTES_MAX} bytes: draw fewer`,
  );
}
