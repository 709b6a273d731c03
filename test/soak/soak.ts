import { statfsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../src/errors.js';
import { Ledger } from '../faults/ledger.js';
import { checkService, ownFolder, serve, type Rig } from '../faults/rig.js';
import { Tally } from '../faults/tally.js';
import { Activations } from './activations.js';
import { askerOf } from './asker.js';
import { Decisions } from './decisions.js';
import { growthOf, sampleMemory, TELLING_MEMORY, type MemorySample } from './memory-course.js';
import { auditQueries, checkpoints, exportsOf, newestRecords, refusedAttempts } from './readings.js';
import { Registrations } from './registrations.js';

export interface Course {
  readonly seconds: number;
  /** Most decisions a second. */
  readonly perSecond: number;
  readonly sampleEveryMs: number;
  readonly activateEveryMs: number;
}

/** What a soak comes to. */
export interface Soaked {
  readonly tally: Tally;
  readonly records: number;
  /** How often each act beside the decisions was done. */
  readonly acts: Readonly<Record<string, number>>;
  readonly impacts: number;
  readonly memory: readonly MemorySample[];
  readonly diskBytes: number;
  readonly verifiedSeconds: number;
}

/** More than a record takes with its place in the index, and once more in an export of everything. */
const RECORD_BYTES_MAX = 8192;
const MARGIN_BYTES = 512e6;

/**
 * Puts one service under load for a time, with everything else that a mesh does beside it, and holds all of it against
 * what must be: the answers, the log, the memory, the disk. Whatever is not as promised is in the tally.
 */
export async function soak(rig: Rig, course: Course): Promise<Soaked> {
  const folder = ownFolder(rig);
  const diskBytesMax = course.seconds * course.perSecond * RECORD_BYTES_MAX + MARGIN_BYTES;
  requireRoom(folder, diskBytesMax);
  const dataDir = join(folder, 'data');
  const service = await serve(rig, dataDir, TELLING_MEMORY);
  const tally = new Tally();
  const ledger = new Ledger();
  const ask = askerOf(service);
  const activations = new Activations(ask);
  const registrations = new Registrations(ask);
  const { url } = service;
  const decisions = new Decisions({
    ...{ url, ledger, clients: rig.clients, random: rig.random },
    perSecond: course.perSecond,
  });
  const beside = new Beside(ledger, {
    activations: { everyMs: course.activateEveryMs, act: () => activations.next() },
    registrations: { everyMs: 2000, act: () => registrations.next() },
    'audit queries': { everyMs: 300, act: auditQueries(ask) },
    'records fetched': { everyMs: 200, act: newestRecords(ask, ledger) },
    exports: { everyMs: Math.min(30_000, course.activateEveryMs), act: exportsOf(ask) },
    checkpoints: { everyMs: 1000, act: checkpoints(ask, ledger) },
    'refused attempts': { everyMs: 500, act: refusedAttempts(ask) },
  });

  const memory: MemorySample[] = [];
  const untilMs = performance.now() + course.seconds * 1000;
  while (performance.now() < untilMs && ledger.unexpected.size === 0) {
    await pause(Math.min(course.sampleEveryMs, untilMs - performance.now()));
    const sample = await sampleMemory(service);
    memory.push(sample);
    rig.progress(lineOf({ leftMs: untilMs - performance.now(), ledger, decisions, activations, sample }));
    if (bytesOf(dataDir) > diskBytesMax)
      ledger.noteUnexpected(`the store has more than ${diskBytesMax} bytes`);
  }
  await beside.stop();
  await decisions.stop();

  rig.progress('reading and verifying the whole log');
  const verifiedFromMs = performance.now();
  const findings = await checkService(service, ledger);
  tally.add(findings);
  tally.close(ledger);
  for (const words of growthOf(memory)) tally.demand(false, words);
  for (const [name, count] of Object.entries(beside.counts)) tally.demand(count > 0, `no ${name}`);
  const diskBytes = bytesOf(dataDir);
  tally.demand((await service.stop()) === 0, 'the service did not stop as it should');
  return {
    ...{ tally, memory, diskBytes },
    records: findings.records,
    acts: beside.counts,
    impacts: activations.impacts,
    verifiedSeconds: (performance.now() - verifiedFromMs) / 1000,
  };
}

interface Act {
  /** From the end of one to the begin of the next. */
  readonly everyMs: number;
  readonly act: () => Promise<void>;
}

/** What goes on beside the decisions, each again and again. What fails is noted, and ends it. */
class Beside {
  readonly counts: Record<string, number> = {};
  readonly #stop = new AbortController();
  readonly #ended: Promise<unknown>;

  constructor(ledger: Ledger, acts: Readonly<Record<string, Act>>) {
    const each = async ([name, { everyMs, act }]: [string, Act]): Promise<void> => {
      this.counts[name] = 0;
      try {
        while (await this.#pause(everyMs)) {
          await act();
          this.counts[name] += 1;
        }
      } catch (thrown) {
        ledger.noteUnexpected(`${name}: ${messageOf(thrown)}`);
      }
    };
    this.#ended = Promise.all(Object.entries(acts).map(each));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  /** Answers false when it was stopped. */
  async #pause(ms: number): Promise<boolean> {
    const { signal } = this.#stop;
    // An abort is the stop that was asked for.
    await pause(ms, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }
}

interface Progress {
  readonly leftMs: number;
  readonly ledger: Ledger;
  readonly decisions: Decisions;
  readonly activations: Activations;
  readonly sample: MemorySample;
}

function lineOf({ leftMs, ledger, decisions, activations, sample }: Progress): string {
  const times = decisions.takeTimes();
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  return [
    `${Math.max(0, Math.round(leftMs / 1000))} s left`,
    `${ledger.answers.size} decisions`,
    `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
    `revision ${activations.revision}, ${activations.impacts} impacts`,
    `heap ${megabytes(sample.heapBytes)} MB, resident ${megabytes(sample.residentBytes)} MB`,
  ].join('; ');
}

function requireRoom(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes)
    throw new Error(`\`${folder}\` has room for ${bavail * bsize} bytes, and ${bytes} are needed`);
}

function bytesOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => {
      // A file may go between the two looks.
      return sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0);
    }, 0);
}
