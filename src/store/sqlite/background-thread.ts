import { existsSync, readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** A quarter of what a thread that decides gets, where both want the same processor. */
const NICENESS = 5;
/** Linux alone gives each thread a priority of its own: `<pid>/task/<thread id>`. */
const THREAD_SELF = '/proc/thread-self';

/** Makes the calling thread yield to those that decide and write: what follows the log behind them can wait. */
export function yieldToDecisions(): void {
  if (!existsSync(THREAD_SELF)) return;
  const thread = Number(readlinkSync(THREAD_SELF).split('/').at(-1));
  if (Number.isSafeInteger(thread) && thread > 0) setPriority(thread, NICENESS);
}
