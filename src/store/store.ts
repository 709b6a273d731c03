import type { EvidenceChange } from '../audit/evidence-change.js';
import type { AuditLog, EncodedLog } from '../audit/log.js';
import type { EvidenceReader } from '../audit/evidence.js';
import type { RecordReader } from '../audit/query.js';
import type { LogTree, SignedCheckpoint } from '../audit/tree.js';
import type { SavedQueryChange, SavedQueryReader } from '../audit/saved-query.js';
import type { CouncilChange } from '../council/council-change.js';
import type { CouncilContent } from '../council/in-memory-council.js';
import type { TokenChange } from '../identity/token-change.js';
import type { Token } from '../identity/token.js';
import type { BundleChange } from '../policy/bundle-change.js';
import type { BundleFile } from '../policy/bundle.js';
import type { Layer } from '../policy/layer.js';
import type { RegistryChange } from '../registry/change.js';
import type { RegistryContent } from '../registry/in-memory-registry.js';

/** Everything that an act can change together with its record. */
export type Change =
  RegistryChange | BundleChange | EvidenceChange | SavedQueryChange | CouncilChange | TokenChange;

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
  /** The revisions that a layer's bundle came into force with, newest first. */
  historyOf(layer: Layer): Promise<readonly { readonly revision: number; readonly digest: string }[]>;
}

export interface CouncilReader {
  /** All proposals and waivers, oldest first. */
  load(): Promise<CouncilContent>;
  /** A proposal's impact as it was found out last. */
  impactOf(proposal: string): Promise<{ readonly digest: string; readonly body: string } | undefined>;
}

export interface TokenReader {
  /** All tokens, oldest first. */
  load(): Promise<readonly Token[]>;
}

export interface RegistryReader {
  /** All that is registered, each kind in the order of its keys. */
  load(): Promise<RegistryContent>;
}

/** All that is kept, whichever engine keeps it. What the readers return was acknowledged and is durable. */
export interface Store {
  readonly audit: AuditLog<Change> & EncodedLog;
  readonly tree: LogTree;
  /**
   * The last checkpoint as it lay there when the store was opened, before anything new was sealed; `undefined` in a log that
   * was never sealed, and where the store is open for reading only.
   */
  readonly checkpointAtStart: SignedCheckpoint | undefined;
  readonly records: RecordReader;
  readonly evidence: EvidenceReader;
  readonly savedQueries: SavedQueryReader;
  readonly bundles: BundleReader;
  readonly council: CouncilReader;
  readonly tokens: TokenReader;
  readonly registry: RegistryReader;
  /** Writes what was accepted, then lets go of the folder. */
  close(): Promise<void>;
}
