/**
 * Decisions a second with a durable record each, beside bare node:http, in rounds that take turns on the same machine.
 * The figures mean something as ratios of one run only. Needs wrk (Debian: apt-get install wrk).
 *
 *   npm run bench -- [--rounds 3] [--seconds 5] [--connections 64] [--against ../before]
 *
 * `--against` names another built checkout, whose service takes turns with this one's: what a change costs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? fallback : Number(process.argv[at + 1]);
};
const rounds = option('rounds', 3);
const seconds = option('seconds', 5);
const connections = option('connections', 64);
const againstAt = process.argv.indexOf('--against');
const against = againstAt === -1 ? undefined : process.argv[againstAt + 1];

if (spawnSync('wrk', ['--version']).error !== undefined) {
  console.error('bench: `wrk` is needed: on Debian, apt-get install wrk');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'witan-bench-'));
const environment = (dataDir) => ({
  WITAN_PORT: '0',
  WITAN_LOG_LEVEL: 'error',
  WITAN_DATA_DIR: join(folder, dataDir),
  WITAN_POLICIES: 'scripts/bench/policies',
  WITAN_SEED: 'scripts/bench/mesh',
});
const contenders = [
  { name: 'bare node:http', ...(await start(['scripts/bench/bare.mjs'], {})) },
  { name: 'witan, durable decisions', ...(await start(['dist/main.js'], environment('this'))) },
];
if (against !== undefined) {
  const other = await start([join(against, 'dist/main.js')], environment('other'));
  contenders.push({ name: `witan in ${against}`, ...other });
}
const measured = new Map(contenders.map(({ name }) => [name, []]));
try {
  for (const { url } of contenders.slice(1)) await agree(url);
  for (const { url } of contenders) load(url, 2);
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, url } of contenders) {
      measured.get(name).push(load(url, seconds));
      process.stderr.write(`round ${round} of ${rounds}: ${name}\n`);
    }
  }
} finally {
  for (const { child } of contenders) child.kill('SIGTERM');
  await Promise.all(contenders.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
}
report();

function start(args, env) {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 2],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const url = /serves the mesh on (\S+)\. /.exec(output)?.[1];
      if (url !== undefined) resolve({ url, child, ended });
    });
    void ended.then((code) => reject(new Error(`${args[0]} ended with ${code}: ${output}`)));
  });
}

/** The answer must be the one that every engine of the comparison gives: permit, with `email` masked. */
async function agree(url) {
  const response = await fetch(`${url}/access/v1/evaluation`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      subject: { type: 'user', id: 'reader-1' },
      action: { name: 'read' },
      resource: { type: 'data_product', id: 'urn:mesh:sales:orders' },
      context: { purpose: 'analytics', region: 'eu', contract: 'c-1' },
    }),
  });
  const { decision, context } = await response.json();
  const masks = context.obligations.map(({ properties }) => properties.column);
  if (decision !== true || masks.join() !== 'email')
    throw new Error(`wrong answer: ${JSON.stringify({ decision, context })}`);
}

function load(url, duration) {
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${duration}s`,
    '--latency',
    '-s',
    'scripts/bench/load.lua',
    url,
  ];
  const { stdout } = spawnSync('wrk', args, { encoding: 'utf8' });
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`not every request was answered:\n${stdout}`);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50: milliseconds(/^\s+50%\s+(\S+)/m.exec(stdout)?.[1]),
    p99: milliseconds(/^\s+99%\s+(\S+)/m.exec(stdout)?.[1]),
  };
}

function milliseconds(text) {
  const [, value, unit] = /^([\d.]+)(us|ms|s)$/.exec(text ?? '') ?? [];
  return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit];
}

function report() {
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const spread = (values) => `${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))}`;
  const ratio = (results, others, figure) =>
    median(results.map((result, round) => result[figure] / others[round][figure])).toFixed(2);
  const [bare, , other] = measured.values();
  const rows = [...measured].map(([name, results]) => [
    name,
    {
      'requests/s': Math.round(median(results.map(({ perSecond }) => perSecond))),
      spread: spread(results.map(({ perSecond }) => perSecond)),
      'p50 ms': median(results.map(({ p50 }) => p50)).toFixed(2),
      'p99 ms': median(results.map(({ p99 }) => p99)).toFixed(2),
      'of bare': ratio(results, bare, 'perSecond'),
      ...(other !== undefined && {
        'of the other': ratio(results, other, 'perSecond'),
        'p99 of it': ratio(results, other, 'p99'),
      }),
    },
  ]);
  console.table(Object.fromEntries(rows));
  console.log(
    `${connections} connections, ${rounds} rounds of ${seconds} s in turn, ${cpus().length} cores: ${cpus()[0]?.model ?? ''}`,
  );
  mkdirSync('data', { recursive: true });
  writeFileSync('data/bench.json', `${JSON.stringify(Object.fromEntries(measured), null, 2)}\n`);
}
