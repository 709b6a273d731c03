import type { MaskedValue } from '../../audit/log.js';
import { redact } from '../../audit/redaction.js';
import type { DecisionRecord, KeyRecord, SeedRecord } from '../../audit/record.js';
import { createBundle } from '../../policy/bundle.js';
import { metadataDigest } from '../../product/digest.js';
import { metadataText, type NormalForm } from '../../product/metadata.js';
import type { Store } from '../store.js';
import { sampleRecord } from './sample-records.js';

const caller = { id: 'operator', roles: ['operator'] };

/** The bundle that the second record of a sample log names. */
export const sampleBundle = createBundle([
  { path: 'manifest.yaml', text: 'version: 1.0.0\nlayer: global\npolicies: {}\n' },
  { path: 'data/limits.json', text: '{"days": 30}' },
]);

/** Metadata that some of the records name. */
export function sampleMetadata(n: number): NormalForm {
  const product: Readonly<Record<string, unknown>> = { id: `product-${n}`, name: `Product ${n}` };
  // What is hashed and stored is any JSON of this shape.
  return { product, contracts: [] };
}

/** A decision of which two values are masked, with salts that are the same each time. */
export function maskedRecord(n: number): {
  readonly record: DecisionRecord;
  readonly masked: readonly MaskedValue[];
} {
  const plain = sampleRecord(n);
  const { evaluation, pointers, masked } = redact(
    plain.evaluation,
    ['/subject/id', '/subject/properties/town'],
    (pointer) => Buffer.alloc(16, n + pointer.length),
  );
  return { record: { ...plain, evaluation, masked: pointers }, masked };
}

/** Whether a record of a sample log is a decision with masked values. */
export const isMasked = (sequence: number): boolean => sequence >= 2 && sequence % 10 === 5;
/** Whether it names metadata. */
export const namesMetadata = (sequence: number): boolean => sequence >= 2 && sequence % 7 === 3;

/**
 * Appends records up to a size: the log's key, a seed with a bundle, then decisions, of which some have masked values
 * and some name metadata.
 */
export async function growLog(store: Store, from: number, to: number): Promise<void> {
  await Promise.all(Array.from({ length: Math.max(0, to - from) }, (_, n) => appendSample(store, from + n)));
}

function appendSample({ audit, tree }: Store, sequence: number): Promise<unknown> {
  const { id, time } = sampleRecord(sequence);
  const head = { id, time, caller, revision: 0 };
  if (sequence === 0) {
    // INVARIANT: a store that is written has a key.
    const vkey = tree.signingKey ?? '';
    const record: KeyRecord = { ...head, kind: 'key', vkey };
    return audit.append({ record, changes: [{ kind: 'put_key', vkey }] });
  }
  if (sequence === 1) {
    const { layer, digest, files } = sampleBundle;
    const record: SeedRecord = {
      ...head,
      kind: 'seed',
      layers: [{ layer, digest }],
      toolchain: { opa: '1.0.0', digest },
    };
    return audit.append({ record, changes: [{ kind: 'put_bundle', layer, digest, files }] });
  }
  if (isMasked(sequence)) return audit.append(maskedRecord(sequence));
  if (!namesMetadata(sequence)) return audit.append({ record: sampleRecord(sequence) });
  const metadata = sampleMetadata(sequence % 11);
  const digest = metadataDigest(metadata);
  return audit.append({
    record: sampleRecord(sequence, { metadata: digest }),
    documents: new Map([[digest, metadataText(metadata)]]),
  });
}
