import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningService } from '../service.js';
import { compileFaultyDisk, FaultyDisk } from './faulty-disk.js';
import { Ledger } from './ledger.js';
import { compileShutDown, LoopDisk } from './loop-disk.js';
import { checkService, loadOf, ownFolder, pauseBetween, serve, type Rig } from './rig.js';
import { Tally } from './tally.js';

/** Answers that come after the power is cut would be lies: the load goes on for a while to catch them. */
const DARK_MS = 100;

/** Power loss at a random moment under load, again and again on one store that grows. */
export async function powerLoss(rig: Rig, rounds: number): Promise<Tally> {
  const tally = new Tally();
  const ledger = new Ledger();
  const folder = ownFolder(rig);
  const disk = LoopDisk.create(folder, 'disk', compileShutDown(folder), rig.cleanup);
  if (!disk.direct) tally.remarks.push('the loop device goes through the page cache of the host');
  const dataDir = join(disk.folder, 'data');
  let service = await serve(rig, dataDir);
  for (let round = 1; round <= rounds; round += 1) {
    const before = ledger.answers.size;
    const load = loadOf(rig, service, ledger);
    await pauseBetween(rig, 200, 2000);
    disk.cutPower();
    await pause(DARK_MS);
    await service.stop('SIGKILL');
    await load.stop();
    await disk.restorePower();
    service = await serve(rig, dataDir);
    tally.add(await checkService(service, ledger));
    tally.demand(
      ledger.answers.size > before + 1,
      `round ${round}: nothing was answered before the power went`,
    );
    tally.rounds = round;
    rig.progress(`round ${round} of ${rounds}: ${ledger.answers.size} answered, ${tally.lost} lost`);
  }
  await service.stop();
  disk.remove();
  tally.close(ledger);
  return tally;
}

/**
 * The same power loss on a disk that lies about syncs. It MUST lose what was answered: otherwise the power loss is
 * none, and the scenario above shows nothing. At most `rounds` rounds, until one has lost.
 */
export async function negativeControl(rig: Rig, rounds: number): Promise<Tally> {
  const tally = new Tally();
  const folder = ownFolder(rig);
  const shutDown = compileShutDown(folder);
  const library = compileFaultyDisk(folder);
  for (let round = 1; round <= rounds && tally.lost === 0; round += 1) {
    const ledger = new Ledger();
    const disk = LoopDisk.create(folder, `disk-${round}`, shutDown, rig.cleanup);
    const dataDir = join(disk.folder, 'data');
    const faults = new FaultyDisk(library, folder, disk.folder, round);
    let service = await serve(rig, dataDir, faults.environment);
    const load = loadOf(rig, service, ledger);
    await pause(300);
    faults.set({ syncLies: true });
    await pauseBetween(rig, 300, 1500);
    disk.cutPower();
    await pause(DARK_MS);
    await service.stop('SIGKILL');
    await load.stop();
    tally.demand(faults.touched().syncs > 0, 'no sync met the disk that lies');
    faults.close();
    await disk.restorePower();
    const restarted = await serve(rig, dataDir).catch((thrown: unknown) => thrown as Error);
    if (restarted instanceof Error) {
      tally.lost += ledger.answers.size;
      tally.remarks.push(`the store did not open any more: ${restarted.message.trim()}`);
    } else {
      service = restarted;
      tally.lost += (await lossesOf(service, ledger)).length;
      await service.stop();
    }
    disk.remove();
    tally.close(ledger);
    tally.rounds = round;
    rig.progress(`round ${round} of at most ${rounds}: ${tally.answered} answered, ${tally.lost} lost`);
  }
  return tally;
}

async function lossesOf(service: RunningService, ledger: Ledger): Promise<readonly string[]> {
  return (await checkService(service, ledger)).lost;
}
