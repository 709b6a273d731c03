/** Processes that serve, for as long as the benchmark lasts. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const START_MS_MAX = 120_000;
const STOP_MS_MAX = 20_000;

/** Whatever happens, nothing goes on serving when the benchmark has ended. */
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts node with a script that says where it serves; answers where, and how to end it.
 *
 * @param preload what it tells when it is asked by `tellOf`: `tell-memory` or `tell-profile`
 */
export async function startNode(args, env = {}, preload = 'tell-memory') {
  const served = launch(process.execPath, args, {
    env: { ...process.env, ...env, NODE_OPTIONS: loading(preload) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await until(served, () => /serves the mesh on (\S+)\. /.test(served.output()));
  return { ...served, url: /serves the mesh on (\S+)\. /.exec(served.output())[1] };
}

/** Starts a command that serves on a port that was free; it serves once `healthPath` is answered with 200. */
export async function startOnPort(command, args, { port, healthPath }) {
  const url = `http://127.0.0.1:${port}`;
  // What it logs is thrown away: that costs it least.
  const served = launch(command, args, { stdio: 'ignore' });
  await until(served, async () => {
    // Nobody listens yet.
    const answer = await fetch(`${url}${healthPath}`).catch(() => undefined);
    return answer?.ok === true;
  });
  return { ...served, url };
}

export function freePort() {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Asks a process of `startNode` to tell, and answers the match of what it then writes. */
export async function tellOf(served, pattern) {
  const told = () => [...served.output().matchAll(pattern)];
  const before = told().length;
  process.kill(served.pid, 'SIGUSR2');
  await until(served, () => told().length > before);
  return told().at(-1);
}

function launch(command, args, options) {
  const child = spawn(command, args, options);
  running.add(child);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}`));
  });
  return {
    pid: child.pid,
    output: () => output,
    ended,
    async stop() {
      child.kill('SIGTERM');
      const late = pause(STOP_MS_MAX, 'late', { ref: false });
      if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL');
      await ended;
      running.delete(child);
    },
  };
}

async function until({ output, ended }, holds) {
  let end;
  void ended.then((words) => (end = words));
  for (const late = performance.now() + START_MS_MAX; !(await holds()); await pause(20)) {
    if (end !== undefined) throw new Error(`${end}: ${output()}`);
    if (performance.now() > late) throw new Error(`not within ${START_MS_MAX / 1000} s: ${output()}`);
  }
}

function loading(preload) {
  const script = pathToFileURL(`scripts/bench/${preload}.mjs`).href;
  return `${process.env.NODE_OPTIONS ?? ''} --import=${script}`.trim();
}
