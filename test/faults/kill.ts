import { join } from 'node:path';
import { Ledger } from './ledger.js';
import { answersCome, checkService, loadOf, ownFolder, pauseBetween, serve, type Rig } from './rig.js';
import { Tally } from './tally.js';

/** kill -9 at a random moment under load, again and again on one store that grows. */
export async function kill(rig: Rig, rounds: number): Promise<Tally> {
  const tally = new Tally();
  const ledger = new Ledger();
  const dataDir = join(ownFolder(rig), 'data');
  let service = await serve(rig, dataDir);
  for (let round = 1; round <= rounds; round += 1) {
    const load = loadOf(rig, service, ledger);
    tally.demand(await answersCome(ledger), `round ${round}: nothing is answered`);
    await pauseBetween(rig, 0, 1500);
    await service.stop('SIGKILL');
    await load.stop();
    service = await serve(rig, dataDir);
    tally.add(await checkService(service, ledger));
    tally.rounds = round;
    rig.progress(`round ${round} of ${rounds}: ${ledger.answers.size} answered, ${tally.lost} lost`);
  }
  await service.stop();
  tally.close(ledger);
  return tally;
}
