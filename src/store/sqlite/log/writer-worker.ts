import Database from 'better-sqlite3';
import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { WitanError } from '../../../errors.js';
import { configureForWriting, emptyWriteAheadLog, pragmaOf } from '../database.js';
import { checkIdentity, migrate } from '../migrate.js';
import { RecordWriter } from './record-writer.js';
import { SealWriter } from '../tree/seal-writer.js';
import { storeError } from '../sqlite-errors.js';
import type { Seal } from '../tree/tree-protocol.js';
import type { FromWriter, RecordGroup, ThreadFault, ToWriter, WriterSettings } from './writer-protocol.js';

/** The writer thread: the only connection that changes the store. */

/** Up to this size every page is checked at start; of a larger store only what is read. */
const CHECKED_BYTES_MAX = 32 * 1024 * 1024;

const settings = workerData as WriterSettings;

function open(): Database.Database {
  const db = new Database(settings.file);
  try {
    checkIdentity(db);
    configureForWriting(db, 'FULL');
    checkPages(db);
    // What is deleted is overwritten, not only unlinked.
    db.pragma('secure_delete = ON');
    migrate(db);
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

function checkPages(db: Database.Database): void {
  if (statSync(settings.file).size > CHECKED_BYTES_MAX) return;
  const found = pragmaOf(db, 'quick_check(1)');
  if (found === 'ok') return;
  throw new WitanError('store_corrupt', `the store in \`${settings.dataDir}\` is damaged: ${String(found)}`);
}

function say(message: FromWriter): void {
  parentPort?.postMessage(message, 'bytes' in message ? [message.bytes] : []);
}

function faultOf(thrown: unknown): ThreadFault {
  const { code, message } = storeError(thrown, settings.dataDir);
  return { code, message };
}

function commit(writer: RecordWriter, group: RecordGroup): FromWriter {
  const { bytes } = group;
  try {
    return { kind: 'committed', bytes, ...writer.commit(group) };
  } catch (thrown) {
    return { kind: 'failed', bytes, fault: faultOf(thrown) };
  }
}

/** Whether the write-ahead log may hold earlier pages with values that were erased. */
let holdsErased = false;

/**
 * Erased values are gone from the database, but not from the write-ahead log until that is emptied. Who reads just then is
 * in the way, so it is tried again later.
 */
function forgetErased(db: Database.Database): void {
  if (!holdsErased) return;
  try {
    holdsErased = !emptyWriteAheadLog(db);
  } catch (thrown) {
    // A disk that takes no writes shows in its commits; this is tried again with the next seal.
    if (!(thrown instanceof Database.SqliteError)) throw thrown;
  }
}

function probe(writer: RecordWriter): FromWriter {
  try {
    writer.probe();
    return { kind: 'probed' };
  } catch (thrown) {
    return { kind: 'probed', fault: faultOf(thrown) };
  }
}

function seal(writer: SealWriter, sealed: Seal): FromWriter {
  try {
    writer.seal(sealed);
    return { kind: 'sealed' };
  } catch (thrown) {
    return { kind: 'sealed', fault: faultOf(thrown) };
  }
}

function sweep(writer: SealWriter): FromWriter {
  try {
    const { swept, more } = writer.sweep();
    // What was pruned stands in the write-ahead log as well.
    holdsErased ||= swept > 0;
    return { kind: 'swept', more };
  } catch (thrown) {
    return { kind: 'swept', more: false, fault: faultOf(thrown) };
  }
}

function obey(db: Database.Database, writer: RecordWriter, seals: SealWriter, message: ToWriter): void {
  switch (message.kind) {
    case 'commit': {
      const committed = commit(writer, message.group);
      if (message.group.changes.some(({ change }) => change.kind === 'erase_values')) {
        holdsErased = true;
        // Before it is answered: nobody who is told that a value is erased finds it, unless somebody reads just then.
        forgetErased(db);
      }
      say(committed);
      return;
    }
    case 'seal':
      say(seal(seals, message.seal));
      forgetErased(db);
      return;
    case 'sweep':
      say(sweep(seals));
      return;
    case 'probe':
      say(probe(writer));
      return;
    case 'close':
      db.close();
      parentPort?.close();
  }
}

function start(): void {
  try {
    const db = open();
    const writer = new RecordWriter(db);
    const seals = new SealWriter(db);
    parentPort?.on('message', (message: ToWriter) => {
      obey(db, writer, seals, message);
    });
    say({ kind: 'ready', size: writer.size });
  } catch (thrown) {
    say({ kind: 'refused', fault: faultOf(thrown) });
  }
}

start();
