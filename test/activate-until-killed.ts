import { ACTIVATION_STEPS } from '../src/activating/enact.js';
import { as, CouncilMesh, SID } from './council-mesh.js';

/**
 * Puts a proposal in force and kills itself at a step of that. Arguments: folder of the store, folder of the policies, step,
 * id of the proposal, Unix time in milliseconds.
 */
const [dataDir = '', policies = '', stepName = '', id = '', nowMs = ''] = process.argv.slice(2);
const killAt = ACTIVATION_STEPS.find((each) => each === stepName);
if (killAt === undefined) throw new Error(`\`${stepName}\` is no step`);

const mesh = new CouncilMesh({
  WITAN_DATA_DIR: dataDir,
  WITAN_PORT: '0',
  WITAN_POLICIES: policies,
  WITAN_SEED: 'none',
});
mesh.nowMs = Number(nowMs);
mesh.step = (step) => {
  if (step === killAt) process.kill(process.pid, 'SIGKILL');
};
await mesh.start();
const acting = killAt === 'seconded' ? as('otto', 'operator') : SID;
await mesh.app.activation.activate(id, {}, acting);
throw new Error(`the step \`${killAt}\` was not reached`);
