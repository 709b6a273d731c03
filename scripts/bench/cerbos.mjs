/** Cerbos as a server with the rules of the workload as CEL. Its binary is taken from its npm package, once. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort, startOnPort } from './served.mjs';

const VERSION = '0.55.0';
const PACKAGE = '@cerbos/cerbos-linux-x64';
/** Of the package, in base64. */
const SHA512 = 'eLZUycJfaQWK0XTRgH/Oz2E3XiNCUavDd1LhzFxhUpZ3s5CuQqmqG327ta0On8YOTxuZO/19cG4kvfC22r03/Q==';
const FOLDER = `build/peers/cerbos-${VERSION}`;
const COMMAND = join(FOLDER, 'package/cerbos-linux-x64');

/** @param folder for its configuration and its log of decisions */
export async function startCerbos(folder) {
  const fault = unpack();
  if (fault !== undefined) return { skipped: `Cerbos ${VERSION} is not there: ${fault}` };
  const port = await freePort();
  const config = {
    server: { httpListenAddr: `127.0.0.1:${port}`, grpcListenAddr: `127.0.0.1:${await freePort()}` },
    storage: {
      driver: 'disk',
      disk: { directory: resolve('scripts/bench/cerbos'), watchForChanges: false },
    },
    audit: {
      enabled: true,
      accessLogsEnabled: false,
      decisionLogsEnabled: true,
      backend: 'file',
      file: { path: join(folder, 'cerbos-decisions.log') },
    },
    telemetry: { disabled: true },
  };
  const file = join(folder, 'cerbos.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const args = ['server', '--config', file, '--log-level', 'error'];
  return startOnPort(COMMAND, args, { port, healthPath: '/_cerbos/health' });
}

/** Answers in words why it cannot be had, if so. */
function unpack() {
  if (existsSync(COMMAND)) return undefined;
  if (process.platform !== 'linux' || process.arch !== 'x64') return `\`${PACKAGE}\` runs on Linux x64 alone`;
  process.stderr.write(`fetching Cerbos ${VERSION} …\n`);
  const part = `${FOLDER}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const [packed, fault] = run('npm', [
    ...['pack', '--loglevel', 'error', '--pack-destination', part],
    `${PACKAGE}@${VERSION}`,
  ]);
  if (fault !== undefined) return fault;
  const file = join(part, packed.trim().split('\n').at(-1));
  if (createHash('sha512').update(readFileSync(file)).digest('base64') !== SHA512)
    return `what npm gave for \`${PACKAGE}\` is not what was expected`;
  const [, unpackFault] = run('tar', ['-xzf', file, '-C', part]);
  if (unpackFault !== undefined) return unpackFault;
  rmSync(file);
  renameSync(part, FOLDER);
  return undefined;
}

/** What a command wrote, or in words why it could not. */
function run(command, args) {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) return ['', error.message];
  return status === 0 ? [stdout] : ['', `${command} failed: ${stderr.trim().split('\n')[0]}`];
}
