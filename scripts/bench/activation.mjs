/** What requests notice of a change of the law under full load. */
import { setTimeout as pause } from 'node:timers/promises';
import { startWitan } from './contenders.mjs';
import { activate, approve } from './council.mjs';
import { startLatencyClient } from './latency-client.mjs';
import { quantile } from './statistics.mjs';
import { registered } from './workload.mjs';
import { drive, warmUp, writeBodies } from './wrk.mjs';

const CONNECTIONS = 64;
/** Of the client that notes how long each of its requests took. */
const NOTING_CONNECTIONS = 8;
const BEFORE_MS = 2000;
const AFTER_MS = 1500;
const LOAD_SECONDS = 10;
const SECOND_MS = 1000;

/**
 * Activates a proposal under load, once a round, in a service of its own. Answers for each round how long the activation
 * took, how many requests failed or were answered wrongly, and how long those took that were sent from its begin until
 * its end, for a second at least, beside those of the second before.
 */
export async function measureActivation({ options, folder, progress }) {
  const served = await startWitan(folder, { key: 'activated', settings: options.settings });
  try {
    const target = {
      url: served.url,
      path: registered.path,
      bodies: writeBodies(folder, 'activation', registered),
      connections: CONNECTIONS,
    };
    await warmUp(target, options.warmUp);
    const rounds = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      progress(`round ${round} of ${options.rounds}: activation`);
      const proposal = await approve(served, round);
      rounds.push(await activateUnderLoad(served, proposal, target));
    }
    return rounds;
  } finally {
    await served.stop();
  }
}

async function activateUnderLoad(served, proposal, target) {
  let loadEndedMs = Infinity;
  const loading = drive({ ...target, seconds: LOAD_SECONDS }).finally(() => {
    loadEndedMs = performance.now();
  });
  const client = startLatencyClient({
    url: served.url,
    workload: registered,
    connections: NOTING_CONNECTIONS,
  });
  await pause(BEFORE_MS);
  const beganMs = performance.now();
  await activate(served, proposal);
  const endedMs = performance.now();
  await pause(AFTER_MS);
  const noted = await client.stop();
  const { failed } = await loading;
  if (loadEndedMs < endedMs) throw new Error(`an activation took longer than the load, ${LOAD_SECONDS} s`);
  const between = (fromMs, toMs) =>
    noted.filter(({ sentMs }) => sentMs >= fromMs && sentMs < toMs).map(({ tookMs }) => tookMs);
  const second = between(beganMs, Math.max(endedMs, beganMs + SECOND_MS));
  return {
    tookMs: endedMs - beganMs,
    failed: failed + noted.filter(({ answer }) => answer === undefined).length,
    wrong: noted.filter((each) => isWrong(each, endedMs, noted[0])).length,
    p99BeforeMs: quantile(between(beganMs - SECOND_MS, beganMs), 0.99),
    p99Ms: quantile(second, 0.99),
    maxMs: quantile(second, 1),
    noted: second.length,
  };
}

/** Whoever asks when the activation was answered is answered by the new law. */
function isWrong({ sentMs, answer }, endedMs, { answer: first }) {
  if (answer === undefined) return false;
  const isNew = answer.context.revision === first.context.revision + 1;
  return !registered.isRight(answer) || (sentMs > endedMs && !isNew);
}
