import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningService } from '../service.js';
import { FaultyDisk, compileFaultyDisk, type Faults } from './faulty-disk.js';
import { Ledger } from './ledger.js';
import { compileCutPower, LoopDisk } from './loop-disk.js';
import {
  askOf,
  becomes,
  checkService,
  comesTrue,
  loadOf,
  ownFolder,
  pauseBetween,
  serve,
  type Rig,
} from './rig.js';
import { Tally } from './tally.js';

/** What goes wrong in one round, one after the other. */
const SPELLS: readonly { readonly words: string; readonly faults: Faults }[] = [
  { words: 'every fifth sync fails', faults: { syncFailPermille: 200 } },
  { words: 'every twentieth write fails', faults: { writeFailPermille: 50 } },
  { words: 'every twentieth write finds no space', faults: { writeFailPermille: 50, writeError: 'ENOSPC' } },
  {
    words: 'syncs and writes fail',
    faults: { syncFailPermille: 100, writeFailPermille: 20, syncError: 'ENOSPC' },
  },
];
const DEAD_MS = 500;

/**
 * Syncs and writes that fail, now and then and then all of them, while the service runs: it answers what is durable
 * and refuses the rest, and is well again when the disk is. Then the power goes: what was answered is there.
 */
export async function failingDisk(rig: Rig, rounds: number): Promise<Tally> {
  const tally = new Tally();
  const ledger = new Ledger();
  const folder = ownFolder(rig);
  const disk = LoopDisk.create(folder, 'disk', compileCutPower(folder), rig.cleanup);
  const dataDir = join(disk.folder, 'data');
  const faults = new FaultyDisk(compileFaultyDisk(folder), folder, disk.folder, rig.random() * 1e6);
  const start = (): Promise<RunningService> => serve(rig, dataDir, faults.environment);
  let service = await start();
  for (let round = 1; round <= rounds; round += 1) {
    const load = loadOf(rig, service, ledger);
    for (const spell of SPELLS) {
      await oneSpell(rig, tally, ledger, faults, spell);
      tally.demand(await becomes(service, 200), `not ready again after: ${spell.words}`);
    }
    await deadDisk(tally, ledger, faults, service);
    await pauseBetween(rig, 50, 200);
    tally.add(await checkService(service, ledger));
    // The last syncs before the power goes fail too: whatever they left behind must not count.
    faults.set({ syncFailPermille: 300 });
    await pauseBetween(rig, 100, 500);
    disk.cutPower(service.process);
    await service.stop('SIGKILL');
    await load.stop();
    faults.set({});
    await disk.restorePower();
    service = await start();
    tally.add(await checkService(service, ledger));
    tally.rounds = round;
    rig.progress(`round ${round} of ${rounds}: ${ledger.answers.size} answered, ${tally.lost} lost`);
  }
  const { syncs, writes } = faults.touched();
  tally.demand(syncs > 0 && writes > 0, `${syncs} syncs and ${writes} writes failed`);
  tally.remarks.push(`${syncs} syncs and ${writes} writes failed`);
  await service.stop();
  faults.close();
  disk.remove();
  tally.close(ledger);
  return tally;
}

async function oneSpell(
  rig: Rig,
  tally: Tally,
  ledger: Ledger,
  faults: FaultyDisk,
  spell: (typeof SPELLS)[number],
): Promise<void> {
  const answered = ledger.answers.size;
  const refused = ledger.refusals;
  faults.set(spell.faults);
  await pauseBetween(rig, 300, 600);
  const both = await comesTrue(() => ledger.answers.size > answered && ledger.refusals > refused);
  faults.set({});
  const counts = `${ledger.answers.size - answered} answered, ${ledger.refusals - refused} refused`;
  tally.demand(both, `while ${spell.words}: ${counts}`);
}

/** While no sync succeeds, nothing may be answered. */
async function deadDisk(
  tally: Tally,
  ledger: Ledger,
  faults: FaultyDisk,
  service: RunningService,
): Promise<void> {
  faults.set({ syncFailPermille: 1000 });
  const fromMs = performance.now();
  tally.demand(await becomes(service, 503), 'a disk that takes nothing, and `/readyz` does not say so');
  await pause(DEAD_MS);
  tally.demand(
    (await askOf(service, '/healthz')).status === 200,
    'a disk that takes nothing, and `/healthz` fails',
  );
  const untilMs = performance.now();
  faults.set({});
  const wrong = ledger.answeredWithin(fromMs, untilMs);
  tally.demand(wrong === 0, `${wrong} decisions were answered while no sync succeeded`);
  tally.demand(await becomes(service, 200), 'the disk is well again, and `/readyz` does not say so');
}
