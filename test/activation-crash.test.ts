import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { verifyLog } from '../src/audit/verify-log.js';
import { ACTIVATION_STEPS, type ActivationStep } from '../src/activating/enact.js';
import { openLogSource } from '../src/store/sqlite/log/open-log-source.js';
import { as, CouncilMesh, denies, PERMIT, seedOf, SID } from './council-mesh.js';
import { root, temporaryFolder } from './service.js';

/** A store at rest with a proposal that was approved, and an emergency that nobody has agreed to. */
const prepared = new CouncilMesh(seedOf({ global: PERMIT, sales: denies('old') }));
const ids = { approved: '', emergency: '' };

beforeAll(async () => {
  await prepared.start();
  ids.approved = (
    await prepared.approved(denies('new'), {
      layer: 'sales',
      votes: [
        ['sid', 'sid', 'approve'],
        ['sue', 'sue', 'approve'],
      ],
    })
  ).id;
  ids.emergency = (await prepared.emergency(denies('new'), { layer: 'sales' })).id;
  await prepared.stop();
});

/** Runs the activation in a process of its own until it kills itself; answers the signal that ended it. */
function killedAt(step: ActivationStep, dataDir: string, id: string): Promise<string> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      'test/activate-until-killed.ts',
      dataDir,
      prepared.environment['WITAN_POLICIES'] ?? '',
      step,
      id,
      String(prepared.nowMs),
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      resolve(signal ?? `ended with ${String(code)}: ${output}`);
    });
  });
}

const AFTER: ReadonlySet<ActivationStep> = new Set<ActivationStep>(['committed', 'swapped']);

test.each(ACTIVATION_STEPS)('killed when it is %s, the old or the new revision is whole', async (step) => {
  const dataDir = join(temporaryFolder(), 'data');
  cpSync(prepared.environment['WITAN_DATA_DIR']!, dataDir, { recursive: true });
  const emergency = step === 'seconded';
  const id = emergency ? ids.emergency : ids.approved;
  expect(await killedAt(step, dataDir, id)).toBe('SIGKILL');

  const mesh = new CouncilMesh({ ...prepared.environment, WITAN_DATA_DIR: dataDir });
  mesh.nowMs = prepared.nowMs;
  await mesh.start();
  const { app } = mesh;
  const isNew = AFTER.has(step);
  // What was not sealed yet does not count: that a second operator agreed has to be said again, and of a new revision the
  // module is compiled again.
  const unsealed = emergency || isNew;
  expect(mesh.warnings).toEqual(unsealed ? [expect.stringContaining('lay behind the last checkpoint')] : []);
  expect(app.current.policies.revision).toBe(isNew ? 2 : 1);
  const before = emergency
    ? { state: 'open', break_glass: { second_operator: 'otto' } }
    : { state: 'approved' };
  expect(app.council.proposal(id)).toMatchObject(isNew ? { state: 'active', revision: 2 } : before);
  expect((await mesh.records('kind=activation')).length).toBe(isNew ? 1 : 0);
  expect((await mesh.decide()).context).toMatchObject({
    revision: isNew ? 2 : 1,
    reasons: [{ message: isNew ? 'new' : 'old' }],
  });
  if (!isNew) {
    // What did not come about can be done again.
    await app.activation.activate(id, {}, emergency ? as('otto', 'operator') : SID);
    expect((await mesh.decide()).context).toMatchObject({ revision: 2, reasons: [{ message: 'new' }] });
  }
  await mesh.stop();
  const source = openLogSource(mesh.database);
  expect(verifyLog(source, { trusted: [], older: [] })).toMatchObject({ faults: [] });
  source.close();
});
