import type Database from 'better-sqlite3';
import type { EvidenceChange } from '../../../audit/evidence-change.js';
import { ChangeRefused } from './change-refused.js';
import { MaskedValueRows } from './masked-value-rows.js';

/** Statements that apply changes of the log itself, prepared once; they run within the caller's transaction. */
export function evidenceChangeApplier(db: Database.Database): (change: EvidenceChange) => void {
  const putKey = db.prepare('INSERT INTO log_keys (vkey) VALUES (?)');
  const masked = new MaskedValueRows(db);
  const putHold = db.prepare('INSERT INTO holds (id, query, reason, placed_at) VALUES (?, ?, ?, ?)');
  const releaseHold = db.prepare('DELETE FROM holds WHERE id = ?');
  // A record that no checkpoint covers is not in the tree yet: without it the log could never be sealed again.
  const prune = db.prepare(
    `UPDATE log_bounds SET minimum_index = @minimumIndex
     WHERE minimum_index < @minimumIndex AND @minimumIndex <= (SELECT max(size) FROM checkpoints)`,
  );

  return (change) => {
    switch (change.kind) {
      case 'put_key':
        putKey.run(change.vkey);
        return;
      case 'erase_values':
        for (const pointer of change.pointers) {
          if (!masked.erase(change.sequence, pointer)) {
            throw new ChangeRefused(`there is no value of record ${change.sequence} at \`${pointer}\``);
          }
        }
        return;
      case 'put_hold':
        putHold.run(change.id, change.query, change.reason, change.placedAt);
        return;
      case 'release_hold':
        if (releaseHold.run(change.id).changes === 0) {
          throw new ChangeRefused(`there is no hold \`${change.id}\``);
        }
        return;
      case 'prune':
        if (prune.run({ minimumIndex: change.minimumIndex }).changes === 0) {
          throw new ChangeRefused(
            `the log cannot be pruned before record ${change.minimumIndex}: it is already, or no checkpoint covers what would be gone`,
          );
        }
    }
  };
}
