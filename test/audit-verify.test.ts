import Database from 'better-sqlite3';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policiesFolder, seedFolder } from './bundles.js';
import { runShell, startService, temporaryFolder, type RunningService } from './service.js';

describe('witan audit verify --recompile', () => {
  const dataDir = join(temporaryFolder(), 'data');
  let service: RunningService;
  beforeAll(async () => {
    service = await startService({
      WITAN_DATA_DIR: dataDir,
      WITAN_POLICIES: policiesFolder({
        global: { open: { rules: 'permit := true' } },
        sales: { closed: { rules: 'deny contains {"message": "no"} if input.context.no' } },
      }),
      WITAN_SEED: seedFolder(['sales']),
    });
  });
  afterAll(() => service.stop());

  const verify = (folder: string, more = '') =>
    runShell(`node dist/cli/main.js audit verify --recompile --data-dir ${folder} ${more}`);

  test('every module of a store that is served is the one that its source makes', async () => {
    const { code, stdout } = await verify(dataDir);
    expect(stdout).toMatch(/^verified: .* and 2 modules, each the one that its source makes$/m);
    expect(stdout.match(/^same {5}/gm)).toHaveLength(2);
    expect(stdout).toMatch(
      /^same {5}revision 1 {2}global {2}bundle sha256:[0-9a-f]{64} {2}module sha256:[0-9a-f]{64}$/m,
    );
    expect(code).toBe(0);
  });

  test('a module on record that the source does not make, and source that was changed, are named', async () => {
    const copy = join(temporaryFolder(), 'copy');
    cpSync(dataDir, copy, { recursive: true });
    const db = new Database(join(copy, 'witan.db'));
    // Whoever can write the database permits everybody, and hides that by nothing more.
    db.exec(
      `UPDATE bundles SET files = replace(files, 'deny contains', 'advice contains') WHERE layer = 'sales'`,
    );
    db.close();
    const { code, stdout } = await verify(copy, '--format json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      verified: false,
      log: {
        faults: [{ sequence: 0, message: expect.stringMatching(/^the bundle .* has another content/) }],
      },
      modules: [
        { layer: 'global', same: true },
        { layer: 'sales', same: false, fault: 'the stored files are not those of the bundle' },
      ],
    });
  });

  test('a folder without a store cannot be verified', async () => {
    const { code, stderr } = await verify(temporaryFolder());
    expect(stderr).toMatch(/there is no store in/);
    expect(code).toBe(3);
  });
});
