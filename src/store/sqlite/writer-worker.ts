import Database from 'better-sqlite3';
import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { WitanError } from '../../errors.js';
import { configureForWriting, pragmaOf } from './database.js';
import { checkIdentity, migrate } from './migrate.js';
import { RecordWriter } from './record-writer.js';
import { storeError } from './sqlite-errors.js';
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

function probe(writer: RecordWriter): FromWriter {
  try {
    writer.probe();
    return { kind: 'probed' };
  } catch (thrown) {
    return { kind: 'probed', fault: faultOf(thrown) };
  }
}

function obey(db: Database.Database, writer: RecordWriter, message: ToWriter): void {
  switch (message.kind) {
    case 'commit':
      say(commit(writer, message.group));
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
    parentPort?.on('message', (message: ToWriter) => {
      obey(db, writer, message);
    });
    say({ kind: 'ready', size: writer.size });
  } catch (thrown) {
    say({ kind: 'refused', fault: faultOf(thrown) });
  }
}

start();
