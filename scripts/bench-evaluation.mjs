/**
 * What one evaluation costs, in microseconds: the five rules of the comparison workload through the product's evaluator
 * and through `@open-policy-agent/opa-wasm`, each with an object and with JSON bytes, in turn in one run; then each
 * frequent built-in.
 *
 *   npm run bench:evaluation
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { stepsMax } from '../dist/rego/evaluator.js';
import { hostBuiltins } from '../dist/rego/host-builtins.js';
import { createOpaBuiltins } from '../dist/rego/opa-builtins.js';
import { engineModule } from '../dist/rego/engine-module.js';
import { memoryBytesFor, PolicyInstance } from '../dist/rego/policy-instance.js';
import { createToolchain } from '../dist/rego/toolchain.js';

const WORKLOAD = '../shared/bench';
const ROUNDS = 15;
const ROUND_MS = 100;
const wasmPath = 'build/toolchain.wasm';
const toolchain = createToolchain({ wasmPath, timeLimitMs: 60_000 });
const opaBuiltins = createOpaBuiltins({ wasmPath });
const { loadPolicySync } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm');
const NOW_NS = 1_700_000_000_000_000_000n;

if (existsSync(WORKLOAD)) await compareEvaluators();
else console.log(`skipped: \`${WORKLOAD}\` is not here`);
await measureBuiltins();
await toolchain.close();
opaBuiltins.close();

async function compareEvaluators() {
  const text = readFileSync(`${WORKLOAD}/pol.rego`, 'utf8');
  const data = readFileSync(`${WORKLOAD}/data.json`, 'utf8');
  const input = JSON.parse(readFileSync(`${WORKLOAD}/input.json`, 'utf8')).input;
  const inputBytes = Buffer.from(JSON.stringify(input));
  const { wasm, bare } = await assemble('data.mesh.access = x', [{ path: 'pol.rego', text }]);
  const own = instanceOf(wasm, data);
  const unmetered = instanceOf(bare, data);
  const sdk = loadPolicySync(bare, { initial: 2048, maximum: 2048 }, { sprintf: undefined });
  sdk.setData(JSON.parse(data));
  const arrayBuffer = inputBytes.buffer.slice(
    inputBytes.byteOffset,
    inputBytes.byteOffset + inputBytes.length,
  );
  const subjects = {
    'SDK, object': () => sdk.evaluate(input),
    'SDK, bytes': () => sdk.evaluate(arrayBuffer),
    'Witan, object': () => JSON.parse(own.evaluate(0, Buffer.from(JSON.stringify(input)))),
    'Witan, bytes': () => JSON.parse(own.evaluate(0, inputBytes)),
    'Witan, bytes, without budget': () => JSON.parse(unmetered.evaluate(0, inputBytes)),
  };
  const results = Object.values(subjects).map((run) => JSON.stringify(run()));
  console.log(`five rules, ${inputBytes.length} bytes of input, ${own.steps()} steps, µs for one evaluation`);
  if (new Set(results.map((result) => result.length)).size !== 1) throw new Error('the answers differ');
  report(interleaved(subjects), 'SDK, object');
}

async function measureBuiltins() {
  const frequent = {
    count: 'count(input.list)',
    sprintf: 'sprintf("%s of %d", [input.text, input.number])',
    startswith: 'startswith(input.text, "a ")',
    contains: 'contains(input.text, "text")',
    lower: 'lower(input.text)',
    split: 'split(input.text, " ")',
    concat: 'concat(", ", input.list)',
    'regex.match': 'regex.match(`^[a-z ]+$`, input.text)',
    'regex.replace': 'regex.replace(input.text, `[aeiou]`, "_")',
    'glob.match': 'glob.match("a.*", ["."], "a.b")',
    'object.get': 'object.get(input, "number", 0)',
    to_number: 'to_number("42")',
    'time.now_ns': 'time.now_ns()',
    'time.parse_rfc3339_ns': 'time.parse_rfc3339_ns("2026-01-02T03:04:05Z")',
    'time.add_date': 'time.add_date(time.now_ns(), 1, 0, 0)',
    'time.date (zone)': 'time.date([time.now_ns(), "Europe/Berlin"])',
    'semver.compare': 'semver.compare("1.2.3", "1.10.0")',
    'crypto.sha256': 'crypto.sha256(input.text)',
    'base64.decode': 'base64.decode("aGVsbG8=")',
    'json.unmarshal': 'json.unmarshal(`{"a": [1, 2, 3]}`)',
    'json.patch': 'json.patch(input, [{"op": "add", "path": "/b", "value": 1}])',
    'net.cidr_contains': 'net.cidr_contains("10.0.0.0/8", "10.1.2.3")',
    'units.parse_bytes': 'units.parse_bytes("10GiB")',
    'uuid.parse': 'uuid.parse("00000000-0000-4000-8000-000000000000")',
    'io.jwt.decode': 'io.jwt.decode("eyJhbGciOiJIUzI1NiJ9.e30.XmNK3GpH3Ys_7wsYBfq4C3M6goz71I7dTgUkuIa5lyQ")',
  };
  const input = Buffer.from(
    JSON.stringify({ text: 'a short text of seven words here', number: 7, list: ['a', 'b', 'c'] }),
  );
  const base = instanceOf((await assemble('x = input.number', [])).wasm, '{}');
  const subjects = { nothing: () => base.evaluate(0, input) };
  for (const [name, expression] of Object.entries(frequent)) {
    const { wasm } = await assemble(`x = ${expression}`, []);
    const instance = instanceOf(wasm, '{}');
    if (instance.evaluate(0, input) === '[]') throw new Error(`${name} is undefined`);
    subjects[name] = () => instance.evaluate(0, input);
  }
  const measured = interleaved(subjects, 5, 20);
  const nothing = median(measured.nothing);
  console.log('\neach built-in, µs for one call (median, an evaluation without it taken off)');
  for (const [name, times] of Object.entries(measured)) {
    if (name !== 'nothing')
      console.log(`${name.padEnd(24)}${(median(times) - nothing).toFixed(2).padStart(9)}`);
  }
}

function instanceOf(wasm, data) {
  return new PolicyInstance(engineModule(wasm), data, {
    builtins: hostBuiltins(() => NOW_NS, opaBuiltins),
    strictBuiltinErrors: true,
    stepsMax,
    memoryBytes: memoryBytesFor(data),
  });
}

async function assemble(query, files) {
  const assembled = await toolchain.assemble(query, files);
  if (assembled.errors.length > 0) throw new Error(JSON.stringify(assembled.errors));
  return assembled;
}

/** Microseconds for one run of each subject, in turn, once a round. */
function interleaved(subjects, rounds = ROUNDS, roundMs = ROUND_MS) {
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (const run of Object.values(subjects)) timeOf(run, roundMs);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(subjects)) times[name].push(timeOf(run, roundMs));
  }
  return times;
}

function timeOf(run, forMs) {
  const started = performance.now();
  let runs = 0;
  while (performance.now() - started < forMs) {
    for (let index = 0; index < 20; index += 1) run();
    runs += 20;
  }
  return ((performance.now() - started) * 1000) / runs;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function report(times, against) {
  const base = median(times[against]);
  for (const [name, values] of Object.entries(times)) {
    const spread = `${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)}`;
    const ratio = (median(values) / base).toFixed(2);
    console.log(
      `${name.padEnd(30)}${median(values).toFixed(1).padStart(7)}  (${spread})`.padEnd(56) +
        `${ratio} × ${against}`,
    );
  }
}
