import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Stopped } from './compare-records.js';
import { impactInWords, summaryOf } from '../council/impact.js';
import { writeJson } from '../document/json.js';
import { messageOf, WitanError } from '../errors.js';
import { findImpact } from './find-impact.js';
import type { FromImpact, ImpactProgress, ImpactTask } from './impact-protocol.js';
import { WaiverIndex } from '../decision/waiver-index.js';
import { judgingTwice } from './judge-twice.js';
import { comparedPolicies } from './portable-policies.js';
import { createOpaBuiltins } from '../rego/opa-builtins.js';
import { yieldToDecisions } from '../store/sqlite/background-thread.js';
import { codeOf, storeError } from '../store/sqlite/sqlite-errors.js';
import { MaterialReader } from '../store/sqlite/material-reader.js';

/** The impact's thread: it finds out one impact, beside the threads that decide and write, and ends. */

const task = workerData as ImpactTask;
/** Progress is told so often, in milliseconds. */
const TOLD_EVERY_MS = 100;

function say(message: FromImpact): void {
  parentPort?.postMessage(message);
}

/** Tells the beginning of each step, and then now and again. */
function telling(): (progress: ImpactProgress) => void {
  let toldMs = 0;
  let step = '';
  return (progress) => {
    const nowMs = performance.now();
    if (progress.step === step && nowMs - toldMs < TOLD_EVERY_MS) return;
    [step, toldMs] = [progress.step, nowMs];
    say({ kind: 'progress', progress });
  };
}

function run(reader: MaterialReader): FromImpact {
  const opaBuiltins = createOpaBuiltins({ wasmPath: task.toolchainPath });
  try {
    const report = findImpact(
      {
        reader,
        judgeTwice: judgingTwice(comparedPolicies(task.layers, opaBuiltins), {
          nowMs: task.nowMs,
          waivers: WaiverIndex.of(task.waivers),
        }),
        progress: telling(),
        stopped: () => Atomics.load(task.stop, 0) !== 0,
      },
      { ...task, revision: task.layers.revision },
    );
    const [summary, words] = [summaryOf(report), impactInWords(report)];
    return { kind: 'done', summary, words, body: writeJson(report) };
  } finally {
    opaBuiltins.close();
  }
}

function start(): FromImpact {
  try {
    yieldToDecisions();
    const reader = MaterialReader.open(task.logFile);
    try {
      return run(reader);
    } finally {
      reader.close();
    }
  } catch (thrown) {
    if (thrown instanceof Stopped) return { kind: 'stopped' };
    const fault = codeOf(thrown).startsWith('SQLITE') ? storeError(thrown, dirname(task.logFile)) : thrown;
    const code = fault instanceof WitanError ? fault.code : 'internal_error';
    return { kind: 'failed', code, message: messageOf(fault) };
  }
}

say(start());
