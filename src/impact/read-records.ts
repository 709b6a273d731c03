import { DistinctRequests, type RequestSample } from '../council/distinct-requests.js';
import { recordedDecision } from '../decision/recorded-decision.js';
import { RequestReader } from '../decision/request-on-record.js';
import { Stopped, type Comparison } from './compare-records.js';
import type { ImpactLimits } from './impact-protocol.js';

/** What was read of the log. */
export interface RecordsRead {
  readonly sample: RequestSample;
  /** Decisions. */
  readonly records: number;
  readonly malformed: number;
  readonly fromSequence: number;
  readonly toSequence: number;
  readonly minimumIndex: number;
  readonly fromTime?: string;
  readonly toTime?: string;
}

/** Reads the newest records of the log, and counts them by their requests. */
export function readRecords(
  { reader, progress, stopped }: Pick<Comparison, 'reader' | 'progress' | 'stopped'>,
  { seed, recordsMax, distinctMax }: { readonly seed: string } & ImpactLimits,
): RecordsRead {
  const toSequence = reader.size();
  const minimumIndex = reader.minimumIndex();
  const fromSequence = Math.max(minimumIndex, toSequence - recordsMax);
  const of = toSequence - fromSequence;
  const requests = new DistinctRequests(distinctMax);
  const requestReader = new RequestReader(seed);
  let [records, malformed] = [0, 0];
  let newest: Buffer | undefined;
  let oldest: Buffer | undefined;
  progress({ done: 0, of, step: 'reading' });
  for (const batch of reader.newestFirst(fromSequence, toSequence)) {
    if (stopped()) throw new Stopped();
    for (const { sequence, bytes } of batch) {
      const request = requestReader.read(bytes);
      if (request === 'other') continue;
      records += 1;
      if (request === 'malformed') {
        malformed += 1;
        continue;
      }
      newest ??= bytes;
      oldest = bytes;
      requests.add(request.key, sequence, request.permitted);
    }
    progress({ done: toSequence - (batch.at(-1)?.sequence ?? 0), of, step: 'reading' });
  }
  const fromTime = timeOf(oldest);
  const toTime = timeOf(newest);
  return {
    sample: requests.sample(),
    records,
    malformed,
    fromSequence,
    toSequence,
    minimumIndex,
    ...(fromTime !== undefined && { fromTime }),
    ...(toTime !== undefined && { toTime }),
  };
}

function timeOf(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const record = recordedDecision(bytes.toString('utf8'));
  return 'record' in record ? record.record.time : undefined;
}
