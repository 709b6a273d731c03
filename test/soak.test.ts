import { afterAll, expect, test } from 'vitest';
import { Cleanup } from './faults/cleanup.js';
import { seededRandom } from './faults/seeded-random.js';
import { soak } from './soak/soak.js';

/** A short form of `npm run test:soak`. It is too short to say anything of memory, but that it can be told. */
const cleanup = new Cleanup();
afterAll(() => {
  expect(cleanup.run()).toEqual([]);
});

test('under load every answer is right and on record, whatever else is done beside it', async () => {
  const rig = { cleanup, random: seededRandom(1), clients: 64, progress: () => undefined };
  const course = { seconds: 20, perSecond: 400, sampleEveryMs: 5000, activateEveryMs: 3000 };
  const { tally, records, memory } = await soak(rig, course);
  expect(tally).toMatchObject({ lost: 0, duplicates: 0, changed: 0, complaints: [] });
  expect(tally.answered).toBeGreaterThan(100);
  expect(records).toBeGreaterThan(tally.answered);
  for (const { heapBytes, residentBytes } of memory) expect(residentBytes).toBeGreaterThan(heapBytes);
}, 600_000);
