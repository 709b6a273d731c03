import type { RecordFilter, RecordReader } from './audit/query.js';
import {
  byPolicy,
  compareRates,
  waiverRate,
  type DenialCounts,
  type WaivedPolicy,
  type WaiverRate,
} from './council/waiver-rates.js';
import type { WaiverRequest } from './council/waiver-request.js';
import type { PoliciesInForce } from './policy/in-force.js';

/**
 * How every policy that anyone ever asked to waive stands to its waivers, those that are waived most often first. What
 * was denied and what was waived is counted over the records that are kept.
 *
 * @param waivers those that whoever asks may know of
 * @param at how many domains are registered, and Unix time in milliseconds
 */
export async function waiverRates(
  waivers: Iterable<WaiverRequest>,
  records: Pick<RecordReader, 'count'>,
  at: { readonly policies: PoliciesInForce; readonly domains: number; readonly nowMs: number },
): Promise<readonly WaiverRate[]> {
  const rates: WaiverRate[] = [];
  // One after the other: the counts share one thread with all who look for records.
  for (const waived of byPolicy(waivers)) {
    rates.push(waiverRate(waived, await countDenials(waived, records), at));
  }
  return rates.sort(compareRates);
}

/**
 * A policy that is asked for the owning and for the consuming domain can deny both, and each can have a waiver: such a
 * decision counts for each.
 */
async function countDenials(
  { layer, policy }: WaivedPolicy,
  records: Pick<RecordReader, 'count'>,
): Promise<DenialCounts> {
  const said: RecordFilter = { kind: 'decision', layer, policy, enforcement: 'soft' };
  const { total: denials } = await records.count({ ...said, outcome: 'deny' });
  const { total: errors } = await records.count({ ...said, outcome: 'error' });
  const { by } = await records.count(said, 'waiver');
  const waived = (by?.values ?? []).reduce((sum, { count }) => sum + count, by?.others ?? 0);
  return { denied: denials + errors, waived };
}
