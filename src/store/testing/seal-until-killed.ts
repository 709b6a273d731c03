import { openSync, writeSync } from 'node:fs';
import { openStore } from '../sqlite/open-store.js';
import { growLog } from './sample-log.js';

/**
 * Appends and seals, notes each checkpoint that was returned in a file, and kills itself at some moment, which may be in
 * the middle of a seal. Arguments: folder of the store, file for the notes, milliseconds until then.
 */
const [dataDir = '', notes = '', lifeMs = ''] = process.argv.slice(2);

const store = await openStore({ dataDir, queueEntriesMax: 10_000 });
const file = openSync(notes, 'a');
setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(lifeMs));

for (let size = await store.records.size(); ; size += 40) {
  await growLog(store, size, size + 40);
  const { note } = await store.tree.seal(size + (size % 40));
  writeSync(file, `${JSON.stringify(note)}\n`);
}
