import Database from 'better-sqlite3';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytesOf, sampleRecord } from '../../testing/sample-records.js';
import { openStore } from '../open-store.js';
import { RecordIndex } from './record-index.js';

const FAR_BEHIND = 40_000;
let dataDir: string;
let log: Database.Database;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'witan-index-'));
  await (await openStore({ dataDir, queueEntriesMax: 1 })).close();
  log = new Database(join(dataDir, 'witan.db'));
});
afterAll(() => {
  log.close();
  rmSync(dataDir, { recursive: true });
});

function write(from: number, to: number): void {
  const put = log.prepare('INSERT INTO records (sequence, id, body) VALUES (?, ?, ?)');
  log.transaction(() => {
    for (let sequence = from; sequence < to; sequence += 1) {
      const record = sampleRecord(sequence);
      put.run(sequence, record.id, bytesOf(record));
    }
  })();
}

/** How many threads of this process yield to the others: of those here the indexer alone may. */
function yieldingThreads(): number {
  return readdirSync('/proc/self/task').filter((thread) => getPriority(Number(thread)) > getPriority())
    .length;
}

test.runIf(existsSync('/proc/thread-self'))(
  'an indexer that is far behind does not yield, and one that keeps up does',
  async () => {
    const niced = yieldingThreads();
    write(0, 1000);
    const index = await RecordIndex.open({
      dataDir,
      logFile: join(dataDir, 'witan.db'),
      indexFile: join(dataDir, 'record-index.db'),
      checkpoints: false,
    });
    await index.catchUp(1000);
    expect(yieldingThreads()).toBe(niced + 1);
    write(1000, FAR_BEHIND);
    // Those who wait are told as soon as their own records are indexed, whichever thread does it.
    await Promise.all([index.catchUp(FAR_BEHIND), index.catchUp(1001), index.catchUp(20_000)]);
    expect(yieldingThreads()).toBe(niced);
    await index.close();
    const file = new Database(join(dataDir, 'record-index.db'), { readonly: true });
    expect(file.prepare('SELECT size FROM record_index_state').pluck().get()).toBe(FAR_BEHIND);
    file.close();
  },
  120_000,
);
