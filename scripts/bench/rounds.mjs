/** Measures cases with everybody in turn, once a round, so that what else the machine does falls on all of them. */
import { requireRightAnswers } from './agreement.mjs';
import { comesToRest, figuresOf } from './process-figures.mjs';
import { load, warmUp, writeBodies } from './wrk.mjs';

/** Where a case is measured at one count of connections. */
const CONNECTIONS = 64;

/** Answers for each case, contender and count of connections what came of each round. */
export async function measureInRounds({ cases, contenders, options, folder, progress }) {
  const turns = turnsOf(cases, contenders, options, folder);
  const workloads = [...new Map(turns.map((turn) => [`${turn.case} ${turn.contender.key}`, turn])).values()];
  for (const { contender, workload } of workloads) await requireRightAnswers(contender, workload);
  for (const { contender, workload, bodies, connections, decisions, ...turn } of workloads) {
    progress(`warming up: ${turn.case}, ${contender.title}`);
    const target = { url: contender.url, path: workload.path, bodies, connections };
    await warmUp(target, Math.ceil(options.warmUp / decisions));
    await comesToRest(contender.pid);
  }
  for (let round = 1; round <= options.rounds; round += 1) {
    // There and back, so that nobody is always behind the same one.
    for (const turn of round % 2 === 1 ? turns : turns.toReversed()) {
      progress(
        `round ${round} of ${options.rounds}: ${turn.case}, ${turn.contender.title}, ${turn.connections}`,
      );
      turn.rounds.push(await measure(turn, options.seconds));
    }
  }
  for (const { contender, workload } of workloads) await requireRightAnswers(contender, workload);
  return turns.map(({ contender: { key, title }, connections, decisions, rounds, ...turn }) => ({
    case: turn.case,
    contender: key,
    title,
    connections,
    decisions,
    rounds,
  }));
}

function turnsOf(cases, contenders, { connections: counts }, folder) {
  const one = counts.includes(CONNECTIONS) ? CONNECTIONS : counts[0];
  return counts.flatMap((connections) =>
    cases
      .filter(({ atEveryCount }) => atEveryCount === true || connections === one)
      .flatMap((each) =>
        contenders.flatMap((contender) => {
          const workload = contender.workloadOf(each);
          if (workload === undefined) return [];
          const { name, decisions } = each;
          const bodies = writeBodies(folder, `${name}-${contender.key}`, workload);
          return [{ case: name, contender, connections, decisions, workload, bodies, rounds: [] }];
        }),
      ),
  );
}

async function measure({ contender, workload, bodies, connections, decisions }, seconds) {
  const { url, pid } = contender;
  const before = figuresOf(pid).cpuUs;
  const { path } = workload;
  const { requests, perSecond, p50Ms, p99Ms } = await load({ url, path, bodies, connections, seconds });
  // What is done behind the answers belongs to them, and must not fall on whoever is next.
  const rested = await comesToRest(pid);
  const cpuUs = (figuresOf(pid).cpuUs - before) / (requests * decisions);
  return { perSecond: perSecond * decisions, p50Ms, p99Ms, cpuUs, rested };
}
