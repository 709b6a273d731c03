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

const MAIN = 'dist/main.js';

/** Starts everybody who has a part in one of the cases; answers them, and in words who was skipped and why. */
export async function startContenders(cases, options, folder) {
  const contenders = [];
  const skipped = [];
  for (const { start, ...contender } of invited(options, folder)) {
    if (cases.every((each) => contender.workloadOf(each) === undefined)) continue;
    const served = await start();
    if (served.skipped === undefined) contenders.push({ ...contender, ...served });
    else skipped.push(served.skipped);
  }
  return { contenders, skipped };
}

/** A service of its own over an empty store with the mesh of the benchmark. */
export async function startWitan(folder, { key, main = MAIN, settings = {}, preload }) {
  const seed = join(folder, `${key}-mesh`);
  writeMesh(seed);
  const dataDir = join(folder, `${key}-data`);
  const environment = {
    WITAN_PORT: '0',
    WITAN_LOG_LEVEL: 'error',
    WITAN_DATA_DIR: dataDir,
    WITAN_POLICIES: 'scripts/bench/policies',
    WITAN_SEED: seed,
    ...settings,
  };
  return { dataDir, ...(await startNode([main], environment, preload)) };
}

function invited({ peers, against, settings }, folder) {
  const bare = {
    key: 'bare',
    title: 'bare node:http',
    workloadOf: ({ name, workload }) => (name === 'bare' ? workload : undefined),
    start: () => startNode(['scripts/bench/bare.mjs']),
  };
  const service = (key, title, more) => ({
    key,
    title,
    workloadOf: ({ name, workload }) => (name === 'bare' ? undefined : workload),
    start: () => startWitan(folder, { key, ...more }),
  });
  const peer = (key, title, workload, start) => ({
    key,
    title,
    workloadOf: ({ name }) => (name === 'single' ? workload : undefined),
    start,
  });
  return [
    bare,
    service('witan', 'Witan', { settings }),
    ...(against === undefined
      ? []
      : [service('against', `Witan in ${against}`, { main: join(against, MAIN) })]),
    ...(peers
      ? [
          peer('opa', 'OPA, decision logs to the console', toOpa, () => startOpa({ logs: true })),
          peer('opa-silent', 'OPA, no decision logs', toOpa, () => startOpa({ logs: false })),
          peer('cerbos', 'Cerbos, decision log to a file', toCerbos, () => startCerbos(folder)),
        ]
      : []),
  ];
}
