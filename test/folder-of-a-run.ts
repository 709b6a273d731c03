import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEEDED_STORES } from './seeded-stores.js';

/** Where Linux keeps files in memory. */
const IN_MEMORY = '/dev/shm';
/** What all stores of a run take, several times over. */
const FREE_BYTES_MIN = 8 * 1024 ** 3;

/**
 * Opens the folder of all that a run of the tests writes; it goes with the run. It stands in memory where there is room:
 * a store waits for the disk with each commit, and no test is about a disk that fails. `npm run test:faults` is.
 */
export default function openFolderOfRun(): () => void {
  const folder = mkdtempSync(join(hasRoom(IN_MEMORY) ? IN_MEMORY : tmpdir(), 'witan-run-'));
  const seeded = join(folder, 'seeded');
  mkdirSync(seeded);
  process.env['TMPDIR'] = folder;
  process.env[SEEDED_STORES] = seeded;
  return () => {
    rmSync(folder, { recursive: true, force: true });
  };
}

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= FREE_BYTES_MIN;
}
