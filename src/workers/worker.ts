import type { Socket } from 'node:net';
import pino from 'pino';
import { setEngine } from '../engine-settings.js';
import { createDecidingWorker, type DecidingWorker } from './deciding-worker.js';
import type { FromWorker, ToWorker } from './protocol.js';

/** The entry of a process that decides beside the main one, which started it and holds the store. */

setEngine();
let deciding: DecidingWorker | undefined;

function say(message: FromWorker): void {
  // Without a main process there is nobody to hear it, and nobody is answered (see `disconnect`).
  process.send?.(message, undefined, undefined, () => undefined);
}

function hear(message: ToWorker, connection: Socket | undefined): void {
  if (message.kind === 'begin') {
    const { settings } = message;
    const { logLevel } = settings.config;
    const logger = pino({ level: logLevel }, pino.destination({ fd: 2, sync: false })).child({
      worker: settings.number,
    });
    deciding = createDecidingWorker(settings, { say, nowMs: Date.now, logger });
    say({ kind: 'done', ask: message.ask });
    return;
  }
  if (deciding === undefined) throw new Error(`\`${message.kind}\` came before \`begin\``);
  deciding.hear(message, connection);
}

// A decision without a log is never answered: without the main process there is none.
process.on('disconnect', () => process.exit(1));
// Who stops the service stops the main process, which tells its workers when to end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('message', (message: ToWorker, connection?: Socket) => {
  hear(message, connection);
});
