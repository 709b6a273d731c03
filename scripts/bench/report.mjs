/** Tells what was measured: medians over the rounds, and medians of the ratios within a round. */
import { cpus, loadavg } from 'node:os';
import { median, ratio } from './statistics.mjs';

/** Of the machine, before anything was started. */
const LOAD_BEFORE = loadavg()[0];

/** Whom figures are put in proportion to: by the case in which they were measured at the same connections. */
const BASES = [
  { case: 'bare', contender: 'bare', title: 'bare' },
  { case: 'single', contender: 'opa', title: 'OPA' },
  { case: 'single', contender: 'cerbos', title: 'Cerbos' },
];

/** Everything that was measured, as a value. */
export function reportOf({ turns, skipped, ...courses }, options) {
  return {
    machine: { cores: cpus().length, model: cpus()[0]?.model, node: process.version, load: LOAD_BEFORE },
    options,
    skipped,
    cases: turns.map((turn) => summaryOf(turn, turns)),
    ...courses,
  };
}

/** The same in tables. */
export function printReport({ machine, options, skipped, cases, activation, memory, parts }) {
  if (cases.length > 0) console.log(table(cases, lineOf));
  if (activation !== undefined) {
    console.log('\nactivation under load: requests sent from its begin until its end, for a second at least');
    console.log(table(activation, activationLine));
  }
  if (memory !== undefined) {
    console.log('\nmemory by decisions, garbage collected, MB');
    console.log(table(memory, memoryLine));
  }
  if (parts !== undefined) {
    console.log('\nwhere the time of a decision goes, µs');
    console.log(table(partLines(parts), (line) => line));
  }
  const { rounds, seconds } = options;
  for (const words of skipped) console.log(`skipped: ${words}`);
  console.log(
    `\n${rounds} rounds of ${seconds} s in turn; ${machine.cores} cores, ${machine.model}; load of the machine before ${machine.load.toFixed(1)}`,
  );
}

function summaryOf(turn, turns) {
  const { rounds, ...what } = turn;
  const own = (figure) => rounds.map((each) => each[figure]);
  const bases = turn.case === 'bare' ? [] : BASES;
  const ratios = bases.flatMap((base) => {
    const found = turns.find((each) => isBase(each, base) && each.connections === turn.connections);
    return found === undefined || found === turn ? [] : [[base.title, ratiosTo(rounds, found.rounds)]];
  });
  const before = turns.find(
    (each) =>
      each.contender === 'against' && each.case === turn.case && each.connections === turn.connections,
  );
  if (before !== undefined && turn.contender === 'witan')
    ratios.push(['before', ratiosTo(rounds, before.rounds)]);
  return {
    ...what,
    perSecond: median(own('perSecond')),
    perSecondLeast: Math.min(...own('perSecond')),
    perSecondMost: Math.max(...own('perSecond')),
    p50Ms: median(own('p50Ms')),
    p99Ms: median(own('p99Ms')),
    cpuUs: median(own('cpuUs')),
    ratios: Object.fromEntries(ratios),
    rounds,
  };
}

function isBase(turn, base) {
  return turn.case === base.case && turn.contender === base.contender;
}

function ratiosTo(rounds, others) {
  const of = (figure) =>
    ratio(
      rounds.map((each) => each[figure]),
      others.map((each) => each[figure]),
    );
  return { perSecond: of('perSecond'), p99Ms: of('p99Ms'), cpuUs: of('cpuUs') };
}

function lineOf({ case: name, title, connections, ratios, ...turn }) {
  const line = {
    case: name,
    who: title,
    conn: connections,
    'decisions/s': Math.round(turn.perSecond),
    spread: `${Math.round(turn.perSecondLeast)}–${Math.round(turn.perSecondMost)}`,
    'p50 ms': turn.p50Ms.toFixed(1),
    'p99 ms': turn.p99Ms.toFixed(1),
    // Too little where work behind the answers went on when it was counted.
    'CPU µs': `${turn.rounds.every(({ rested }) => rested) ? '' : '>'}${turn.cpuUs.toFixed(0)}`,
  };
  for (const [base, { perSecond, p99Ms, cpuUs }] of Object.entries(ratios)) {
    line[`× ${base}`] = perSecond.toFixed(2);
    if (base !== 'bare') line[`p99 × ${base}`] = p99Ms.toFixed(2);
    if (base === 'before') line[`CPU × ${base}`] = cpuUs.toFixed(2);
  }
  return line;
}

function activationLine({ tookMs, failed, wrong, p99BeforeMs, p99Ms, maxMs, noted }) {
  return {
    'took ms': tookMs.toFixed(0),
    failed,
    wrong,
    noted,
    'p99 ms before': p99BeforeMs.toFixed(1),
    'p99 ms': p99Ms.toFixed(1),
    'max ms': maxMs.toFixed(1),
  };
}

function memoryLine({ decisions, rssBytes, heapBytes, externalBytes }) {
  const megabytes = (bytes) => Math.round(bytes / 1e6);
  return {
    decisions,
    resident: megabytes(rssBytes),
    heap: megabytes(heapBytes),
    external: megabytes(externalBytes),
  };
}

function partLines({ partsUs, otherThreadsUs, idleShare }) {
  return [
    ...Object.entries(partsUs).map(([part, us]) => ({ part, µs: us.toFixed(1) })),
    ...Object.entries(otherThreadsUs).map(([name, us]) => ({ part: `beside: ${name}`, µs: us.toFixed(1) })),
    { part: `the decision thread waits for ${(idleShare * 100).toFixed(0)} % of the time` },
  ];
}

/** Objects as lines of text in columns, under the names of all their members: words to the left, figures to the right. */
function table(values, line) {
  const lines = values.map(line);
  const names = [...new Set(lines.flatMap((each) => Object.keys(each)))];
  const rows = [names, ...lines.map((each) => names.map((name) => String(each[name] ?? '')))];
  const widths = names.map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  const cell = (text, at) =>
    /^[^\d]*$/.test(rows[1][at]) ? text.padEnd(widths[at]) : text.padStart(widths[at]);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
