/** What a process and all processes below it use, as /proc tells it. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const TICKS_PER_SECOND = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout);
const PAGE_BYTES = Number(spawnSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }).stdout);
const LOOK_EVERY_MS = 250;
const QUIET_SHARE = 0.1;
const QUIET_MS_MAX = 20_000;

/** Processor time of all threads so far, in microseconds, and resident memory, in bytes. */
export function figuresOf(pid) {
  const all = statuses();
  const wanted = new Set([pid]);
  // A process is younger than the one that started it, but numbers begin again, so look until none is found.
  for (let before = 0; before !== wanted.size;) {
    before = wanted.size;
    for (const { id, parent } of all) if (wanted.has(parent)) wanted.add(id);
  }
  const own = all.filter(({ id }) => wanted.has(id));
  return {
    cpuUs: (own.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND) * 1e6,
    rssBytes: own.reduce((sum, { pages }) => sum + pages, 0) * PAGE_BYTES,
  };
}

/** Processor time of each thread of a process so far, in microseconds, by the thread's number. */
export function threadCpuUs(pid) {
  return new Map(
    readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const text = statusOf(`${pid}/task/${thread}`);
      return text === undefined
        ? []
        : [[Number(thread), (parsed(Number(thread), text).ticks / TICKS_PER_SECOND) * 1e6]];
    }),
  );
}

/** Waits until a process has done what it does behind its answers; answers whether it came to rest. */
export async function comesToRest(pid) {
  const until = performance.now() + QUIET_MS_MAX;
  for (let before = figuresOf(pid).cpuUs; performance.now() < until;) {
    await pause(LOOK_EVERY_MS);
    const { cpuUs } = figuresOf(pid);
    if (cpuUs - before < LOOK_EVERY_MS * 1000 * QUIET_SHARE) return true;
    before = cpuUs;
  }
  return false;
}

function statuses() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const text = statusOf(name);
      return text === undefined ? [] : [parsed(Number(name), text)];
    });
}

/** The name stands in parentheses and may hold anything; the numbers follow the last one. */
function parsed(id, text) {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    id,
    parent: Number(fields[1]),
    ticks: Number(fields[11]) + Number(fields[12]),
    pages: Number(fields[21]),
  };
}

/** Nothing of a process or a thread that ended since it was listed. */
function statusOf(name) {
  try {
    return readFileSync(`/proc/${name}/stat`, 'latin1');
  } catch (thrown) {
    if (thrown.code === 'ENOENT' || thrown.code === 'ESRCH') return undefined;
    throw thrown;
  }
}
