import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Ledger } from './ledger.js';
import { askOf, becomes, checkService, comesTrue, loadOf, ownFolder, serve, type Rig } from './rig.js';
import { isMounted, run } from './system-command.js';
import { Tally } from './tally.js';

const DISK_MIB = 96;
/** What the log may take between two fillings; the rest of the disk is ballast. */
const ROOM_MIB = 12;
const STAYS_FULL_MS = 300;

/**
 * A disk that fills up under load: from then on nothing is answered. With room again the service answers without a
 * restart, and what it answered before is there.
 */
export async function fullDisk(rig: Rig, rounds: number): Promise<Tally> {
  const tally = new Tally();
  const ledger = new Ledger();
  const folder = join(ownFolder(rig), 'disk');
  mkdirSync(folder);
  run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', folder]);
  const unmount = rig.cleanup.add(() => {
    if (isMounted(folder)) run('umount', ['-l', folder]);
  });
  const dataDir = join(folder, 'data');
  const ballast = ballastIn(folder, Math.floor(DISK_MIB / ROOM_MIB) - 1);
  let service = await serve(rig, dataDir);
  for (let round = 1; round <= rounds; round += 1) {
    const load = loadOf(rig, service, ledger);
    const refused = ledger.refusals;
    tally.demand(await comesTrue(() => ledger.refusals > refused), 'the disk does not fill up');
    tally.demand(await becomes(service, 503), 'the disk is full, and `/readyz` does not say so');
    await pause(STAYS_FULL_MS);
    tally.demand((await askOf(service, '/healthz')).status === 200, 'the disk is full, and `/healthz` fails');
    tally.demand(ballast.drop(), 'the disk has no ballast left: fewer rounds are possible');
    tally.demand(await becomes(service, 200), 'there is room again, and `/readyz` does not say so');
    await load.stop();
    const findings = await checkService(service, ledger);
    tally.add(findings);
    // The process lived on and every request was answered, so a record that nobody was told of was refused.
    tally.demand(findings.untold === 0, `${findings.untold} records of decisions that were refused`);
    tally.demand(ledger.unanswered === 0, `${ledger.unanswered} requests without an answer`);
    tally.rounds = round;
    rig.progress(`round ${round} of ${rounds}: ${ledger.answers.size} answered, ${tally.lost} lost`);
  }
  await service.stop('SIGKILL');
  service = await serve(rig, dataDir);
  tally.add(await checkService(service, ledger));
  await service.stop();
  unmount();
  tally.close(ledger);
  return tally;
}

/** Files that can be removed one by one to make room. */
function ballastIn(folder: string, count: number): { drop(): boolean } {
  const files = Array.from({ length: count }, (_, number) => join(folder, `ballast-${number}`));
  for (const file of files) writeFileSync(file, Buffer.alloc(ROOM_MIB * 1024 * 1024));
  return {
    drop() {
      const file = files.pop();
      if (file !== undefined) rmSync(file);
      return file !== undefined;
    },
  };
}
