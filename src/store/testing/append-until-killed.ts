import { openSync, writeSync } from 'node:fs';
import { openStore } from '../sqlite/open-store.js';
import { sampleRecord } from './sample-records.js';

/**
 * Appends from 32 appenders, notes what was acknowledged in a file, and kills itself in the middle.
 * Arguments: folder of the store, file for the notes, round.
 */
const [dataDir = '', notes = '', round = ''] = process.argv.slice(2);
const ACKNOWLEDGED_UNTIL_KILL = 500;

const store = await openStore({ dataDir, queueEntriesMax: 1000 });
const file = openSync(notes, 'a');
let next = Number(round) * 1_000_000;
let acknowledged = 0;

async function append(): Promise<void> {
  for (;;) {
    const record = sampleRecord(next++);
    const { sequence } = await store.audit.append({ record });
    writeSync(file, `${sequence} ${record.id}\n`);
    acknowledged += 1;
    if (acknowledged === ACKNOWLEDGED_UNTIL_KILL) process.kill(process.pid, 'SIGKILL');
  }
}

await Promise.all(Array.from({ length: 32 }, append));
