import type Database from 'better-sqlite3';
import { writeJson } from '../../../document/json.js';
import type { RegistryChange } from '../../../registry/change.js';
import type { ProductRow } from './writer-protocol.js';

type Change = Exclude<RegistryChange, { kind: 'put_product' }> | ProductRow;

/** Statements that apply changes of what the mesh knows, prepared once; they run within the caller's transaction. */
export function registryChangeApplier(db: Database.Database): (change: Change) => void {
  const putProduct = db.prepare(
    `INSERT INTO products (id, domain, digest, registered_at, updated_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET domain = excluded.domain, digest = excluded.digest,
       registered_at = excluded.registered_at, updated_at = excluded.updated_at`,
  );
  const deleteProduct = db.prepare('DELETE FROM products WHERE id = ?');
  const putEntity = db.prepare(
    'INSERT INTO entities (type, id, body) VALUES (?, ?, ?) ON CONFLICT (type, id) DO UPDATE SET body = excluded.body',
  );
  const deleteEntity = db.prepare('DELETE FROM entities WHERE type = ? AND id = ?');
  const putDomain = db.prepare(
    'INSERT INTO domains (path, body) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET body = excluded.body',
  );

  return (change) => {
    switch (change.kind) {
      case 'put_product':
        putProduct.run(change.id, change.domain, change.digest, change.registeredAt, change.updatedAt);
        return;
      case 'delete_product':
        deleteProduct.run(change.id);
        return;
      case 'put_entity':
        putEntity.run(change.entity.type, change.entity.id, writeJson(change.entity));
        return;
      case 'delete_entity':
        deleteEntity.run(change.type, change.id);
        return;
      case 'put_domain':
        putDomain.run(change.domain.path, writeJson(change.domain));
        return;
    }
  };
}
