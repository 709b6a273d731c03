/**
 * Brings a clone to the point where it runs: dependencies, the toolchain, the build. Does only what is missing or
 * older than its sources, needs nothing but Node itself, and names what has to be installed by hand.
 *
 *   node scripts/setup.mjs [--toolchain-only]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const NODE_MINIMUM = [20, 20];
const GO_MINIMUM = [1, 26];

process.chdir(root);
requireNode();
step(
  'node_modules',
  ['package.json', 'package-lock.json', '.npmrc'],
  'installing dependencies',
  installDependencies,
);
step(
  'build/toolchain.wasm',
  below('toolchain', /\.(go|mod|sum)$/, /_test\.go$/),
  'building the toolchain',
  buildToolchain,
);
if (!process.argv.includes('--toolchain-only')) {
  const sources = [
    ...below('src', /\.(ts|json|sql)$/, /\.test\.ts$/),
    'tsconfig.json',
    'tsconfig.build.json',
  ];
  step('dist/main.js', sources, 'compiling', buildService);
}

/** Runs a step when what it makes is missing, or when its sources are not those that it was made of. */
function step(product, sources, title, make) {
  const digest = digestOf(sources);
  const stamp = join('build', `.${product.replaceAll(/[^a-z]/g, '-')}.digest`);
  if (existsSync(product) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const started = performance.now();
  process.stderr.write(`${title} …\n`);
  make();
  mkdirSync('build', { recursive: true });
  writeFileSync(stamp, digest);
  process.stderr.write(`${title}: done in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

function installDependencies() {
  if (!existsSync(join('node_modules', 'better-sqlite3', 'build', 'Release', 'better_sqlite3.node')))
    requireCompiler();
  run('npm', ['ci', '--no-audit', '--no-fund'], 'npm could not install the dependencies');
  if (!existsSync(join('node_modules', 'better-sqlite3', 'build', 'Release', 'better_sqlite3.node'))) {
    run('npm', ['rebuild', 'better-sqlite3'], 'better-sqlite3 could not be compiled');
  }
}

function buildToolchain() {
  requireGo();
  mkdirSync('build', { recursive: true });
  const flags = [
    'build',
    '-trimpath',
    '-buildmode=c-shared',
    '-ldflags=-s -w',
    '-o',
    '../build/toolchain.wasm',
    '.',
  ];
  run('go', flags, 'Go could not build the toolchain', {
    cwd: 'toolchain',
    env: { GOOS: 'wasip1', GOARCH: 'wasm' },
  });
}

function buildService() {
  rmSync('dist', { recursive: true, force: true });
  run(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
    'the sources do not compile',
  );
  cpSync('src/store/sqlite/migrations', 'dist/store/sqlite/migrations', { recursive: true });
}

function run(command, args, failure, { cwd = '.', env = {} } = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 2, 2],
  });
  if (error !== undefined || status !== 0)
    stop(`${failure}${error === undefined ? '' : `: ${error.message}`}`);
}

function requireNode() {
  if (!atLeast(process.versions.node, NODE_MINIMUM)) {
    stop(
      `Node ${NODE_MINIMUM.join('.')} or later is needed, this is ${process.versions.node}: see https://nodejs.org`,
    );
  }
}

function requireGo() {
  const { stdout, error } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  const version = (stdout ?? '').trim().replace(/^go/, '');
  if (error !== undefined || !atLeast(version, GO_MINIMUM)) {
    stop(
      `Go ${GO_MINIMUM.join('.')} or later is needed to build the toolchain${version === '' ? '' : `, this is ${version}`}: see https://go.dev/dl`,
    );
  }
}

function requireCompiler() {
  for (const command of ['c++', 'make', 'python3']) {
    if (spawnSync(command, ['--version'], { stdio: 'ignore' }).error !== undefined) {
      stop(
        `\`${command}\` is needed to compile better-sqlite3: on Debian, apt-get install build-essential python3`,
      );
    }
  }
}

function atLeast(version, minimum) {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of minimum.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return version !== '';
}

function below(folder, included, excluded) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && included.test(entry.name) && !excluded.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function stop(message) {
  process.stderr.write(`set-up: ${message}\n`);
  process.exit(2);
}
