import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { yieldToDecisions } from '../background-thread.js';
import { checkpoint, openForCheckpoints, openForReading } from '../database.js';
import type { FromIndexer, IndexerSettings, ToIndexer } from './indexer-protocol.js';
import { RecordIndexer } from './record-indexer.js';
import { storeError } from '../sqlite-errors.js';
import type { ThreadFault } from '../log/writer-protocol.js';

/**
 * The indexer thread: it follows the log, writes the index and copies the write-ahead log into the database, all of
 * which the writer thread would otherwise do while decisions wait.
 */

const settings = workerData as IndexerSettings;

function say(message: FromIndexer): void {
  parentPort?.postMessage(message);
}

function faultOf(thrown: unknown): ThreadFault {
  const { code, message } = storeError(thrown, settings.dataDir);
  return { code, message };
}

function index(indexer: RecordIndexer, upTo: number): FromIndexer {
  try {
    indexer.indexBatch(upTo);
    return { kind: 'indexed', size: indexer.size };
  } catch (thrown) {
    return { kind: 'indexed', size: indexer.size, fault: faultOf(thrown) };
  }
}

function tryCheckpoint(log: Database.Database): void {
  try {
    checkpoint(log);
  } catch (thrown) {
    // What was not copied stays durable in the write-ahead log and is copied the next time, at the latest by the
    // writer. A disk that takes no writes shows in its commits.
    if (!(thrown instanceof Database.SqliteError)) throw thrown;
  }
}

function start(): void {
  try {
    const log = settings.checkpoints
      ? openForCheckpoints(settings.logFile)
      : openForReading(settings.logFile);
    const indexer = RecordIndexer.open(log, settings.indexFile, settings.mayRebuild);
    parentPort?.on('message', (message: ToIndexer) => {
      if (message.kind === 'close') {
        indexer.close();
        log.close();
        parentPort?.close();
        return;
      }
      if (message.yields) yieldToDecisions();
      say(index(indexer, message.upTo));
      if (settings.checkpoints) tryCheckpoint(log);
    });
    say({ kind: 'ready', size: indexer.size });
  } catch (thrown) {
    say({ kind: 'refused', fault: faultOf(thrown) });
  }
}

start();
