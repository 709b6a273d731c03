import type { EvidenceChange } from '../../../audit/evidence-change.js';
import type { EncodedEntries } from '../../../audit/log.js';
import type { ErrorCode } from '../../../errors.js';
import type { SavedQueryChange } from '../../../audit/saved-query.js';
import type { CouncilChange } from '../../../council/council-change.js';
import type { TokenChange } from '../../../identity/token-change.js';
import type { BundleChange } from '../../../policy/bundle-change.js';
import type { RegistryChange } from '../../../registry/change.js';
import type { Seal } from '../tree/tree-protocol.js';

/** A registered product without its metadata, which travel as a document. */
export interface ProductRow {
  readonly kind: 'put_product';
  readonly id: string;
  readonly domain: string | null;
  readonly digest: string;
  readonly registeredAt: string;
  readonly updatedAt: string;
}

/** A change as the writer applies it. */
export type StoredChange =
  | Exclude<RegistryChange, { kind: 'put_product' }>
  | BundleChange
  | EvidenceChange
  | SavedQueryChange
  | CouncilChange
  | TokenChange
  | ProductRow;

/** Records that are committed together. */
export interface RecordGroup extends Omit<EncodedEntries, 'bytes'> {
  /** As those of `EncodedEntries`, and more memory may follow. It is handed over, and back with the answer. */
  readonly bytes: ArrayBuffer;
  /** Changes of the record at place `at` of the group, in order. */
  readonly changes: readonly { readonly at: number; readonly change: StoredChange }[];
}

/** A fault that crosses the thread's border. */
export interface ThreadFault {
  readonly code: ErrorCode;
  readonly message: string;
}

export interface WriterSettings {
  readonly dataDir: string;
  readonly file: string;
}

export type ToWriter =
  | { readonly kind: 'commit'; readonly group: RecordGroup }
  | { readonly kind: 'probe' }
  | { readonly kind: 'seal'; readonly seal: Seal }
  /** Delete some of the records that were pruned. */
  | { readonly kind: 'sweep' }
  | { readonly kind: 'close' };

export type FromWriter =
  /** The store is open and holds so many records. */
  | { readonly kind: 'ready'; readonly size: number }
  | { readonly kind: 'refused'; readonly fault: ThreadFault }
  /** Durable: the records of the group but the refused ones, in order, from `first`. */
  | {
      readonly kind: 'committed';
      readonly bytes: ArrayBuffer;
      readonly first: number;
      readonly refused: readonly { readonly at: number; readonly message: string }[];
    }
  /** Nothing of the group was kept. */
  | { readonly kind: 'failed'; readonly bytes: ArrayBuffer; readonly fault: ThreadFault }
  | { readonly kind: 'probed'; readonly fault?: ThreadFault }
  | { readonly kind: 'sealed'; readonly fault?: ThreadFault }
  | { readonly kind: 'swept'; readonly more: boolean; readonly fault?: ThreadFault };
