/**
 * What the impact of a proposal costs: fills the log of the default mesh with many decisions, and finds out what a
 * change of `global` would do to them, while decisions go on. Prints how long it took and what decisions meanwhile
 * took, beside those before and after on the same machine.
 *
 *   node scripts/bench-impact.mjs [--records 1000000] [--subjects 20000] [--seconds 8] [--folder <kept folder>] [--alone]
 *
 * `--alone` decides nothing meanwhile, so that a kept folder stays as it is: runs of two builds over the same log, in
 * turn, tell them apart.
 */
import Database from 'better-sqlite3';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { numberStream } from './bench/audit-records.mjs';
import { createApp } from '../dist/app.js';
import { readConfig } from '../dist/config.js';
import { createImpacts } from '../dist/impact/impacts.js';
import { openToolchain } from '../dist/law/mesh.js';
import { createBundle } from '../dist/policy/bundle.js';
import { readBundles } from '../dist/policy/read-bundles.js';
import { createOpaBuiltins } from '../dist/rego/opa-builtins.js';

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? fallback : process.argv[at + 1];
};
const records = Number(option('records', 1_000_000));
const subjects = Number(option('subjects', 20_000));
const seconds = Number(option('seconds', 8));
const kept = option('folder');
const alone = process.argv.includes('--alone');
const TRANSACTION_RECORDS = 20_000;
const DECIDE_EVERY_MS = 2;
const toolchainPath = 'build/toolchain.wasm';
const START_MS = Date.UTC(2026, 0, 1);

const folder = kept ?? mkdtempSync(join(tmpdir(), 'witan-bench-impact-'));
const dataDir = join(folder, 'data');
const requests = readdirSync('fixtures/decisions')
  .map((file) => JSON.parse(readFileSync(join('fixtures/decisions', file), 'utf8')).evaluation)
  .filter((request) => request?.subject !== undefined);
try {
  if (!existsSync(dataDir)) {
    await decideEach();
    multiply();
  }
  await measure();
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true, force: true });
}

function open() {
  const config = readConfig({
    WITAN_DATA_DIR: dataDir,
    WITAN_POLICIES: 'policies',
    WITAN_SEED: 'fixtures/mesh',
  });
  return createApp({ config, toolchainPath, nowMs: () => Date.now() });
}

/** The decisions that the others are made of. */
async function decideEach() {
  const app = await open();
  for (const request of requests) {
    try {
      await app.decisionPoint.decide(request, { caller: { id: 'bench', roles: [] } });
    } catch (thrown) {
      line(`left out: ${thrown.message}`);
    }
  }
  await app.close();
}

/** Writes them again and again straight into SQLite, for other subjects. */
function multiply() {
  const db = new Database(join(dataDir, 'witan.db'));
  const templates = db
    .prepare('SELECT CAST(body AS TEXT) AS body FROM records')
    .all()
    .map(({ body }) => JSON.parse(body))
    .filter(({ kind }) => kind === 'decision')
    .map((record) => {
      record.evaluation.subject.id = '@@';
      return JSON.stringify({ ...record, id: '@@', time: '@@' }).split('@@');
    })
    // The id, the time and the subject, and nothing else.
    .filter((parts) => parts.length === 4);
  const put = db.prepare('INSERT INTO records (sequence, id, body) VALUES (?, ?, ?)');
  db.pragma('synchronous = OFF');
  const first = db.prepare('SELECT max(sequence) + 1 FROM records').pluck().get();
  const next = numberStream(1);
  const started = performance.now();
  let bytes = 0;
  for (let n = first; n < records;) {
    db.exec('BEGIN');
    for (const end = Math.min(records, n + TRANSACTION_RECORDS); n < end; n += 1) {
      const [head, afterId, afterTime, tail] = templates[next(templates.length)];
      const id = `0197c0de-${(n >>> 16).toString(16).padStart(4, '0')}-7000-8000-${(n * 7919).toString(16).padStart(12, '0')}`;
      const time = new Date(START_MS + n * 250).toISOString();
      const subject = `user-${Math.floor(subjects * (next(1_000_000) / 1_000_000) ** 3)}`;
      const body = Buffer.from(`${head}${id}${afterId}${time}${afterTime}${subject}${tail}`);
      bytes += body.length;
      put.run(n, id, body);
    }
    db.exec('COMMIT');
  }
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  line(
    `wrote ${records - first} records of ${templates.length} sorts and ${Math.round(bytes / (records - first))} bytes in ${since(started)} s`,
  );
}

async function measure() {
  const app = await open();
  const started = performance.now();
  const { total } = await app.store.records.count({});
  await app.store.tree.seal(await app.store.records.size());
  line(`indexed and sealed ${total} records in ${since(started)} s`);
  const toolchain = openToolchain(toolchainPath, 60_000);
  const opaBuiltins = createOpaBuiltins({ wasmPath: toolchainPath });
  const impacts = createImpacts({
    ...{ dataDir, toolchain, opaBuiltins, seed: () => 'bench' },
    current: app.current,
    council: app.council,
    nowMs: () => Date.now(),
    warn: line,
  });
  const bundle = await proposed();
  const { layer, digest } = bundle;
  line(`load of the machine: ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`);
  if (!alone) {
    line(
      `${''.padEnd(10)}${['decisions', 'p50 ms', 'p99 ms', 'max ms'].map((each) => each.padStart(11)).join('')}`,
    );
    await decideFor(app, pause(2000));
    tell('before', await decideFor(app, pause(seconds * 1000)));
  }
  const used = process.cpuUsage();
  const begun = performance.now();
  let found;
  let peakBytes = 0;
  const running = impacts.run({ id: '1', layer, digest }, bundle).then((impact) => (found = impact));
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 200);
  const steps = stepsOf(impacts);
  if (alone) await running;
  else tell('meanwhile', await decideFor(app, running));
  const took = (performance.now() - begun) / 1000;
  clearInterval(watch);
  const { user, system } = process.cpuUsage(used);
  if (!alone) tell('after', await decideFor(app, pause(seconds * 1000)));
  const report = JSON.parse(found.body);
  const { material } = report;
  line(
    `\nimpact of ${material.records} decisions in ${took.toFixed(1)} s, ${Math.round(material.records / took)} a second; ` +
      `all threads used ${((user + system) / 1e6).toFixed(1)} s of processors, ${alone ? 'nothing but the impact' : 'decisions with them'}`,
  );
  line(`steps: ${(await steps).join(', ')}`);
  line(
    `${material.distinct} distinct requests, ${material.evaluated.distinct} evaluated (${(material.evaluated.share * 100).toFixed(1)} % of the records); ` +
      `${material.masked.records} records with masked values; ${(found.body.length / 1e6).toFixed(2)} MB of report; at most ${Math.round(peakBytes / 1e6)} MB of memory`,
  );
  line(found.words);
  await impacts.close();
  opaBuiltins.close();
  await toolchain.close();
  await app.close();
}

/** `global` with one rule more. */
async function proposed() {
  const global = (await readBundles('policies')).find(({ layer }) => layer === 'global');
  const rego = `# METADATA
# title: no research by night
# description: what a proposal of the bench would change
# scope: package
# custom:
#   applies_to: [access]
#   controls: []
package mesh.global.policy.bench

deny contains {"message": "not for this purpose any more"} if input.context.purpose in {"analytics", "research"}
`;
  const files = global.files.map(({ path, text }) =>
    path === 'manifest.yaml'
      ? { path, text: text.replace(/^policies:\n/m, 'policies:\n  bench: { enforcement: hard }\n') }
      : { path, text },
  );
  return createBundle([...files, { path: 'policy/bench.rego', text: rego }]);
}

/** How long each step took. */
async function stepsOf(impacts) {
  const began = new Map();
  for await (const item of impacts.follow('1')) {
    const step = item.step ?? 'the end';
    if (!began.has(step)) began.set(step, performance.now());
  }
  const all = [...began];
  return all
    .slice(0, -1)
    .map(([step, at], index) => `${step} ${((all[index + 1][1] - at) / 1000).toFixed(1)} s`);
}

/** Decides one request after the other, with pauses, until the promise resolves; answers what each took, in ms. */
async function decideFor(app, until) {
  let isOver = false;
  void until.then(() => (isOver = true));
  const times = [];
  for (let n = 0; !isOver; n += 1) {
    const started = performance.now();
    await app.decisionPoint.decide(requests[n % requests.length], { caller: { id: 'bench', roles: [] } });
    times.push(performance.now() - started);
    await pause(DECIDE_EVERY_MS);
  }
  return times.sort((a, b) => a - b);
}

function tell(name, times) {
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1);
  line(
    `${name.padEnd(10)}${[times.length, at(0.5), at(0.99), at(1)].map((each) => String(each).padStart(11)).join('')}`,
  );
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function since(started) {
  return ((performance.now() - started) / 1000).toFixed(1);
}

function line(text) {
  process.stdout.write(`${text}\n`);
}
