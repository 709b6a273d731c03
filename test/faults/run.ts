/**
 * Shows that no acknowledged decision is lost: the service is killed, loses its power, and gets disks that fail, fill
 * up and are slow, all under load. A control that must lose shows that the rig would notice. See docs/faults.md.
 *
 *   npm run test:faults -- [--short] [--seed N] [--clients N] [--kill N] [--power-loss N] …
 */
import { parseArgs } from 'node:util';
import { Cleanup } from './cleanup.js';
import { messageOf } from '../../src/errors.js';
import { SCENARIOS, type Scenario } from './scenarios.js';
import { seededRandom } from './seeded-random.js';
import { table, verdict, type Line } from './verdict.js';

const EXIT = { fine: 0, no: 1, usage: 2, interrupted: 130 } as const;

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    clients: { type: 'string', default: '48' },
    ...Object.fromEntries(SCENARIOS.map(({ key }) => [key, { type: 'string' as const }])),
  },
});

function wholeNumber(name: string, fallback: number): number {
  const given = (values as Readonly<Record<string, string | boolean | undefined>>)[name];
  if (given === undefined) return fallback;
  if (/^\d{1,9}$/.test(String(given))) return Number(given);
  process.stderr.write(`test:faults: \`--${name}\` is \`${String(given)}\`; expected a whole number\n`);
  process.exit(EXIT.usage);
}

const seed = wholeNumber('seed', 0);
const clients = wholeNumber('clients', 0);
const cleanup = new Cleanup();

/** Undoes everything; says what could not be undone. */
function tidy(): void {
  for (const { message } of cleanup.run()) process.stderr.write(`cannot clean up: ${message}\n`);
}

function progress(words: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${words}`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    progress('');
    tidy();
    process.exit(EXIT.interrupted);
  });
}

async function lineOf(scenario: Scenario): Promise<Line | undefined> {
  const { key, title, needs, rounds, mustLose } = scenario;
  const count = wholeNumber(key, values.short ? rounds.short : rounds.full);
  if (count === 0) return undefined;
  const missing = needs.find(({ there }) => !there());
  if (missing !== undefined) return { title, mustLose, skipped: missing.words };
  const startedMs = performance.now();
  const rig = {
    cleanup,
    random: seededRandom(seed),
    clients,
    progress: (words: string) => {
      progress(`${title}: ${words}`);
    },
  };
  rig.progress('…');
  try {
    const tally = await scenario.run(rig, count);
    return { title, mustLose, tally, seconds: (performance.now() - startedMs) / 1000 };
  } catch (thrown) {
    return { title, mustLose, failed: messageOf(thrown) };
  } finally {
    tidy();
  }
}

const lines: Line[] = [];
for (const scenario of SCENARIOS) {
  const line = await lineOf(scenario);
  if (line !== undefined) lines.push(line);
}
progress('');
process.stdout.write(`${table(lines)}\nseed ${seed}\n`);
const faults = verdict(lines);
for (const words of faults) process.stdout.write(`FAIL ${words}\n`);
process.exitCode = faults.length === 0 ? EXIT.fine : EXIT.no;
