import type Database from 'better-sqlite3';
import type { CouncilChange } from '../../../council/council-change.js';
import { writeJson } from '../../../document/json.js';
import { ChangeRefused } from './change-refused.js';

/** Statements that apply changes of the council's papers, prepared once; they run within the caller's transaction. */
export function councilChangeApplier(db: Database.Database): (change: CouncilChange) => void {
  const putProposal = versioned(db, 'proposals');
  const putWaiver = versioned(db, 'waivers');
  const putImpact = db.prepare(
    `INSERT INTO impacts (proposal, digest, body) VALUES (?, ?, ?)
     ON CONFLICT (proposal) DO UPDATE SET digest = excluded.digest, body = excluded.body`,
  );
  return (change) => {
    switch (change.kind) {
      case 'put_proposal':
        putProposal(change.proposal);
        return;
      case 'put_waiver':
        putWaiver(change.waiver);
        return;
      case 'put_impact':
        putImpact.run(change.proposal, change.digest, change.body);
    }
  };
}

/** Puts the next version of something into its table, and nothing else: whoever made it had seen the last one. */
function versioned(
  db: Database.Database,
  table: 'proposals' | 'waivers',
): (value: { readonly id: string; readonly version: number }) => void {
  const insert = db.prepare(
    `INSERT INTO ${table} (id, version, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  const update = db.prepare(`UPDATE ${table} SET version = ?, body = ? WHERE id = ? AND version = ?`);
  return (value) => {
    const { id, version } = value;
    const body = writeJson(value);
    const done = version === 1 ? insert.run(id, version, body) : update.run(version, body, id, version - 1);
    if (done.changes === 0)
      throw new ChangeRefused(`version ${version} of \`${id}\` in ${table} is not the next one`);
  };
}
