import { messageOf } from '../errors.js';

/** What has something to do at certain times. */
export interface ClockPart {
  /** Of whom an operator is told when it fails, such as `proposals`. */
  readonly name: string;
  /** Does all that is due. */
  readonly tick: (nowMs: number) => Promise<void>;
  /** When something is due next, in Unix milliseconds; `undefined` for no time that is known. */
  readonly nextDueMs: () => number | undefined;
}

const LOOK_EVERY_MS = 1000;
/** So long at most nothing is done, so that what no time is known of is not forgotten. */
const TICK_EVERY_MS = 60_000;

/**
 * Does what is due at start, and then when something is due, at least once a minute; one part after the other, in the
 * order given. A part that fails is told of, and tried again with the next minute.
 */
export function councilByTheClock(
  parts: readonly ClockPart[],
  { nowMs, warn }: { readonly nowMs: () => number; readonly warn: (message: string) => void },
): { readonly stop: () => Promise<void> } {
  let ticking: Promise<void> | undefined;
  let lastMs = 0;
  let failing = false;

  const tickAll = async (): Promise<void> => {
    // One moment for all: what ends in it is settled before what follows from that is done.
    const now = nowMs();
    lastMs = now;
    failing = false;
    for (const { name, tick } of parts) {
      try {
        await tick(now);
      } catch (thrown) {
        failing = true;
        warn(`what was due for ${name} could not be done: ${messageOf(thrown)}`);
      }
    }
    ticking = undefined;
  };

  const isDue = (): boolean => {
    const now = nowMs();
    // A clock that was put back must not stop everything until it has caught up.
    if (now - lastMs >= TICK_EVERY_MS || now < lastMs) return true;
    return !failing && parts.some(({ nextDueMs }) => (nextDueMs() ?? Number.POSITIVE_INFINITY) <= now);
  };

  if (parts.length > 0) ticking = tickAll();
  const timer = setInterval(() => {
    if (parts.length > 0 && ticking === undefined && isDue()) ticking = tickAll();
  }, LOOK_EVERY_MS).unref();

  return {
    stop: async () => {
      clearInterval(timer);
      await ticking;
    },
  };
}
