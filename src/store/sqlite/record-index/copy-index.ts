import Database from 'better-sqlite3';
import { existsSync, rmSync } from 'node:fs';
import { openForReading } from '../database.js';

/** More pages than an index has: all are copied in one step, so that whoever writes meanwhile does not make it begin again. */
const PAGES = 0x7fffffff;

/**
 * Copies the index of a folder that another process may serve, as it stands at one moment; nothing where there is none
 * or it cannot be read, since the index can always be made again from the log.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  let source: Database.Database | undefined;
  try {
    source = openForReading(from);
    await source.backup(to, { progress: () => PAGES });
  } catch (thrown) {
    if (!(thrown instanceof Database.SqliteError)) throw thrown;
    rmSync(to, { force: true });
  } finally {
    source?.close();
  }
}
