import { readJson } from '../document/json.js';
import type { EvidenceReader } from './evidence.js';
import type { KeptValue, MaskedValues } from './masked-values.js';
import type { RecordReader } from './query.js';
import type { DecisionRecord } from './record.js';

/** The masked values of records as they are kept: those that were erased have neither salt nor value. */
export function keptValues(
  records: Pick<RecordReader, 'byId'>,
  evidence: Pick<EvidenceReader, 'maskedValues'>,
): MaskedValues {
  return {
    async of(recordId) {
      const record = await records.byId(recordId);
      if (record === undefined) return [];
      const { masked = [] } = readJson(record.bytes.toString('utf8')) as Partial<
        Pick<DecisionRecord, 'masked'>
      >;
      if (masked.length === 0) return [];
      const kept = await evidence.maskedValues(record.sequence);
      return masked.map(
        (pointer): KeptValue => kept.find((value) => value.pointer === pointer) ?? { pointer },
      );
    },
  };
}
