import { parentPort, workerData } from 'node:worker_threads';
import { yieldToDecisions } from '../background-thread.js';
import { openForReading } from '../database.js';
import { LogIntegrator } from './log-integrator.js';
import { storeError } from '../sqlite-errors.js';
import type { FromTree, ToTree, TreeSettings } from './tree-protocol.js';
import type { ThreadFault } from '../log/writer-protocol.js';

/** The tree thread: it follows the log and signs checkpoints, which the writer thread makes durable. */

const settings = workerData as TreeSettings;

function say(message: FromTree): void {
  parentPort?.postMessage(message);
}

function faultOf(thrown: unknown): ThreadFault {
  const { code, message } = storeError(thrown, settings.dataDir);
  return { code, message };
}

function sign(integrator: LogIntegrator, upTo: number): FromTree {
  try {
    return { kind: 'signed', seal: integrator.sign(upTo) };
  } catch (thrown) {
    return { kind: 'failed', fault: faultOf(thrown) };
  }
}

function settle(integrator: LogIntegrator, durable: boolean): FromTree {
  try {
    integrator.settle(durable);
    return { kind: 'settled' };
  } catch (thrown) {
    return { kind: 'failed', fault: faultOf(thrown) };
  }
}

function start(): void {
  try {
    yieldToDecisions();
    const log = openForReading(settings.logFile);
    const integrator = LogIntegrator.open(log, settings);
    parentPort?.on('message', (message: ToTree) => {
      switch (message.kind) {
        case 'sign':
          say(sign(integrator, message.upTo));
          return;
        case 'settle':
          say(settle(integrator, message.durable));
          return;
        case 'close':
          log.close();
          parentPort?.close();
      }
    });
    const { size, vkey, due } = integrator;
    say({ kind: 'ready', size, vkey, due });
  } catch (thrown) {
    say({ kind: 'refused', fault: faultOf(thrown) });
  }
}

start();
