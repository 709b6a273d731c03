/** The only gate: format, lint, types, boundaries, unused code, tests, build. Stops at the first that fails. */
import { spawnSync } from 'node:child_process';

const steps = [
  ['set-up and build', 'node', 'scripts/setup.mjs'],
  ['format', 'npx', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['lint', 'npx', 'eslint', '.'],
  ['types', 'npx', 'tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['boundaries', 'npx', 'depcruise', '--config', '.dependency-cruiser.cjs', 'src'],
  ['unused code', 'npx', 'knip'],
  [
    'Go format',
    'sh',
    '-c',
    'test -z "$(gofmt -l toolchain test/tlog)" || { gofmt -l toolchain test/tlog; exit 1; }',
  ],
  ['Go vet', 'sh', '-c', '(cd toolchain && go vet ./...) && cd test/tlog && go vet ./...'],
  ['policies', 'node', 'dist/cli/main.js', 'check', '--strict', 'policies'],
  ['policy format', 'node', 'dist/cli/main.js', 'format', '--check', 'policies'],
  ['policy tests', 'node', 'dist/cli/main.js', 'test', '--strict', '--coverage-min', '100', 'policies'],
  ['tests', 'npm', 'test'],
];

for (const [title, command, ...args] of steps) {
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(`${status === 0 ? 'ok  ' : 'FAIL'} ${title} (${seconds} s)`);
  if (status !== 0) process.exit(1);
}
