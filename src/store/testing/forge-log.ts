import type Database from 'better-sqlite3';
import { signCheckpoint } from '../../audit/checkpoint.js';
import { leafHash } from '../../audit/merkle.js';
import type { SigningKey } from '../../audit/note-key.js';
import { TreeBuilder } from '../../audit/tree-builder.js';

/**
 * Makes tiles and checkpoint anew for whatever records there are, as somebody would who hides a change.
 *
 * @param keys that sign; without any, the checkpoints stay
 */
export function forgeTree(db: Database.Database, keys: readonly SigningKey[]): void {
  const builder = TreeBuilder.resume(0, () => Buffer.alloc(0));
  const bodies = db.prepare('SELECT body FROM records ORDER BY sequence').pluck().all() as Buffer[];
  for (const body of bodies) builder.append(leafHash(body));
  db.exec('DELETE FROM tiles');
  const put = db.prepare('INSERT INTO tiles (level, tile, hashes) VALUES (?, ?, ?)');
  for (const { level, index, hashes } of builder.takeChanged()) put.run(level, index, hashes);
  const [key] = keys;
  if (key === undefined) return;
  const size = builder.size;
  db.exec('DELETE FROM checkpoints');
  db.prepare('INSERT INTO checkpoints (size, note) VALUES (?, ?)').run(
    size,
    signCheckpoint({ origin: key.name, size, root: builder.root() }, keys),
  );
}
