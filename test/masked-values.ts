import type { MaskedValue } from '../src/audit/log.js';
import type { KeptValue, MaskedValues } from '../src/audit/masked-values.js';
import type { Store } from '../src/store/store.js';

/** Masked values of the records that a store was handed, kept in memory. */
export interface MaskedValuesInMemory extends MaskedValues {
  /** Keeps what is masked of every record that is appended from now on. */
  watch(store: Store): void;
  keep(recordId: string, masked: readonly MaskedValue[]): void;
  erase(recordId: string, pointer: string): void;
}

export function maskedValuesInMemory(): MaskedValuesInMemory {
  const kept = new Map<string, readonly KeptValue[]>();
  const keep = (recordId: string, masked: readonly MaskedValue[]): void => {
    kept.set(recordId, masked);
  };
  return {
    of: (recordId) => Promise.resolve(kept.get(recordId) ?? []),
    keep,
    erase(recordId, pointer) {
      const values = kept.get(recordId) ?? [];
      kept.set(
        recordId,
        values.map((value) => (value.pointer === pointer ? { pointer } : value)),
      );
    },
    watch({ audit }) {
      const append = audit.append.bind(audit);
      audit.append = (entry) => {
        keep(entry.record.id, entry.masked ?? []);
        return append(entry);
      };
    },
  };
}
