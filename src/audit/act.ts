import type { EvidenceChange } from './evidence-change.js';
import type { EvidenceReader } from './evidence.js';
import type { AuditLog } from './log.js';
import type { RecordReader } from './query.js';
import type { LawInForce, RecordHead } from './record.js';

/** Who acts on the log, and what ties the record of it to the actor's own. */
export interface Acting {
  readonly caller: RecordHead['caller'];
  readonly correlation?: RecordHead['correlation'];
}

/** What acts on the log itself are made with. */
export interface ActNeeds {
  readonly audit: AuditLog<EvidenceChange>;
  readonly records: RecordReader;
  readonly evidence: EvidenceReader;
  /** What is in force, as a record says it. */
  readonly law: () => LawInForce & { readonly revision: number };
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  /** UUIDv7. */
  readonly newId: () => string;
}

/** What the record of an act begins with. */
export function headOf(
  {
    newId,
    nowMs,
    law,
  }: Pick<ActNeeds, 'newId' | 'nowMs'> & { readonly law: () => { readonly revision: number } },
  { caller, correlation }: Acting,
): RecordHead {
  return {
    id: newId(),
    time: new Date(nowMs()).toISOString(),
    caller,
    ...(correlation !== undefined && { correlation }),
    revision: law().revision,
  };
}
