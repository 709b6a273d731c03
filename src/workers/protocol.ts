import type { AuditPositions, EncodedEntries } from '../audit/log.js';
import type { Config } from '../config.js';
import type { Quarantined } from '../decision/quarantine.js';
import type { ErrorCode } from '../errors.js';
import type { Change } from '../store/store.js';
import type { LawReplica } from './law-replica.js';
import type { ObservedReport } from './observed-report.js';

/**
 * What the main process and a worker say to each other, over the channel between a process and its child: in order, and
 * nobody else can speak there. What has an `ask` is acknowledged by it.
 */
export type ToWorker =
  /** First of all; what is shown and released after it makes the worker complete. */
  | { readonly kind: 'begin'; readonly ask: number; readonly settings: WorkerSettings }
  /** Durable changes; a new worker learns all that is held in memory by them. */
  | { readonly kind: 'show'; readonly ask: number; readonly changes: readonly Change[] }
  /** Law to be loaded beside the one in force. */
  | { readonly kind: 'prepare'; readonly ask: number; readonly law: LawReplica }
  | { readonly kind: 'hold'; readonly ask: number }
  /** Decide by the law of this revision: the one in force, or the one that was prepared last. */
  | { readonly kind: 'release'; readonly ask: number; readonly revision: number }
  /** Is it still there? */
  | { readonly kind: 'ping'; readonly ask: number }
  /** Finish what is in flight, take nothing more, and end. */
  | { readonly kind: 'stop'; readonly ask: number; readonly stopMsMax: number }
  /** Comes with a connection that was accepted. */
  | { readonly kind: 'take' }
  | { readonly kind: 'quarantine'; readonly quarantined: Quarantined }
  /** Whether decisions are to be told of once they are on record. */
  | { readonly kind: 'observe'; readonly ask: number; readonly active: boolean }
  /** The records of a group are durable. */
  | { readonly kind: 'written'; readonly group: number; readonly positions: AuditPositions }
  /** Nothing of the group is on record, as far as anyone may rely on it. */
  | { readonly kind: 'unwritten'; readonly group: number; readonly fault: PassedFault };

export type FromWorker =
  | { readonly kind: 'done'; readonly ask: number }
  /** It took a connection. */
  | { readonly kind: 'taken' }
  /** Records of decisions that are answered when they are durable. */
  | { readonly kind: 'append'; readonly group: number; readonly entries: EncodedEntries }
  | { readonly kind: 'quarantine'; readonly quarantined: Quarantined }
  | { readonly kind: 'observed'; readonly observed: readonly ObservedReport[] };

export interface WorkerSettings {
  /** From 1; a worker that replaces another has its number. */
  readonly number: number;
  readonly config: Config;
  /** The toolchain's reactor. */
  readonly toolchainPath: string;
  /** Where the main process listens. */
  readonly mainSocket: string;
}

/** An error as it crosses the border between processes. */
export interface PassedFault {
  readonly code: ErrorCode;
  readonly message: string;
  /** What the operator's log says of it, and no caller is told. */
  readonly cause?: string;
}

/** How long whoever is asked may take, in milliseconds: an evaluation ends within some tenths of a second. */
export const ANSWER_MS_MAX = 10_000;
/** How long a worker may take to start, and to load what it decides by. */
export const START_MS_MAX = 60_000;
