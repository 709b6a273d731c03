/** Load by wrk (Debian: apt-get install wrk). */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whoever answers nothing for so long never does. */
const SECONDS_MAX = 60;
const WARM_UP_MS_MAX = 60_000;

export function hasWrk() {
  return spawnSync('wrk', ['--version']).error === undefined;
}

/** A file that wrk sends a workload's bodies from. */
export function writeBodies(folder, name, { bodies }) {
  const file = join(folder, `${name}.ndjson`);
  writeFileSync(file, bodies.map((body) => `${JSON.stringify(body)}\n`).join(''));
  return file;
}

/**
 * Sends bodies in turn for a time; answers the requests that were answered, how many a second, how long they took, and
 * how many failed: refused with an error, or not answered.
 */
export async function drive({ url, path, bodies, connections, seconds }) {
  const threads = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s'];
  const output = await run('wrk', [...threads, '-s', 'scripts/bench/load.lua', url, '--', bodies, path]);
  const line = /^\{.*\}$/m.exec(output)?.[0];
  if (line === undefined) throw new Error(`wrk says nothing of what came of it:\n${output}`);
  const { requests, us, p50_us, p99_us, failed } = JSON.parse(line);
  return { requests, failed, perSecond: (requests / us) * 1e6, p50Ms: p50_us / 1000, p99Ms: p99_us / 1000 };
}

/**
 * The same, where nothing may fail, and something is answered: for longer where the machine is so busy that nothing was.
 *
 * @throws Error when something failed, or nothing is answered at all
 */
export async function load(target) {
  const { failed, ...measured } = await drive(target);
  if (failed > 0)
    throw new Error(
      `${target.url}${target.path}: ${failed} requests failed, ${measured.requests} were answered`,
    );
  if (measured.requests > 0) return measured;
  if (target.seconds > SECONDS_MAX) throw new Error(`${target.url}${target.path} answers nothing`);
  return load({ ...target, seconds: 2 * target.seconds });
}

/**
 * Loads until so many requests were answered, or for long enough: what runs on V8 is slow at first, and compiles itself
 * beside its answers.
 */
export async function warmUp(target, requests) {
  const late = performance.now() + WARM_UP_MS_MAX;
  for (let answered = 0; answered < requests && performance.now() < late;)
    answered += (await load({ ...target, seconds: 1 })).requests;
}

function run(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ended with ${code}: ${output}`));
    });
  });
}
