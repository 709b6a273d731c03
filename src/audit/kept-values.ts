import { readJson } from '../document/json.js';
import type { EvidenceReader } from './evidence.js';
import type { KeptValue, MaskedValues } from './masked-values.js';
import type { RecordReader, StoredRecord } from './query.js';
import type { DecisionRecord } from './record.js';

type Evidence = Pick<EvidenceReader, 'maskedValues'>;

/** The masked values of records as they are kept. */
export function keptValues(records: Pick<RecordReader, 'byId'>, evidence: Evidence): MaskedValues {
  return {
    async of(recordId) {
      const record = await records.byId(recordId);
      return record === undefined ? [] : keptValuesOf(record, evidence);
    },
  };
}

/** One for each value that the record masks: those that were erased have neither salt nor value. */
export async function keptValuesOf(
  { sequence, bytes }: StoredRecord,
  evidence: Evidence,
): Promise<readonly KeptValue[]> {
  const { masked = [] } = readJson(bytes.toString('utf8')) as Partial<Pick<DecisionRecord, 'masked'>>;
  if (masked.length === 0) return [];
  const kept = await evidence.maskedValues(sequence);
  return masked.map((pointer): KeptValue => kept.find((value) => value.pointer === pointer) ?? { pointer });
}
