import { SAVED_QUERIES_MAX } from '../../../audit/saved-query.js';
import { writeJson } from '../../../document/json.js';
import type Database from 'better-sqlite3';
import { councilChangeApplier } from './apply-council-change.js';
import { evidenceChangeApplier } from './apply-evidence-change.js';
import { registryChangeApplier } from './apply-registry-change.js';
import { ChangeRefused } from './change-refused.js';
import type { StoredChange } from './writer-protocol.js';

/** Statements that apply changes, prepared once; they run within the caller's transaction. */
export function changeApplier(db: Database.Database): (change: StoredChange) => void {
  const applyToEvidence = evidenceChangeApplier(db);
  const applyToCouncil = councilChangeApplier(db);
  const applyToRegistry = registryChangeApplier(db);
  const putToken = db.prepare(
    'INSERT INTO tokens (id, hash, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
  );
  const putBundle = db.prepare(
    'INSERT INTO bundles (digest, layer, files) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING',
  );
  const isSaved = db.prepare('SELECT 1 FROM saved_queries WHERE name = ?').pluck();
  const countSaved = db.prepare('SELECT count(*) FROM saved_queries').pluck();
  const putSaved = db.prepare(
    `INSERT INTO saved_queries (name, query, title, saved_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET query = excluded.query, title = excluded.title, saved_at = excluded.saved_at`,
  );
  const deleteSaved = db.prepare('DELETE FROM saved_queries WHERE name = ?');
  const lastRevision = db.prepare('SELECT coalesce(max(revision), 0) FROM revisions').pluck();
  const putRevision = db.prepare('INSERT INTO revisions (revision, layer, digest) VALUES (?, ?, ?)');

  return (change) => {
    switch (change.kind) {
      case 'put_product':
      case 'delete_product':
      case 'put_entity':
      case 'delete_entity':
      case 'put_domain':
        applyToRegistry(change);
        return;
      case 'put_bundle':
        putBundle.run(change.digest, change.layer, JSON.stringify(change.files));
        return;
      case 'put_saved_query': {
        const { name, query, title, saved_at } = change.saved;
        if (isSaved.get(name) === undefined && (countSaved.get() as number) >= SAVED_QUERIES_MAX) {
          throw new ChangeRefused(`${SAVED_QUERIES_MAX} queries are saved already`);
        }
        putSaved.run(name, query, title ?? null, saved_at);
        return;
      }
      case 'delete_saved_query':
        deleteSaved.run(change.name);
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
      case 'put_proposal':
      case 'put_waiver':
      case 'put_impact':
        applyToCouncil(change);
        return;
      case 'put_token':
        putToken.run(change.token.id, change.token.hash, writeJson(change.token));
        return;
      default:
        applyToEvidence(change);
    }
  };
}
