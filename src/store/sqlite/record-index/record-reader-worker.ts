import { parentPort, workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { countJob } from './count-job.js';
import { openForReading } from '../database.js';
import { IndexReader } from './index-reader.js';
import { RememberedCounts } from './remembered-counts.js';
import { LogReader } from './log-reader.js';
import { pageJob } from './page-job.js';
import type { JobSources, RecordJob } from './record-job.js';
import {
  BATCHES_AHEAD,
  type FromReader,
  type ReaderSettings,
  type RecordQuestion,
  type ToReader,
} from './record-reader-protocol.js';
import { sampleJob } from './sample-job.js';
import { scanJob } from './scan-job.js';
import { storeError } from '../sqlite-errors.js';
import type { ThreadFault } from '../log/writer-protocol.js';

/**
 * The reader thread: it answers questions about the log from its index, several at a time in short slices, so that
 * neither decisions nor short questions wait for long ones.
 */

/** How long one question is worked on before the next one has its turn. */
const SLICE_MS = 5;

const settings = workerData as ReaderSettings;

interface Running {
  readonly job: number;
  readonly work: RecordJob;
  /** Pages are answered before what goes through much of the log. */
  readonly isLong: boolean;
  /** Batches that are wanted now. */
  wanted: number;
}

/** Takes turns among the jobs: pages and long jobs alternate, and within each the one that waits longest is next. */
class Turns {
  readonly #log: Database.Database;
  readonly #index: Database.Database;
  readonly #sources: JobSources;
  #running: Running[] = [];
  #lastWasLong = false;
  #scheduled = false;
  #sliceEndMs = 0;

  constructor(log: Database.Database, index: Database.Database) {
    this.#log = log;
    this.#index = index;
    this.#sources = {
      index: new IndexReader(index),
      log: new LogReader(log),
      counts: new RememberedCounts(),
      isDue: () => performance.now() >= this.#sliceEndMs,
    };
  }

  get size(): number {
    return this.#sources.index.size();
  }

  begin(job: number, question: RecordQuestion): void {
    const work = jobOf(this.#sources, question);
    this.#running.push({ job, work, isLong: question.kind !== 'page', wanted: BATCHES_AHEAD });
    this.#schedule();
  }

  more(job: number): void {
    const running = this.#running.find((each) => each.job === job);
    if (running === undefined) return;
    running.wanted += 1;
    this.#schedule();
  }

  cancel(job: number): void {
    this.#running = this.#running.filter((each) => each.job !== job);
  }

  /** Whoever waits has been told already. */
  stop(): void {
    this.#running = [];
  }

  #schedule(): void {
    if (this.#scheduled || !this.#running.some(({ wanted }) => wanted > 0)) return;
    this.#scheduled = true;
    // Messages that came meanwhile are heard between slices.
    setImmediate(() => {
      this.#scheduled = false;
      this.#runSlice();
      this.#schedule();
    });
  }

  #runSlice(): void {
    const ready = this.#running.filter(({ wanted }) => wanted > 0);
    const next = ready.find(({ isLong }) => isLong !== this.#lastWasLong) ?? ready[0];
    if (next === undefined) return;
    this.#lastWasLong = next.isLong;
    this.#running = this.#running.filter((each) => each !== next);
    this.#sliceEndMs = performance.now() + SLICE_MS;
    let isOver: boolean;
    try {
      // One transaction for each slice: statements need not lock for themselves, and nothing holds up checkpoints.
      this.#log.exec('BEGIN');
      this.#index.exec('BEGIN');
      isOver = this.#work(next);
    } catch (thrown) {
      isOver = true;
      say({ kind: 'failed', job: next.job, fault: faultOf(thrown) });
    } finally {
      for (const db of [this.#index, this.#log]) if (db.inTransaction) db.exec('COMMIT');
    }
    if (!isOver) this.#running.push(next);
  }

  /** Works until the slice is over or the job has given what is wanted; says whether it is answered. */
  #work(running: Running): boolean {
    for (;;) {
      const step = running.work.next();
      if (step.done === true) {
        say({ kind: 'answer', job: running.job, answer: step.value });
        return true;
      }
      if (step.value !== undefined) {
        say({ kind: 'batch', job: running.job, records: step.value });
        running.wanted -= 1;
      }
      if (running.wanted === 0 || this.#sources.isDue()) return false;
    }
  }
}

function jobOf(sources: JobSources, question: RecordQuestion): RecordJob {
  switch (question.kind) {
    case 'page':
      return pageJob(sources, question);
    case 'count':
      return countJob(sources, question);
    case 'scan':
      return scanJob(sources, question);
    case 'sample':
      return sampleJob(sources, question);
  }
}

function say(message: FromReader): void {
  const records =
    message.kind === 'batch'
      ? message.records
      : message.kind === 'answer' && 'records' in message.answer
        ? message.answer.records
        : undefined;
  parentPort?.postMessage(message, records === undefined ? [] : [records.bytes]);
}

function faultOf(thrown: unknown): ThreadFault {
  const { code, message } = storeError(thrown, settings.dataDir);
  return { code, message };
}

function start(): void {
  try {
    const log = openForReading(settings.logFile);
    const index = openForReading(settings.indexFile);
    const turns = new Turns(log, index);
    parentPort?.on('message', (message: ToReader) => {
      switch (message.kind) {
        case 'ask':
          turns.begin(message.job, message.question);
          return;
        case 'more':
          turns.more(message.job);
          return;
        case 'cancel':
          turns.cancel(message.job);
          return;
        case 'close':
          turns.stop();
          index.close();
          log.close();
          parentPort?.close();
      }
    });
    say({ kind: 'ready', size: turns.size });
  } catch (thrown) {
    say({ kind: 'refused', fault: faultOf(thrown) });
  }
}

start();
