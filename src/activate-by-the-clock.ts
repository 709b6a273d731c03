import type { Activation } from './activation.js';
import { messageOf, WitanError } from './errors.js';

const EVERY_MS = 1000;

/** Does every second what has come due; one after the other, and never twice at once. */
export function activateByTheClock(
  { tick }: Pick<Activation, 'tick'>,
  { warn }: { readonly warn: (message: string) => void },
): { readonly stop: () => Promise<void> } {
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      await tick();
    } catch (thrown) {
      if (!(thrown instanceof WitanError)) throw thrown;
      // What could not be done now is still due in a second.
      warn(`what came due could not be done: ${messageOf(thrown)}`);
    } finally {
      running = undefined;
    }
  };
  const timer = setInterval(() => {
    running ??= run();
  }, EVERY_MS).unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
