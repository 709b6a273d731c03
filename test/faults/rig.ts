import { Agent } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../src/errors.js';
import { tokenFor } from '../tokens.js';
import { startService, type RunningService } from '../service.js';
import { checkEvidence } from './check-evidence.js';
import { checkLog, readLog, type LogFindings } from './check-log.js';
import type { Cleanup } from './cleanup.js';
import { exchange, type Received } from './exchange.js';
import type { Ledger } from './ledger.js';
import { startLoad, type Load } from './load.js';

/** What every scenario works with. */
export interface Rig {
  readonly cleanup: Cleanup;
  /** Chance, the same for the same seed: from 0 to 1. */
  readonly random: () => number;
  readonly clients: number;
  /** Shows how far the scenario is. */
  progress(words: string): void;
}

/** Longest wait for anything that has to come: long enough for a machine with much else to do. */
const WAIT_MS_MAX = 60_000;

/** A small mesh, so that a start takes a second: two domains, one bundle of `global` and one of a domain. */
const MESH = {
  WITAN_POLICIES: 'scripts/bench/policies',
  WITAN_SEED: 'scripts/bench/mesh',
  // Thousands of refusals are meant, and are counted by the clients.
  WITAN_LOG_LEVEL: 'fatal',
};

/** A folder that goes when the rig ends. */
export function ownFolder(rig: Rig): string {
  const folder = mkdtempSync(join(tmpdir(), 'witan-faults-'));
  rig.cleanup.add(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Starts the service over a folder; it dies with the rig at the latest. */
export async function serve(
  rig: Rig,
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningService> {
  const service = await startService({ ...MESH, WITAN_DATA_DIR: dataDir, ...environment }, (child) => {
    rig.cleanup.add(() => {
      child.kill('SIGKILL');
    });
  });
  // Read while the disk can be read.
  await tokenFor(service.url);
  return service;
}

export function loadOf(rig: Rig, { url }: RunningService, ledger: Ledger, clients = rig.clients): Load {
  return startLoad({ url, ledger, clients, random: rig.random });
}

/** Waits for a time between the two, in milliseconds. */
export async function pauseBetween(rig: Rig, leastMs: number, mostMs: number): Promise<void> {
  await pause(leastMs + rig.random() * (mostMs - leastMs));
}

/**
 * Holds a running service's log against the ledger, and asks it for one more decision. Throws when there is none, with
 * all that the service said.
 */
export async function checkService(service: RunningService, ledger: Ledger): Promise<LogFindings> {
  try {
    const findings = await checkLog(
      ledger,
      readLog((path) => askOf(service, path)),
    );
    await askOnce(service, ledger);
    const { text: keys } = await askOf(service, '/log/keys');
    const evidence = await checkEvidence(
      { url: service.url, token: (await tokenFor(service.url)) ?? '' },
      ledger,
      keys,
    );
    return { ...findings, disorder: [...findings.disorder, ...evidence] };
  } catch (thrown) {
    const { exitCode, signalCode } = service.process;
    const state = `exit code ${String(exitCode)}, signal ${String(signalCode)}`;
    const cause = thrown instanceof Error && thrown.cause !== undefined ? `: ${messageOf(thrown.cause)}` : '';
    throw new Error(`${messageOf(thrown)}${cause} (${state}): ${service.output().slice(-2000)}`, {
      cause: thrown,
    });
  }
}

async function askOnce(service: RunningService, ledger: Ledger): Promise<void> {
  const askedMs = performance.now();
  const { status, text } = await askOf(
    service,
    '/access/v1/evaluation',
    JSON.stringify({
      subject: { type: 'user', id: 'reader-1' },
      action: { name: 'read' },
      resource: { type: 'data_product', id: 'urn:mesh:sales:orders' },
      context: { purpose: 'analytics', region: 'eu', contract: 'c-1' },
    }),
  );
  const { decision, context } = JSON.parse(text);
  if (status !== 200 || decision !== true)
    throw new Error(`after the fault the service answers ${status} ${text}`);
  ledger.noteAnswer(context.id, { decision, client: -1, askedMs, heardMs: performance.now() });
}

/** Over a connection of its own: one that was kept may be closed by now. */
export function askOf({ url }: RunningService, path: string, body?: string): Promise<Received> {
  return exchange(new Agent({ keepAlive: false }), url, path, body);
}

/** Waits until something holds; answers whether it came to. */
export async function comesTrue(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const untilMs = performance.now() + WAIT_MS_MAX;
  while (!(await holds())) {
    if (performance.now() > untilMs) return false;
    await pause(20);
  }
  return true;
}

/** Waits until `/readyz` answers with the status; answers whether it did. */
export function becomes(service: RunningService, status: 200 | 503): Promise<boolean> {
  return comesTrue(async () => (await askOf(service, '/readyz')).status === status);
}

/** Waits until clients were answered, once more than before; answers whether they were. */
export function answersCome(ledger: Ledger): Promise<boolean> {
  const before = ledger.answers.size;
  return comesTrue(() => ledger.answers.size > before);
}
