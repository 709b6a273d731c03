import { join } from 'node:path';
import { messageOf } from '../../src/errors.js';
import { compileFaultyDisk, FaultyDisk } from './faulty-disk.js';
import { Ledger } from './ledger.js';
import { compileCutPower, LoopDisk } from './loop-disk.js';
import { answersCome, checkService, loadOf, ownFolder, pauseBetween, serve, type Rig } from './rig.js';
import { Tally } from './tally.js';

/** Power loss at a random moment under load, again and again on one store that grows. */
export async function powerLoss(rig: Rig, rounds: number): Promise<Tally> {
  const tally = new Tally();
  const ledger = new Ledger();
  const folder = ownFolder(rig);
  const disk = LoopDisk.create(folder, 'disk', compileCutPower(folder), rig.cleanup);
  if (!disk.direct) tally.remarks.push('the loop device goes through the page cache of the host');
  const dataDir = join(disk.folder, 'data');
  let service = await serve(rig, dataDir);
  for (let round = 1; round <= rounds; round += 1) {
    const load = loadOf(rig, service, ledger);
    tally.demand(await answersCome(ledger), `round ${round}: nothing is answered`);
    await pauseBetween(rig, 0, 2000);
    disk.cutPower(service.process);
    await service.stop('SIGKILL');
    await load.stop();
    await disk.restorePower();
    service = await serve(rig, dataDir);
    tally.add(await checkService(service, ledger));
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
  const cutPower = compileCutPower(folder);
  const library = compileFaultyDisk(folder);
  for (let round = 1; round <= rounds && tally.lost === 0; round += 1) {
    const ledger = new Ledger();
    const disk = LoopDisk.create(folder, `disk-${round}`, cutPower, rig.cleanup);
    const dataDir = join(disk.folder, 'data');
    const faults = new FaultyDisk(library, folder, disk.folder, round);
    let service = await serve(rig, dataDir, faults.environment);
    const load = loadOf(rig, service, ledger);
    tally.demand(await answersCome(ledger), 'nothing is answered');
    faults.set({ syncLies: true });
    await pauseBetween(rig, 500, 1500);
    tally.demand(await answersCome(ledger), 'nothing is answered on the disk that lies');
    disk.cutPower(service.process);
    await service.stop('SIGKILL');
    await load.stop();
    tally.demand(faults.touched().syncs > 0, 'no sync met the disk that lies');
    faults.close();
    await disk.restorePower();
    try {
      service = await serve(rig, dataDir);
      tally.lost += (await checkService(service, ledger)).lost.length;
      await service.stop();
    } catch (thrown) {
      tally.lost += ledger.answers.size;
      tally.remarks.push(`nothing can be read any more: ${messageOf(thrown)}`);
    }
    disk.remove();
    tally.close(ledger);
    tally.rounds = round;
    rig.progress(`round ${round} of at most ${rounds}: ${tally.answered} answered, ${tally.lost} lost`);
  }
  return tally;
}
