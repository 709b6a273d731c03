/**
 * What growth costs: a mesh of many domains and registered products beside a small one of the same sort. Measures how long a
 * start takes, what memory the service holds, and the CPU time of a decision in rounds that take turns; and what a layer
 * of a hundred policies takes for one evaluation.
 *
 *   npm run bench:growth -- [--domains 1000] [--products 100000] [--decisions 200000] [--rounds 4] [--keep <folder>]
 *
 * Compiling a bundle for each domain takes minutes, once: `--keep` names a folder that is used again.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { createApp } from '../dist/app.js';
import { readConfig } from '../dist/config.js';
import { inputSchema } from '../dist/decision/input.js';
import { openToolchain } from '../dist/law/mesh.js';
import { createBundle } from '../dist/policy/bundle.js';
import { compiledSource } from '../dist/policy/load.js';
import { createPolicyModule } from '../dist/rego/evaluator.js';
import { numberStream } from './bench/audit-records.mjs';
import {
  domainName,
  evaluationOf,
  globalFiles,
  productId,
  putProducts,
  writeSeed,
} from './bench/growth-mesh.mjs';

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? fallback : process.argv[at + 1];
};
const domains = Number(option('domains', 1000));
const products = Number(option('products', 100_000));
const decisions = Number(option('decisions', 200_000));
const rounds = Number(option('rounds', 4));
const kept = option('keep');
const SMALL = { domains: 2, products: 100 };
const BATCH = 100;
const CONCURRENT = 4;
const TOOLCHAIN = 'build/toolchain.wasm';
/** Of `/proc/<pid>/stat`, which counts in hundredths of a second. */
const TICK_MS = 10;

const folder = kept ?? mkdtempSync(join(tmpdir(), 'witan-bench-growth-'));
const services = [];
try {
  const large = {
    name: `${domains} domains, ${products} products`,
    domains,
    products,
    folder: join(folder, 'large'),
  };
  const small = {
    name: `${SMALL.domains} domains, ${SMALL.products} products`,
    ...SMALL,
    folder: join(folder, 'small'),
  };
  for (const mesh of [large, small]) await makeStore(mesh);
  const results = { large: {}, small: {}, policies: await measurePolicies() };
  for (const [key, mesh] of Object.entries({ large, small })) {
    const service = await start(mesh);
    services.push(service);
    results[key] = { name: mesh.name, ...service.measured, rssStartMb: rssMb(service) };
  }
  const [largeService, smallService] = services;
  await askEachDomain(largeService);
  results.large.rssAskedMb = rssMb(largeService);
  await askEachDomain(smallService);
  results.small.rssAskedMb = rssMb(smallService);
  await compareDecisions({ large: largeService, small: smallService }, results);
  results.large.rssDecidedMb = rssMb(largeService);
  results.small.rssDecidedMb = rssMb(smallService);
  report(results);
} finally {
  for (const { child } of services) child.kill('SIGTERM');
  await Promise.all(services.map(({ ended }) => ended));
  if (kept === undefined) rmSync(folder, { recursive: true, force: true });
}

/** Seeds a store with the bundles and domains, and puts the products into it. */
async function makeStore(mesh) {
  const ready = join(mesh.folder, 'ready.json');
  const sizes = JSON.stringify({ domains: mesh.domains, products: mesh.products });
  if (existsSync(ready) && readFileSync(ready, 'utf8') === sizes) return;
  rmSync(mesh.folder, { recursive: true, force: true });
  mkdirSync(mesh.folder, { recursive: true });
  writeSeed(mesh.folder, mesh.domains);
  const started = performance.now();
  const modules = join(mesh.folder, 'data/modules');
  const telling = setInterval(() => {
    const made = existsSync(modules) ? readdirSync(modules).length : 0;
    line(`compiled ${made} of ${mesh.domains + 1} bundles in ${since(started)} s`);
  }, 10_000);
  const app = await createApp({
    config: readConfig(environment(mesh)),
    toolchainPath: TOOLCHAIN,
    nowMs: () => Date.now(),
    progress: line,
  });
  clearInterval(telling);
  await app.close();
  const bytes = putProducts(join(mesh.folder, 'data'), mesh.products, mesh.domains, (at, of) => {
    line(`registered ${at} of ${of} products`);
  });
  line(`made ${mesh.name} in ${since(started)} s; ${bytes} bytes of metadata each`);
  writeFileSync(ready, sizes);
}

function environment({ folder: of }) {
  return {
    WITAN_PORT: '0',
    WITAN_DATA_DIR: join(of, 'data'),
    WITAN_POLICIES: join(of, 'policies'),
    WITAN_SEED: join(of, 'seed'),
  };
}

function start(mesh) {
  const started = performance.now();
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: { ...process.env, ...environment(mesh), WITAN_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 2],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const url = /serves the mesh on (\S+)\. /.exec(output)?.[1];
      if (url === undefined) return;
      const measured = { startMs: performance.now() - started, startCpuMs: cpuMs({ child }) };
      resolve({ mesh, url, child, ended, measured });
    });
    void ended.then((code) => reject(new Error(`the service ended with ${code}: ${output}`)));
  });
}

async function decide({ url }, evaluations) {
  const response = await fetch(`${url}/access/v1/evaluations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ evaluations }),
  });
  const answer = await response.json();
  if (
    answer.evaluations?.length !== evaluations.length ||
    answer.evaluations.some(({ decision }) => !decision)
  )
    throw new Error(`not every decision is a permit: ${JSON.stringify(answer).slice(0, 1000)}`);
}

async function askEachDomain(service) {
  const next = numberStream(3);
  for (let index = 0; index < service.mesh.domains; index += BATCH) {
    const last = Math.min(service.mesh.domains, index + BATCH);
    // The products of the first so many ids lie in one domain each.
    const ids = Array.from({ length: last - index }, (_, at) => productId(index + at));
    await decide(
      service,
      ids.map((id) => ({ ...evaluationOf(next, 1), resource: { type: 'data_product', id } })),
    );
  }
}

/** The same number of decisions by each service, in turn. */
async function compareDecisions(compared, results) {
  const perRound = Math.ceil(decisions / rounds / BATCH / CONCURRENT);
  for (const key of Object.keys(compared)) results[key].rounds = [];
  for (let round = 0; round <= rounds; round += 1) {
    for (const [key, service] of Object.entries(compared)) {
      // The first round warms up.
      const batches = round === 0 ? Math.ceil(perRound / 4) : perRound;
      const [cpu, started] = [cpuMs(service), performance.now()];
      await Promise.all(
        Array.from({ length: CONCURRENT }, async (_, lane) => {
          const next = numberStream(1000 * round + lane);
          for (let batch = 0; batch < batches; batch += 1) {
            const asked = Array.from({ length: BATCH }, () => evaluationOf(next, service.mesh.products));
            await decide(service, asked);
          }
        }),
      );
      const count = batches * BATCH * CONCURRENT;
      if (round > 0) {
        results[key].rounds.push({
          cpuUs: ((cpuMs(service) - cpu) * 1000) / count,
          perSecond: (count * 1000) / (performance.now() - started),
        });
      }
      line(`round ${round} of ${rounds}: ${service.mesh.name}`);
    }
  }
}

/** One evaluation of `global` with a hundred policies, when few of them apply and when all do. */
async function measurePolicies() {
  const toolchain = openToolchain(TOOLCHAIN, 120_000);
  const input = { value: undefined, bytes: Buffer.from(JSON.stringify(policyInput())) };
  const modules = {};
  for (const applying of [5, 100]) {
    const files = [...globalFiles(applying)].map(([path, text]) => ({ path, text }));
    const bundle = createBundle(files);
    const { wasm, data, errors } = await toolchain.compile(
      compiledSource(bundle, new Map([[bundle.layer, bundle]]), inputSchema),
    );
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    modules[applying] = createPolicyModule(wasm, data);
  }
  await toolchain.close();
  const times = { 5: [], 100: [] };
  for (let round = 0; round < 12; round += 1) {
    for (const [applying, module] of Object.entries(modules)) {
      const started = process.cpuUsage();
      for (let run = 0; run < 2000; run += 1) {
        const result = module.evaluate('witan/access', input, 0);
        if (!result.ok) throw result.error;
      }
      const { user, system } = process.cpuUsage(started);
      if (round > 1) times[applying].push((user + system) / 2000);
    }
  }
  return { bytes: input.bytes.length, evaluationUs: { 5: median(times[5]), 100: median(times[100]) } };
}

function policyInput() {
  const columns = Array.from({ length: 14 }, (_, at) => ({
    classification: 'internal',
    description: `what column ${at} of the table says`,
    logicalType: 'string',
    name: `column_${at}`,
  }));
  const evaluation = evaluationOf(numberStream(1), 1);
  return {
    kind: 'access',
    now: '2026-01-01T00:00:00Z',
    ...evaluation,
    domain: domainName(0),
    parameters: {},
    product: {
      id: productId(0),
      name: 'product',
      status: 'active',
      tags: ['benchmark'],
      customProperties: [{ property: 'region', value: 'eu' }],
    },
    contracts: [{ id: 'contract', schema: [{ name: 'table', properties: columns }] }],
  };
}

function cpuMs({ child }) {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function rssMb({ child }) {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1000);
}

function report({ large, small, policies }) {
  const figures = (mesh) => ({
    'start s': (mesh.startMs / 1000).toFixed(1),
    'start CPU s': (mesh.startCpuMs / 1000).toFixed(1),
    'MB after start': mesh.rssStartMb,
    'MB, all domains asked': mesh.rssAskedMb,
    'MB after decisions': mesh.rssDecidedMb,
    'CPU µs a decision': median(mesh.rounds.map(({ cpuUs }) => cpuUs)).toFixed(1),
    'decisions/s': Math.round(median(mesh.rounds.map(({ perSecond }) => perSecond))),
  });
  console.table({ [large.name]: figures(large), [small.name]: figures(small) });
  const ratio = median(large.rounds.map(({ cpuUs }, round) => cpuUs / small.rounds[round].cpuUs));
  console.log(
    `a decision of the large mesh takes ${ratio.toFixed(2)} × the CPU time of one of the small mesh`,
  );
  console.log(
    `100 policies in a layer, ${policies.bytes} bytes of input: ${policies.evaluationUs[5].toFixed(1)} µs CPU when 5 apply, ${policies.evaluationUs[100].toFixed(1)} µs when all do`,
  );
  console.log(
    `${decisions} decisions in batches of ${BATCH}, ${rounds} rounds in turn; load ${loadavg()[0].toFixed(1)}, ${cpus().length} cores: ${cpus()[0]?.model ?? ''}`,
  );
  mkdirSync('data', { recursive: true });
  writeFileSync('data/bench-growth.json', `${JSON.stringify({ large, small, policies, ratio }, null, 2)}\n`);
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function since(started) {
  return ((performance.now() - started) / 1000).toFixed(1);
}

function line(text) {
  process.stderr.write(`${text}\n`);
}
