/**
 * Puts the service under load for ten minutes, with everything else that a mesh does beside it: no request fails, no
 * answer is wrong, memory stays flat, and the log holds what was said. See docs/performance.md.
 *
 *   npm run test:soak -- [--minutes 10] [--connections 64] [--per-second 1500] [--seed N]
 */
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.js';
import { Cleanup } from '../faults/cleanup.js';
import { seededRandom } from '../faults/seeded-random.js';
import { soak, type Soaked } from './soak.js';

const EXIT = { fine: 0, no: 1, usage: 2, failed: 3, interrupted: 130 } as const;
const SAMPLE_EVERY_MS = 15_000;
const ACTIVATE_EVERY_MS = 20_000;
/** Longest time for the start and for the verification of what was recorded, beside the soak itself. */
const REST_MS_MAX = 15 * 60_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    connections: { type: 'string', default: '64' },
    'per-second': { type: 'string', default: '1500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

function numberOf(name: keyof typeof values): number {
  const given = values[name];
  if (/^\d{1,6}(\.\d+)?$/.test(given) && Number(given) > 0) return Number(given);
  process.stderr.write(`test:soak: \`--${name}\` is \`${given}\`; expected a number above 0\n`);
  process.exit(EXIT.usage);
}

const seconds = numberOf('minutes') * 60;
const seed = numberOf('seed');
const clients = numberOf('connections');
const perSecond = numberOf('per-second');
const cleanup = new Cleanup();

function end(code: number): never {
  for (const { message } of cleanup.run()) process.stderr.write(`cannot clean up: ${message}\n`);
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => end(EXIT.interrupted));
setTimeout(
  () => {
    process.stderr.write('test:soak: it does not come to its end\n');
    end(EXIT.failed);
  },
  seconds * 1000 + REST_MS_MAX,
).unref();

function summary({ tally, records, acts, impacts, memory, diskBytes, verifiedSeconds }: Soaked): string {
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  const range = (of: (sample: (typeof memory)[number]) => number): string =>
    `${Math.min(...memory.map((each) => megabytes(of(each))))}–${Math.max(...memory.map((each) => megabytes(of(each))))} MB`;
  return [
    `${tally.answered} decisions in ${seconds} s over ${clients} connections, ${records} records`,
    Object.entries(acts)
      .map(([name, count]) => `${count} ${name}`)
      .join(', '),
    `${impacts} impacts known before the vote`,
    `heap ${range(({ heapBytes }) => heapBytes)}, resident ${range(({ residentBytes }) => residentBytes)}, in ${memory.length} samples`,
    `lost ${tally.lost}, twice ${tally.duplicates}, changed ${tally.changed}`,
    `read and verified in ${verifiedSeconds.toFixed(0)} s, ${megabytes(diskBytes)} MB on disk, seed ${seed}`,
    ...tally.complaints.map((words) => `FAIL ${words}`),
    '',
  ].join('\n');
}

try {
  const rig = {
    cleanup,
    random: seededRandom(seed),
    clients,
    progress: (words: string) => process.stderr.write(`${words}\n`),
  };
  const course = {
    seconds,
    perSecond,
    sampleEveryMs: SAMPLE_EVERY_MS,
    activateEveryMs: ACTIVATE_EVERY_MS,
  };
  const soaked = await soak(rig, course);
  process.stdout.write(summary(soaked));
  end(soaked.tally.complaints.length === 0 ? EXIT.fine : EXIT.no);
} catch (thrown) {
  process.stderr.write(`test:soak: ${messageOf(thrown)}\n`);
  end(EXIT.failed);
}
