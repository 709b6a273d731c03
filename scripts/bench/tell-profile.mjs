/**
 * Loaded before a service (`NODE_OPTIONS=--import=…`): the first SIGUSR2 begins to sample what its decision thread does,
 * the second tells it in one line of its output, `profile {"nodes":…}`, a profile of V8.
 */
import { Session } from 'node:inspector/promises';
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
}
