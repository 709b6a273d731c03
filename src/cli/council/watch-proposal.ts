import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../../document/json.js';
import { WitanError } from '../../errors.js';
import { ServerError } from '../ask-server.js';
import { progressOn, type Progress } from '../progress.js';
import type { Terminal } from '../terminal.js';
import { proposalIn, type ShownProposal } from './answers.js';
import { proposalPath } from './proposal-paths.js';
import type { Service } from './service.js';

const POLL_MS_MIN = 100;
const POLL_MS_MAX = 2000;
/** What takes longer than this is looked at later, with `witan proposal`. */
const WAIT_MS_MAX = 3_600_000;

/** How the finding out of an impact ended. */
export type ImpactEnd = 'done' | 'cancelled' | 'failed';

/**
 * Waits until a proposal is checked and its impact is found out, and says on a terminal how far that is.
 *
 * @throws ServerError when it takes more than an hour, or the service fails
 */
export async function whenChecked(id: string, service: Service, terminal: Terminal): Promise<ShownProposal> {
  const progress = progressOn(terminal);
  const endMs = performance.now() + WAIT_MS_MAX;
  try {
    for (
      let pauseMs = POLL_MS_MIN;
      performance.now() < endMs;
      pauseMs = Math.min(POLL_MS_MAX, pauseMs * 1.5)
    ) {
      const proposal = proposalIn(await service.get(proposalPath(id)));
      if (proposal.state !== 'checking') return proposal;
      // Its checks are told with the end of the impact: until that is under way, they are.
      progress.say(`checking ${proposal.layer}`);
      await followImpact(id, service, progress);
      await sleep(pauseMs);
    }
  } finally {
    progress.end();
  }
  throw new ServerError(`proposal ${id} is still being checked; look again with \`witan proposal ${id}\``);
}

/**
 * Shows how far the impact of a proposal is, until it has ended.
 *
 * @returns how it ended; `undefined` where none is being found out
 */
export async function followImpact(
  id: string,
  service: Service,
  progress: Progress,
): Promise<ImpactEnd | undefined> {
  try {
    for await (const line of service.lines(proposalPath(id, 'impact/progress'))) {
      if (!isObject(line)) continue;
      const { ended, step, done, of } = line;
      if (ended === 'done' || ended === 'cancelled' || ended === 'failed') return ended;
      const what = typeof step === 'string' ? `impact: ${step}` : 'finding out the impact';
      if (typeof done === 'number' && typeof of === 'number') progress.say(what, done, of);
      else progress.say(what);
    }
  } catch (thrown) {
    // None is under way: either it has not begun yet, or it has ended meanwhile.
    if (thrown instanceof WitanError && thrown.code === 'not_found') return undefined;
    throw thrown;
  }
  return undefined;
}
