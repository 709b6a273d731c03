import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../src/config.js';

/** The variable that names the folder of the stores that one run of the tests keeps; without it none are kept. */
export const SEEDED_STORES = 'SEEDED_STORES';

/**
 * Puts a store where a service is about to seed one: the copy of one at rest that the same seeding made before in this
 * run. Compiling takes most of such a start, and comes out the same each time. A data folder that is there already
 * stays as it is.
 *
 * @param clock what time it is for who seeds, in words
 * @param seed seeds a store in a folder, and leaves it at rest
 */
export async function laySeededStore(
  config: Config,
  clock: string,
  seed: (dataDir: string) => Promise<void>,
): Promise<void> {
  const folder = process.env[SEEDED_STORES];
  if (folder === undefined || existsSync(config.dataDir)) return;
  const kept = join(folder, digestOfSeed(config, clock));
  if (!existsSync(kept)) {
    const made = join(mkdtempSync(join(folder, 'new-')), 'data');
    await seed(made);
    keep(made, kept);
  }
  cpSync(kept, config.dataDir, { recursive: true });
}

function keep(made: string, kept: string): void {
  try {
    renameSync(made, kept);
  } catch (thrown) {
    // Another test file was quicker: its store is as good.
    if (!existsSync(kept)) throw thrown;
  }
}

/** Of all that a seeded store depends on. Sources and toolchain stay the same during a run. */
function digestOfSeed(
  { policies, seed, auth, oidc, logOrigin, bundleBytesMax, toolchainMsMax, evaluationMsMax }: Config,
  clock: string,
): string {
  const settings = { clock, auth, oidc, logOrigin, bundleBytesMax, toolchainMsMax, evaluationMsMax };
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const folder of [policies, ...(seed === undefined ? [] : [seed])]) {
    hash.update('\0');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
    for (const path of paths) {
      hash.update(path.slice(folder.length)).update('\0').update(readFileSync(path)).update('\0');
    }
  }
  return hash.digest('hex');
}
