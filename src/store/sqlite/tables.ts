/** The store's tables that are read through Kysely: `migrations/0001-store.sql`. */
export interface StoreTables {
  records: { sequence: number; id: string; body: Buffer };
  documents: { digest: string; body: string };
  bundles: { digest: string; layer: string; files: string };
  revisions: { revision: number; layer: string; digest: string };
  domains: { path: string; body: string };
  entities: { type: string; id: string; body: string };
  products: { id: string; domain: string | null; digest: string; registered_at: string; updated_at: string };
}
