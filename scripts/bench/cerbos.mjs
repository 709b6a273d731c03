/** Cerbos as a server with the rules of the workload as CEL. Its binary is taken from its npm package, once. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort, startOnPort } from './served.mjs';

const VERSION = '0.55.0';
const PACKAGE = '@cerbos/cerbos-linux-x64';
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
  mkdirSync(FOLDER, { recursive: true });
  const packed = spawnSync(
    'npm',
    ['pack', '--silent', `${PACKAGE}@${VERSION}`, '--pack-destination', FOLDER],
    {
      encoding: 'utf8',
    },
  );
  if (packed.status !== 0) return packed.error?.message ?? packed.stderr.trim().split('\n')[0];
  const file = join(FOLDER, packed.stdout.trim());
  const { status, stderr } = spawnSync('tar', ['-xzf', file, '-C', FOLDER], { encoding: 'utf8' });
  return status === 0 ? undefined : stderr.trim();
}
