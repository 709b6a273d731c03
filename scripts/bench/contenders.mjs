/**
 * Who takes turns. A contender has a key and a title, serves at a URL as a process, and knows which workload it gets in
 * a case, if any.
 */
import { join } from 'node:path';
import { writeMesh } from './mesh.mjs';
import { startCerbos } from './cerbos.mjs';
import { startOpa } from './opa.mjs';
import { startNode } from './served.mjs';
import { toCerbos, toOpa } from './workload.mjs';

/** Starts everybody who has a part in one of the cases; answers them, and who was skipped and why. */
export async function startContenders(cases, { peers, against }, folder) {
  const starts = [startBare, () => startWitan(folder)];
  if (against !== undefined) starts.push(() => startAgainst(against, folder));
  if (peers) starts.push(...peerStarts(folder));
  const contenders = [];
  const skipped = [];
  for (const start of starts) {
    const found = await start();
    if (found.skipped !== undefined) skipped.push(found.skipped);
    else contenders.push(found);
  }
  const [taking, idle] = [true, false].map((takes) =>
    contenders.filter(({ workloadOf }) => cases.some((each) => workloadOf(each) !== undefined) === takes),
  );
  for (const { stop } of idle) await stop();
  return { contenders: taking, skipped };
}

/** A service of its own over an empty store with the mesh of the benchmark. */
export async function startWitan(folder, { key = 'witan', title = 'Witan', main = 'dist/main.js' } = {}) {
  const seed = join(folder, `${key}-mesh`);
  writeMesh(seed);
  const dataDir = join(folder, `${key}-data`);
  const served = await startNode([main], {
    WITAN_PORT: '0',
    WITAN_LOG_LEVEL: 'error',
    WITAN_DATA_DIR: dataDir,
    WITAN_POLICIES: 'scripts/bench/policies',
    WITAN_SEED: seed,
  });
  const workloadOf = ({ name, workload }) => (name === 'bare' ? undefined : workload);
  return { key, title, dataDir, workloadOf, ...served };
}

function startAgainst(checkout, folder) {
  return startWitan(folder, {
    key: 'against',
    title: `Witan in ${checkout}`,
    main: join(checkout, 'dist/main.js'),
  });
}

async function startBare() {
  const served = await startNode(['scripts/bench/bare.mjs']);
  const workloadOf = ({ name, workload }) => (name === 'bare' ? workload : undefined);
  return { key: 'bare', title: 'bare node:http', workloadOf, ...served };
}

function peerStarts(folder) {
  const peer = (key, title, workload, start) => async () => {
    const served = await start();
    const workloadOf = ({ name }) => (name === 'single' ? workload : undefined);
    return served.skipped === undefined ? { key, title, workloadOf, ...served } : served;
  };
  return [
    peer('opa', 'OPA, decision logs to the console', toOpa, () => startOpa({ logs: true })),
    peer('opa-silent', 'OPA, no decision logs', toOpa, () => startOpa({ logs: false })),
    peer('cerbos', 'Cerbos, decision log to a file', toCerbos, () => startCerbos(folder)),
  ];
}
