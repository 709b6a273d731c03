import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileFaultyDisk, FaultyDisk } from './faulty-disk.js';
import { Ledger } from './ledger.js';
import {
  answersCome,
  becomes,
  checkService,
  loadOf,
  ownFolder,
  pauseBetween,
  serve,
  type Rig,
} from './rig.js';
import { Tally } from './tally.js';

const SYNC_DELAY_MS = 200;
/** A third of the clients fits. */
const QUEUE_ENTRIES_MAX = 16;

/**
 * Every sync takes its time: answers come late and never before their sync, the queue does not grow beyond its limit,
 * and whoever finds it full is told at once. The process is killed in the end.
 */
export async function slowDisk(rig: Rig, rounds: number): Promise<Tally> {
  const tally = new Tally();
  const folder = ownFolder(rig);
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const ledger = new Ledger();
  const faults = new FaultyDisk(compileFaultyDisk(folder), folder, dataDir, 1);
  const environment = { ...faults.environment, WITAN_AUDIT_QUEUE_ENTRIES_MAX: String(QUEUE_ENTRIES_MAX) };
  let service = await serve(rig, dataDir, environment);
  for (let round = 1; round <= rounds; round += 1) {
    faults.set({ syncDelayMs: SYNC_DELAY_MS });
    const fromMs = performance.now();
    const load = loadOf(rig, service, ledger, 3 * QUEUE_ENTRIES_MAX);
    tally.demand(await answersCome(ledger), 'a slow disk, and nothing was answered');
    await pauseBetween(rig, 1500, 2500);
    tally.demand(await becomes(service, 200), 'a slow disk, and `/readyz` says that nothing can be recorded');
    await service.stop('SIGKILL');
    const lastedMs = performance.now() - fromMs;
    await load.stop();
    judge(tally, ledger, fromMs, lastedMs);
    faults.set({});
    service = await serve(rig, dataDir, environment);
    tally.add(await checkService(service, ledger));
    tally.rounds = round;
    rig.progress(`round ${round} of ${rounds}: ${ledger.answers.size} answered, ${tally.lost} lost`);
  }
  await service.stop();
  faults.close();
  tally.close(ledger);
  return tally;
}

function judge(tally: Tally, ledger: Ledger, fromMs: number, lastedMs: number): void {
  const waits = [...ledger.answers.values()]
    .filter(({ askedMs }) => askedMs >= fromMs)
    .map(({ askedMs, heardMs }) => heardMs - askedMs);
  const soonest = waits.reduce((least, wait) => Math.min(least, wait), Infinity);
  tally.demand(soonest >= SYNC_DELAY_MS, `an answer came after ${soonest} ms, before its sync`);
  // INVARIANT of the queue: what is in flight counts, so no sync can make more durable than the queue holds.
  const most = QUEUE_ENTRIES_MAX * Math.ceil(lastedMs / SYNC_DELAY_MS);
  tally.demand(
    waits.length <= most,
    `${waits.length} answers, but no more than ${most} can have been queued`,
  );
  tally.demand((ledger.refused.get('overloaded') ?? 0) > 0, 'the queue was full, and nobody was refused');
  tally.demand(!ledger.refused.has('audit_unavailable'), 'a slow disk was taken for a broken one');
}
