import { WitanError } from './errors.js';
import { inTurns, type InTurn } from './in-turn.js';

/**
 * Runs one act after the other, and refuses those that come while too many are waiting.
 *
 * @returns what rejects with WitanError `overloaded` then
 */
export function boundedTurns({ waitingMax, what }: { waitingMax: number; what: string }): InTurn {
  const turn = inTurns();
  let present = 0;
  return async (act) => {
    // One of them is under way, the others wait.
    if (present > waitingMax)
      throw new WitanError('overloaded', `${waitingMax} ${what} are waiting already; try again`);
    present += 1;
    try {
      return await turn(act);
    } finally {
      present -= 1;
    }
  };
}
