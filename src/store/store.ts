import type { EvidenceChange } from '../audit/evidence-change.js';
import type { AuditLog } from '../audit/log.js';
import type { EvidenceReader } from '../audit/evidence.js';
import type { RecordReader } from '../audit/query.js';
import type { SavedQueryChange, SavedQueryReader } from '../audit/saved-query.js';
import type { LogTree } from '../audit/tree.js';
import type { BundleChange } from '../policy/bundle-change.js';
import type { BundleFile } from '../policy/bundle.js';
import type { Layer } from '../policy/layer.js';
import type { RegistryChange } from '../registry/change.js';
import type { RegistryContent } from '../registry/in-memory-registry.js';

/** Everything that an act can change together with its record. */
export type Change = RegistryChange | BundleChange | EvidenceChange | SavedQueryChange;

/** The bundles at one revision. */
export interface CurrentRevision {
  /** From 1. */
  readonly revision: number;
  /** In the order of the layers' names. */
  readonly layers: readonly { readonly layer: Layer; readonly digest: string }[];
}

export interface BundleReader {
  /** The last revision; `undefined` in an empty store. */
  current(): Promise<CurrentRevision | undefined>;
  /** A bundle that was kept, in force or not. */
  byDigest(
    digest: string,
  ): Promise<{ readonly layer: Layer; readonly files: readonly BundleFile[] } | undefined>;
}

export interface RegistryReader {
  /** All that is registered, each kind in the order of its keys. */
  load(): Promise<RegistryContent>;
}

/** All that is kept, whichever engine keeps it. What the readers return was acknowledged and is durable. */
export interface Store {
  readonly audit: AuditLog<Change>;
  readonly tree: LogTree;
  readonly records: RecordReader;
  readonly evidence: EvidenceReader;
  readonly savedQueries: SavedQueryReader;
  readonly bundles: BundleReader;
  readonly registry: RegistryReader;
  /** Writes what was accepted, then lets go of the folder. */
  close(): Promise<void>;
}
