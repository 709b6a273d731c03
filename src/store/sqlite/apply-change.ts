import { writeJson } from '../../document/json.js';
import type Database from 'better-sqlite3';
import { evidenceChangeApplier } from './apply-evidence-change.js';
import { ChangeRefused } from './change-refused.js';
import type { StoredChange } from './writer-protocol.js';

/** Statements that apply changes, prepared once; they run within the caller's transaction. */
export function changeApplier(db: Database.Database): (change: StoredChange) => void {
  const applyToEvidence = evidenceChangeApplier(db);
  const putProduct = db.prepare(
    `INSERT INTO products (id, domain, digest, registered_at, updated_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET domain = excluded.domain, digest = excluded.digest,
       registered_at = excluded.registered_at, updated_at = excluded.updated_at`,
  );
  const deleteProduct = db.prepare('DELETE FROM products WHERE id = ?');
  const putEntity = db.prepare(
    'INSERT INTO entities (type, id, body) VALUES (?, ?, ?) ON CONFLICT (type, id) DO UPDATE SET body = excluded.body',
  );
  const putDomain = db.prepare(
    'INSERT INTO domains (path, body) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET body = excluded.body',
  );
  const putBundle = db.prepare(
    'INSERT INTO bundles (digest, layer, files) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING',
  );
  const lastRevision = db.prepare('SELECT coalesce(max(revision), 0) FROM revisions').pluck();
  const putRevision = db.prepare('INSERT INTO revisions (revision, layer, digest) VALUES (?, ?, ?)');

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
      case 'put_domain':
        putDomain.run(change.domain.path, writeJson(change.domain));
        return;
      case 'put_bundle':
        putBundle.run(change.digest, change.layer, JSON.stringify(change.files));
        return;
      case 'activate': {
        const last = lastRevision.get() as number;
        if (change.revision !== last + 1 || change.layers.size === 0) {
          throw new ChangeRefused(
            `revision ${change.revision} with ${change.layers.size} layers cannot follow revision ${last}`,
          );
        }
        for (const [layer, digest] of change.layers) putRevision.run(change.revision, layer, digest);
        return;
      }
      default:
        applyToEvidence(change);
    }
  };
}
