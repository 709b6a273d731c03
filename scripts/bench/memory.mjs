/** What a service holds after many decisions. */
import { statfs } from 'node:fs/promises';
import { startWitan } from './contenders.mjs';
import { comesToRest, figuresOf } from './process-figures.mjs';
import { tellOf } from './served.mjs';
import { registered } from './workload.mjs';
import { load, writeBodies } from './wrk.mjs';

const CONNECTIONS = 64;
const STEP_SECONDS = 5;
/** More than a record takes on disk with its place in the index. */
const RECORD_BYTES_MAX = 8192;

/**
 * Answers, for each count of decisions, the resident memory of the service and what its heap and its buffers hold once
 * garbage is collected, in bytes.
 *
 * @throws Error when the disk has no room for so many
 */
export async function measureMemory({ options, folder, progress }) {
  const counts = options.decisions;
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < counts.at(-1) * RECORD_BYTES_MAX)
    throw new Error(
      `\`${folder}\` has no room for ${counts.at(-1)} decisions; ask for fewer with --decisions`,
    );
  const served = await startWitan(folder, { key: 'remembering', settings: options.settings });
  try {
    const bodies = writeBodies(folder, 'memory', registered);
    const target = { url: served.url, path: registered.path, bodies, connections: CONNECTIONS };
    const marks = [];
    let decided = 0;
    for (const count of counts) {
      let perSecond = 0;
      while (decided < count) {
        const needed = perSecond === 0 ? 1 : Math.ceil((count - decided) / perSecond);
        const measured = await load({ ...target, seconds: Math.min(needed, STEP_SECONDS) });
        decided += measured.requests;
        ({ perSecond } = measured);
        progress(`memory: ${decided} of ${counts.at(-1)} decisions, ${Math.round(perSecond)} a second`);
      }
      await comesToRest(served.pid);
      const [, text] = await tellOf(served, /^memory (\{.*\})$/gm);
      const { heapUsed, external } = JSON.parse(text);
      marks.push({
        decisions: decided,
        perSecond,
        rssBytes: figuresOf(served.pid).rssBytes,
        heapBytes: heapUsed,
        externalBytes: external,
      });
    }
    return marks;
  } finally {
    await served.stop();
  }
}
