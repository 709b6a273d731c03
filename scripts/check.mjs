/**
 * The only gate: format, lint, types, boundaries, unused code, tests, build. Steps that need nothing of each other run
 * two at a time, and what one says is shown when it has ended. Starts no more steps after the first that fails.
 */
import { spawn } from 'node:child_process';

const AT_ONCE = 2;
const WITAN = ['node', 'dist/cli/main.js'];
const GO_FORMAT = 'test -z "$(gofmt -l toolchain test/tlog)" || { gofmt -l toolchain test/tlog; exit 1; }';

/** The slowest first: what is quick fills the rest. */
const independent = [
  ['lint', 'npx', 'eslint', '.'],
  ['types', 'npx', 'tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['Go vet', 'sh', '-c', '(cd toolchain && go vet ./...) && cd test/tlog && go vet ./...'],
  ['format', 'npx', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['policy tests', ...WITAN, 'test', '--strict', '--coverage-min', '100', 'policies'],
  ['policies', ...WITAN, 'check', '--strict', 'policies'],
  ['policy format', ...WITAN, 'format', '--check', 'policies'],
  ['unused code', 'npx', 'knip'],
  ['boundaries', 'npx', 'depcruise', '--config', '.dependency-cruiser.cjs', 'src'],
  ['Go format', 'sh', '-c', GO_FORMAT],
];

let failed = false;
await run(['set-up and build', 'node', 'scripts/setup.mjs'], 'inherit');
await Promise.all(Array.from({ length: AT_ONCE }, runIndependent));
// They keep both cores busy by themselves.
await run(['tests', 'npm', 'test'], 'inherit');
process.exit(failed ? 1 : 0);

async function runIndependent() {
  for (let step = independent.shift(); step !== undefined; step = independent.shift()) await run(step);
}

async function run([title, command, ...args], output = 'pipe') {
  if (failed) return;
  const started = performance.now();
  const { code, said } = await ended(spawn(command, args, { stdio: ['ignore', output, output] }));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stderr.write(said);
  console.error(`${code === 0 ? 'ok  ' : 'FAIL'} ${title} (${seconds} s)`);
  failed ||= code !== 0;
}

/** What came of a process, and what it said where nobody else hears it. */
function ended(child) {
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ code: 1, said: `${message}\n` }));
    child.once('close', (code) => resolve({ code, said: Buffer.concat(chunks) }));
  });
}
