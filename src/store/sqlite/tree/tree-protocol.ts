import type { ThreadFault } from '../log/writer-protocol.js';

export interface TreeSettings {
  readonly dataDir: string;
  readonly logFile: string;
  /** Of a new log: the name that its checkpoints begin with. */
  readonly origin?: string;
  /** Whether a key that is gone is replaced by another. */
  readonly replaceLostKey?: boolean;
}

/** A tile as it is stored: the hashes so far, one after the other. */
export interface StoredTile {
  readonly level: number;
  readonly tile: number;
  readonly hashes: Uint8Array;
}

/** A checkpoint on its way into the store, with the tiles that changed since the one before. */
export interface Seal {
  readonly size: number;
  readonly note: string;
  readonly tiles: readonly StoredTile[];
}

export type ToTree =
  /** Integrate the records before `upTo`, as many as go into one seal, and sign. */
  | { readonly kind: 'sign'; readonly upTo: number }
  /** The seal that was signed last is durable, or it is not. */
  | { readonly kind: 'settle'; readonly durable: boolean }
  | { readonly kind: 'close' };

export type FromTree =
  /** The log agrees with its last checkpoint, which covers so many records. */
  | {
      readonly kind: 'ready';
      readonly size: number;
      readonly vkey: string;
      /** A key is taking over: a checkpoint is due, also without a new record. */
      readonly due: boolean;
    }
  | { readonly kind: 'refused'; readonly fault: ThreadFault }
  | { readonly kind: 'signed'; readonly seal: Seal }
  | { readonly kind: 'settled' }
  /** The last message could not be obeyed. */
  | { readonly kind: 'failed'; readonly fault: ThreadFault };
