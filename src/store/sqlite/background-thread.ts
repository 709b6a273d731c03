import { existsSync, readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

/** A quarter of what a thread that decides gets, where both want the same processor. */
const NICENESS = 5;
/** Linux alone gives each thread a priority of its own: `<pid>/task/<thread id>`. */
const THREAD_SELF = '/proc/thread-self';

let yields = false;

/**
 * Makes the calling thread yield to those that decide and write: what follows the log behind them can wait. A thread
 * that yields does so to its end.
 */
export function yieldToDecisions(): void {
  if (yields) return;
  yields = true;
  if (!existsSync(THREAD_SELF)) return;
  const thread = Number(readlinkSync(THREAD_SELF).split('/').at(-1));
  if (!Number.isSafeInteger(thread) || thread <= 0) return;
  // Of a service that was started with a low priority too: nobody may raise one without a privilege.
  setPriority(thread, Math.min(getPriority(thread) + NICENESS, constants.priority.PRIORITY_LOW));
}
