import type { ThreadFault } from '../log/writer-protocol.js';

export interface IndexerSettings {
  readonly dataDir: string;
  readonly logFile: string;
  readonly indexFile: string;
  /** Whether the log may be touched: the indexer of a serving store also copies its write-ahead log into the database. */
  readonly checkpoints: boolean;
  readonly mayRebuild: boolean;
}

export type ToIndexer =
  /** `yields`: decisions come first, from now on. */
  { readonly kind: 'index'; readonly upTo: number; readonly yields: boolean } | { readonly kind: 'close' };

export type FromIndexer =
  | { readonly kind: 'ready'; readonly size: number }
  | { readonly kind: 'refused'; readonly fault: ThreadFault }
  /** The answer to each `index`: how far the index goes now, which may be less than was asked for. */
  | { readonly kind: 'indexed'; readonly size: number; readonly fault?: ThreadFault };
