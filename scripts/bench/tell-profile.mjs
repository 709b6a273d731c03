/**
 * Loaded before a service (`NODE_OPTIONS=--import=…`): the first SIGUSR2 begins to sample what its decision thread does,
 * the second tells it in one line of its output, `profile {"nodes":…}`, a profile of V8. Every other thread tells its
 * number and its script when it begins: `thread 4711 writer-worker.js`.
 */
import { readlinkSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { basename } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const SAMPLE_EVERY_US = 500;

if (isMainThread) {
  let session;
  process.on('SIGUSR2', async () => {
    if (session === undefined) {
      session = new Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
      await session.post('Profiler.start');
      process.stdout.write('profile begins\n');
    } else {
      const { profile } = await session.post('Profiler.stop');
      process.stdout.write(`profile ${JSON.stringify(profile)}\n`);
    }
  });
} else {
  const thread = basename(readlinkSync('/proc/thread-self'));
  process.stdout.write(`thread ${thread} ${basename(process.argv[1])}\n`);
}
