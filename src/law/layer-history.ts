import type { ActivationRecord, SeedRecord } from '../audit/record.js';
import type { RecordReader } from '../audit/query.js';
import type { Layer } from '../policy/layer.js';
import type { BundleReader } from '../store/store.js';

/** A bundle of a layer as it came into force. */
export interface BundleInHistory {
  readonly revision: number;
  readonly digest: string;
  /** RFC 3339; this and what follows is absent where the record was pruned. */
  readonly since?: string;
  readonly by?: 'seed' | ActivationRecord['by'];
  /** Id of who put it in force. */
  readonly caller?: string;
  readonly proposal?: string;
  readonly reason?: string;
  /** Id of the record. */
  readonly record?: string;
}

interface HistoryNeeds {
  readonly bundles: Pick<BundleReader, 'historyOf'>;
  readonly records: Pick<RecordReader, 'scan' | 'size'>;
}

/**
 * The bundles that a layer has had, newest first, with when and how each came into force.
 *
 * @throws WitanError `store_unavailable`
 */
export async function layerHistory(
  layer: Layer,
  { bundles, records }: HistoryNeeds,
): Promise<readonly BundleInHistory[]> {
  const history = await bundles.historyOf(layer);
  const wanted = new Set(history.map(({ revision }) => revision));
  const acts = new Map<number, SeedRecord | ActivationRecord>();
  const upTo = await records.size();
  // A seed names no layer: it brings them all.
  for (const filter of [{ kind: 'seed' }, { kind: 'activation', layer }] as const) {
    for await (const batch of records.scan(filter, { upTo })) {
      for (const { bytes } of batch) {
        // INVARIANT: the filter asked for these kinds.
        const record = JSON.parse(bytes.toString('utf8')) as SeedRecord | ActivationRecord;
        if (wanted.has(record.revision)) acts.set(record.revision, record);
      }
    }
  }
  return history.map(({ revision, digest }) => ({ revision, digest, ...actOf(acts.get(revision)) }));
}

function actOf(record: SeedRecord | ActivationRecord | undefined): Partial<BundleInHistory> {
  if (record === undefined) return {};
  const told = { since: record.time, caller: record.caller.id, record: record.id };
  if (record.kind === 'seed') return { ...told, by: 'seed' };
  return {
    ...told,
    by: record.by,
    ...(record.proposal !== undefined && { proposal: record.proposal }),
    ...(record.reason !== undefined && { reason: record.reason }),
  };
}
