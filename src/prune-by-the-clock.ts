import { WitanError } from './errors.js';
import type { EvidenceActs } from './evidence-acts.js';
import { SERVICE_CALLER } from './identity/caller.js';

type Tell = (message: string) => void;

const PRUNING_EVERY_MS = 60 * 60 * 1000;

/** Prunes what has ended its time, at start and then every hour. */
export function pruneByTheClock(
  acts: EvidenceActs,
  { progress, warn }: { readonly progress: Tell; readonly warn: Tell },
): { readonly stop: () => Promise<void> } {
  const prune = async (): Promise<void> => {
    try {
      const pruned = await acts.prune({ reason: 'its retention has ended' }, { caller: SERVICE_CALLER });
      if (pruned !== undefined) {
        progress(
          `pruned the records ${pruned.minimum_index} to ${pruned.prunable_to - 1}: their retention has ended`,
        );
      }
    } catch (thrown) {
      if (!(thrown instanceof WitanError)) throw thrown;
      warn(`the log could not be pruned: ${thrown.message}`);
    }
  };
  let running = prune();
  const timer = setInterval(() => {
    running = prune();
  }, PRUNING_EVERY_MS).unref();
  return {
    stop: () => {
      clearInterval(timer);
      return running;
    },
  };
}
