import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEEDED_STORES } from './seeded-stores.js';

/** Opens the folder of the stores that a run of the tests seeds once; it goes with the run. */
export default function keepSeededStores(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'witan-seeded-'));
  process.env[SEEDED_STORES] = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true });
  };
}
