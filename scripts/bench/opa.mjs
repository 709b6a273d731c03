/** OPA as a server with the rules of the workload. Built once, from its own sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort, startOnPort } from './served.mjs';

const VERSION = '1.22.2';
const FOLDER = `build/peers/opa-${VERSION}`;
const COMMAND = join(FOLDER, 'opa');
/** The rules that every engine of a comparison is given, where they are at hand; the project's copy otherwise. */
const WORKLOADS = ['../shared/bench', 'scripts/bench/opa'];

/** @param logs whether decisions are logged to the console */
export async function startOpa({ logs }) {
  const fault = build();
  if (fault !== undefined) return { skipped: `OPA ${VERSION} is not there: ${fault}` };
  const workload = WORKLOADS.find((folder) => existsSync(join(folder, 'pol.rego')));
  const port = await freePort();
  const args = [
    ...['run', '--server', '--addr', `127.0.0.1:${port}`, '--log-level', 'error', '--disable-telemetry'],
    ...(logs ? ['--set', 'decision_logs.console=true'] : []),
    ...[join(workload, 'pol.rego'), join(workload, 'data.json')],
  ];
  return startOnPort(COMMAND, args, { port, healthPath: '/health' });
}

/** Answers in words why it cannot be built, if so. */
function build() {
  if (existsSync(COMMAND)) return undefined;
  process.stderr.write(`building OPA ${VERSION} …\n`);
  mkdirSync(FOLDER, { recursive: true });
  const { error, status, stderr } = spawnSync(
    'go',
    ['install', '-trimpath', `github.com/open-policy-agent/opa@v${VERSION}`],
    { env: { ...process.env, GOBIN: resolve(FOLDER), GOFLAGS: '' }, encoding: 'utf8' },
  );
  if (error !== undefined) return `go cannot be run: ${error.message}`;
  return status === 0 ? undefined : stderr.trim().split('\n').at(-1);
}
