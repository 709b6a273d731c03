/**
 * Decisions a second with a durable record each, beside bare node:http and other engines, in rounds that take turns on
 * the same machine; an activation under load; memory after many decisions; where the time goes. The figures mean something as ratios of one
 * run only: docs/performance.md. Writes `data/bench.json`. Needs wrk (Debian: apt-get install wrk).
 *
 * A case is added in `bench/cases.mjs`, with its questions in `bench/workload.mjs`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { measureActivation } from './bench/activation.mjs';
import { CASES } from './bench/cases.mjs';
import { startContenders } from './bench/contenders.mjs';
import { measureMemory } from './bench/memory.mjs';
import { readOptions, USAGE, UsageError } from './bench/options.mjs';
import { measureParts } from './bench/parts.mjs';
import { printReport, reportOf } from './bench/report.mjs';
import { measureInRounds } from './bench/rounds.mjs';
import { hasWrk } from './bench/wrk.mjs';

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

/** What is measured in a service of its own, each. */
const COURSES = { activation: measureActivation, memory: measureMemory, parts: measureParts };

const options = optionsOrExit();
const folder = mkdtempSync(join(tmpdir(), 'witan-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => process.exit(EXIT_INTERRUPTED));

const progress = (words) => process.stderr.write(`${words}\n`);
const bench = { options, folder, progress };
const measured = await inRounds();
for (const [name, measure] of Object.entries(COURSES))
  if (options.only.includes(name)) measured[name] = await measure(bench);
const report = reportOf(measured, options);
const json = `${JSON.stringify(report, null, 2)}\n`;
mkdirSync(dirname(options.out), { recursive: true });
writeFileSync(options.out, json);
if (options.json) process.stdout.write(json);
else printReport(report);

async function inRounds() {
  const cases = CASES.filter(({ name }) => options.only.includes(name));
  const { contenders, skipped } = await startContenders(cases, options, folder);
  try {
    for (const words of skipped) progress(`skipped: ${words}`);
    return { turns: await measureInRounds({ cases, contenders, ...bench }), skipped };
  } finally {
    await Promise.all(contenders.map(({ stop }) => stop()));
  }
}

function optionsOrExit() {
  try {
    if (!hasWrk()) throw new UsageError('`wrk` is needed: on Debian, apt-get install wrk');
    return readOptions(process.argv.slice(2), [...CASES.map(({ name }) => name), ...Object.keys(COURSES)]);
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    process.stderr.write(`bench: ${thrown.message}\n\n${USAGE}\n`);
    process.exit(EXIT_USAGE);
  }
}
