/** A query of records that is kept under a name. */
export interface SavedQuery {
  readonly name: string;
  /** A filter as text: `decision=false&policy=retention`. */
  readonly query: string;
  readonly title?: string;
  /** RFC 3339. */
  readonly saved_at: string;
}

/** Keeps a query, or another one under its name; or no longer does. */
export type SavedQueryChange =
  | { readonly kind: 'put_saved_query'; readonly saved: SavedQuery }
  | { readonly kind: 'delete_saved_query'; readonly name: string };

export interface SavedQueryReader {
  byName(name: string): Promise<SavedQuery | undefined>;
  /** In the order of their names. */
  all(): Promise<readonly SavedQuery[]>;
}

export const SAVED_QUERY_NAME = '^[a-z][a-z0-9_-]{0,62}$';
export const SAVED_QUERIES_MAX = 1000;
