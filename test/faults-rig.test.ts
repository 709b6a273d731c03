import { afterAll, expect, test } from 'vitest';
import { Cleanup } from './faults/cleanup.js';
import { fullDisk } from './faults/full-disk.js';
import { kill } from './faults/kill.js';
import { isRoot } from './faults/system-command.js';
import { seededRandom } from './faults/seeded-random.js';

/** A short form of `npm run test:faults`: what needs nothing that a machine may not have. */
const cleanup = new Cleanup();
afterAll(() => {
  expect(cleanup.run()).toEqual([]);
});

const rig = { cleanup, random: seededRandom(1), clients: 16, progress: () => undefined };
const kept = { lost: 0, duplicates: 0, changed: 0, complaints: [] };

test('what was answered before a kill -9 is in the log after it, once and unchanged', async () => {
  const tally = await kill(rig, 2);
  expect(tally).toMatchObject({ rounds: 2, ...kept });
  expect(tally.answered).toBeGreaterThan(10);
});

test.skipIf(!isRoot())(
  'a full disk answers 503, and with room again what was answered is there (skipped where nothing can be mounted)',
  async () => {
    const tally = await fullDisk(rig, 1);
    expect(tally).toMatchObject({ rounds: 1, ...kept });
    expect(tally.refused).toBeGreaterThan(0);
  },
);
