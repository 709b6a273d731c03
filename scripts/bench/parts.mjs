/** Where the time of a decision goes: what its thread does, by part, and what other threads do behind it. */
import { startWitan } from './contenders.mjs';
import { comesToRest, threadCpuUs } from './process-figures.mjs';
import { tellOf } from './served.mjs';
import { registered } from './workload.mjs';
import { load, warmUp, writeBodies } from './wrk.mjs';

const CONNECTIONS = 64;

/** Parts by where the running function stands; the first that matches has it. */
const PARTS = [
  ['evaluation: WASM', /^wasm:/],
  ['evaluation: input, calls, built-ins', /\/dist\/rego\//],
  ['decision: matter, findings, answer', /\/dist\/(decision|policy|registry|law|council|activating)\//],
  ['request: read and checked', /\/dist\/(document|product)\/|\/dist\/schema|\/ajv/],
  [
    'record: made, encoded, handed over',
    /\/dist\/(store|audit)\/|worker|\/dist\/(commit|app|ids)|^node:internal\/crypto/,
  ],
  ['routes', /\/dist\/|\/node_modules\//],
  ['node:http and sockets', /^node:/],
];
const OF_V8 = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'node itself'],
]);

/**
 * Samples the decision thread under load. Answers microseconds a decision by part, those of the other threads by their
 * scripts, and the share of the time in which the decision thread had nothing to do.
 */
export async function measureParts({ options, folder, progress }) {
  const served = await startWitan(folder, {
    key: 'profiled',
    preload: 'tell-profile',
    settings: options.settings,
  });
  try {
    const bodies = writeBodies(folder, 'parts', registered);
    const target = { url: served.url, path: registered.path, bodies, connections: CONNECTIONS };
    await warmUp(target, options.warmUp);
    await comesToRest(served.pid);
    const { seconds } = options;
    progress(`parts: ${seconds} s of load, and as much again for samples`);
    const before = threadCpuUs(served.pid);
    const { requests, perSecond } = await load({ ...target, seconds });
    await comesToRest(served.pid);
    const { own, others } = byThread(served, before);
    // Sampling has a thread of its own, and costs the others something.
    await tellOf(served, /^profile begins$/gm);
    await load({ ...target, seconds });
    const [, text] = await tellOf(served, /^profile (\{.*\})$/gm);
    const { shares, idleShare } = byPart(JSON.parse(text));
    return {
      perSecond,
      idleShare,
      // Samples tell of time, and others may have had the processor meanwhile: its own time is shared out by them.
      partsUs: Object.fromEntries(shares.map(([part, share]) => [part, (share * own) / requests])),
      otherThreadsUs: Object.fromEntries(others.map(([name, us]) => [name, us / requests])),
    };
  } finally {
    await served.stop();
  }
}

/** What threads used since then: the decision thread, and the others by their scripts, where they have one. */
function byThread({ pid, output }, before) {
  const scripts = new Map(
    [...output().matchAll(/^thread (\d+) (.*)$/gm)].map(([, thread, script]) => [Number(thread), script]),
  );
  const others = new Map();
  let own = 0;
  for (const [thread, us] of threadCpuUs(pid)) {
    const used = us - (before.get(thread) ?? 0);
    const name = scripts.get(thread) ?? 'threads of node and V8';
    if (thread === pid) own = used;
    else if (used > 0) others.set(name, (others.get(name) ?? 0) + used);
  }
  return { own, others: [...others].sort(([, one], [, other]) => other - one) };
}

/** Sums a profile up; what runs in V8 itself, such as JSON.parse, belongs to whoever called it. */
function byPart({ nodes, samples, timeDeltas }) {
  const partOf = new Map();
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const find = (id) => {
    if (!partOf.has(id))
      partOf.set(id, partAt(byId.get(id)) ?? (parents.has(id) ? find(parents.get(id)) : 'node itself'));
    return partOf.get(id);
  };
  const parts = {};
  let idle = 0;
  for (const [at, id] of samples.entries()) {
    if (byId.get(id).callFrame.functionName === '(idle)') idle += timeDeltas[at];
    else parts[find(id)] = (parts[find(id)] ?? 0) + timeDeltas[at];
  }
  const busy = Object.values(parts).reduce((sum, us) => sum + us, 0);
  const shares = Object.entries(parts)
    .map(([part, us]) => [part, us / busy])
    .sort(([, one], [, other]) => other - one);
  return { shares, idleShare: idle / (idle + busy) };
}

function partAt({ callFrame: { functionName, url } }) {
  if (url === '') return OF_V8.get(functionName);
  return PARTS.find(([, pattern]) => pattern.test(url))?.[0];
}
