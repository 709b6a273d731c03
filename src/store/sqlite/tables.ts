/** The store's tables that are read through Kysely: `migrations/*.sql`. */
export interface StoreTables {
  records: { sequence: number; id: string; body: Buffer };
  documents: { digest: string; body: string };
  bundles: { digest: string; layer: string; files: string };
  revisions: { revision: number; layer: string; digest: string };
  domains: { path: string; body: string };
  entities: { type: string; id: string; body: string };
  saved_queries: { name: string; query: string; title: string | null; saved_at: string };
  products: { id: string; domain: string | null; digest: string; registered_at: string; updated_at: string };
  tiles: { level: number; tile: number; hashes: Buffer };
  checkpoints: { size: number; note: string };
  log_keys: { position: number; vkey: string };
  log_bounds: { id: number; minimum_index: number };
  masked_values: {
    id: number;
    sequence: number;
    pointer: string;
    erased: number;
    salt: Buffer;
    value: string;
  };
  proposals: { id: string; version: number; body: string };
  waivers: { id: string; version: number; body: string };
  impacts: { proposal: string; digest: string; body: string };
  tokens: { id: string; hash: string; body: string };
  holds: { id: string; query: string; reason: string; placed_at: string };
}
