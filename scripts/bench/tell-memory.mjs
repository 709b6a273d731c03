/**
 * Loaded before a service (`NODE_OPTIONS=--import=…`): at each SIGUSR2 its garbage is collected, and what is left is
 * told in one line of its output, `memory {"heapUsed":…}`.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    process.stdout.write(`memory ${JSON.stringify(process.memoryUsage())}\n`);
  });
}
