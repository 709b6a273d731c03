import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBundle } from '../src/policy/bundle.js';
import { readBundles } from '../src/policy/read-bundles.js';
import { openStore } from '../src/store/sqlite/open-store.js';
import { policiesFolder, seedFolder } from './bundles.js';
import { post, startService, temporaryFolder } from './service.js';
import { bearing, tokenOf } from './tokens.js';

test('a service that is killed between the check of a proposal and its opening checks it again', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  const policies = policiesFolder({ global: { open: { rules: 'permit := true' } } });
  const council = 'council: { members: { sales: [cleo], finance: [jada] } }\n';
  appendFileSync(join(policies, 'global/manifest.yaml'), council);
  const environment = {
    WITAN_DATA_DIR: dataDir,
    WITAN_POLICIES: policies,
    WITAN_SEED: seedFolder(['sales', 'finance']),
  };
  const [global] = await readBundles(policies);
  const files = (global?.files ?? []).map(({ path, text }) => ({
    path,
    text: text.replace('version: 1.0.0', 'version: 1.1.0'),
  }));

  const first = await startService(environment);
  const cleo = bearing(await tokenOf({ url: first.url, dataDir }, 'cleo', ['representative:sales']));
  const made = await post(`${first.url}/v1/proposals`, { layer: 'global', title: 'New', files }, cleo);
  expect(made.status).toBe(201);
  await first.stop('SIGKILL');

  const store = await openStore({ dataDir, queueEntriesMax: 100 });
  const { proposals } = await store.council.load();
  await store.close();
  expect(proposals).toMatchObject([{ id: '1', state: 'checking', digest: createBundle(files).digest }]);

  const second = await startService(environment);
  try {
    const read = async (): Promise<any> =>
      (await fetch(`${second.url}/v1/proposals/1`, { headers: cleo })).json();
    await expect.poll(async () => (await read()).state, { timeout: 60_000 }).toBe('open');
    const events = (await read()).timeline.map(({ event }: { event: string }) => event);
    expect(events.filter((event: string) => event !== 'impact')).toEqual(['opened', 'checked']);
  } finally {
    await second.stop();
  }
});
