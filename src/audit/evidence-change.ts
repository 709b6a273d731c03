/** What an act changes about the log itself; committed together with its record. */
export type EvidenceChange =
  | {
      /** A key that signs checkpoints from now on. */
      readonly kind: 'put_key';
      readonly vkey: string;
    }
  | {
      /** Deletes masked values with their salts, for good. */
      readonly kind: 'erase_values';
      readonly sequence: number;
      readonly pointers: readonly string[];
    }
  | {
      readonly kind: 'put_hold';
      readonly id: string;
      readonly query: string;
      readonly reason: string;
      /** RFC 3339. */
      readonly placedAt: string;
    }
  | { readonly kind: 'release_hold'; readonly id: string }
  | {
      /** Records before this sequence are no longer part of what is kept. It only grows. */
      readonly kind: 'prune';
      readonly minimumIndex: number;
    };
