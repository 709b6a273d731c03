import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WitanError } from '../../../errors.js';
import type { Store } from '../../store.js';
import { auditLogSuite } from '../../testing/audit-log-suite.js';
import { bytesOf, sampleRecord } from '../../testing/sample-records.js';
import { openStore } from '../open-store.js';

auditLogSuite('SqliteAuditLog', (dataDir, queueEntriesMax) => openStore({ dataDir, queueEntriesMax }));

describe('a write that fails', () => {
  let dataDir: string;
  let store: Store;
  let mounted = false;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'witan-fault-'));
  });
  afterEach(async () => {
    await store.close();
    if (mounted) execFileSync('umount', [dataDir]);
    mounted = false;
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function appendFails(n: number): Promise<WitanError> {
    return store.audit.append({ record: sampleRecord(n) }).then(
      () => expect.unreachable('the append should have failed'),
      (reason: unknown) => reason as WitanError,
    );
  }

  test('a lock that another program holds: rejects, and recovers when it is gone', async () => {
    store = await openStore({ dataDir, queueEntriesMax: 100 });
    await store.audit.append({ record: sampleRecord(0) });
    const other = new Database(join(dataDir, 'witan.db'));
    other.exec('BEGIN IMMEDIATE');
    const [first, second] = await Promise.all([appendFails(1), appendFails(2)]);
    expect(first).toMatchObject({ code: 'audit_unavailable', cause: { code: 'store_unavailable' } });
    expect(second.code).toBe('audit_unavailable');
    expect(store.audit.healthy()).toBe(false);
    expect(await store.audit.probe()).toBe(false);
    other.close();
    expect(await store.audit.probe()).toBe(true);
    expect(store.audit.healthy()).toBe(true);
    expect(await store.audit.append({ record: sampleRecord(1) })).toEqual({ sequence: 1 });
  });

  test('an entry that the database refuses: the others of its group are written', async () => {
    store = await openStore({ dataDir, queueEntriesMax: 100 });
    const other = new Database(join(dataDir, 'witan.db'));
    other.exec(`CREATE TRIGGER refuse BEFORE INSERT ON records WHEN new.id = '${sampleRecord(1).id}'
      BEGIN SELECT RAISE(ABORT, 'refused by the test'); END`);
    other.close();
    const results = await Promise.allSettled(
      [0, 1, 2].map((n) => store.audit.append({ record: sampleRecord(n) })),
    );
    expect(results[1]).toMatchObject({ reason: { code: 'audit_unavailable' } });
    expect(results[2]).toEqual({ status: 'fulfilled', value: { sequence: 1 } });
  });

  test('a full disk: the group is rolled back, what was acknowledged stays, and space brings it back', async (context) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dataDir], { stdio: 'ignore' });
    } catch {
      context.skip('only root may mount a file system that is small enough to fill');
    }
    mounted = true;
    const ballast = join(dataDir, 'ballast');
    writeFileSync(ballast, Buffer.alloc(1024 * 1024));
    store = await openStore({ dataDir, queueEntriesMax: 10_000 });
    const record = (n: number) => sampleRecord(n, { parameters: { text: 'x'.repeat(50_000) } });
    let written = 0;
    let failure: WitanError | undefined;
    while (failure === undefined && written < 100) {
      const outcome = await store.audit
        .append({ record: record(written) })
        .catch((reason: unknown) => reason as WitanError);
      if ('code' in outcome) failure = outcome;
      else expect(outcome.sequence).toBe(written++);
    }
    expect(failure).toMatchObject({ code: 'audit_unavailable' });
    expect(store.audit.healthy()).toBe(false);
    rmSync(ballast);
    expect(await store.audit.append({ record: record(written) })).toEqual({ sequence: written });
    expect(store.audit.healthy()).toBe(true);
    await store.close();
    const db = new Database(join(dataDir, 'witan.db'));
    const stored = db.prepare('SELECT body FROM records ORDER BY sequence').pluck().all();
    db.close();
    expect(stored).toEqual(Array.from({ length: written + 1 }, (_, n) => bytesOf(record(n))));
  });
});

describe('a writer thread that dies', () => {
  test('rejects what waits, and the next append starts another one after the last record', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'witan-thread-'));
    const workers: Worker[] = [];
    const note = (worker: Worker) => workers.push(worker);
    process.on('worker', note);
    const store = await openStore({ dataDir, queueEntriesMax: 100 });
    process.off('worker', note);
    await store.audit.append({ record: sampleRecord(0) });
    const waiting = [1, 2].map((n) => store.audit.append({ record: sampleRecord(n) }));
    const settled = Promise.allSettled(waiting);
    await workers[0]?.terminate();
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'audit_unavailable' } });
    }
    expect(store.audit.healthy()).toBe(false);
    const sequences = await Promise.all([3, 4].map((n) => store.audit.append({ record: sampleRecord(n) })));
    const size = await store.records.size();
    expect(sequences).toEqual([{ sequence: size - 2 }, { sequence: size - 1 }]);
    expect(store.audit.healthy()).toBe(true);
    const { records } = await store.records.query({ order: 'oldest', limit: 10 });
    expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: size }, (_, n) => n));
    await store.close();
    rmSync(dataDir, { recursive: true });
  });
});

describe('kill -9 under load', () => {
  test('loses nothing that was acknowledged and leaves no gap', { timeout: 60_000 }, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'witan-kill-'));
    const acknowledged = join(dataDir, 'acknowledged.txt');
    const script = new URL('../../testing/append-until-killed.ts', import.meta.url).pathname;
    for (const round of [1, 2]) {
      expect(() =>
        execFileSync(process.execPath, ['--import', 'tsx', script, dataDir, acknowledged, String(round)], {
          stdio: ['ignore', 'ignore', 'inherit'],
        }),
      ).toThrow(expect.objectContaining({ signal: 'SIGKILL' }) as Error);
    }
    expect(existsSync(acknowledged)).toBe(true);
    const lines = readFileSync(acknowledged, 'utf8').split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThan(500);
    const store = await openStore({ dataDir, queueEntriesMax: 10 });
    const size = await store.records.size();
    for (const line of lines) {
      const [sequence, id = ''] = line.split(' ');
      const found = await store.records.byId(id);
      expect(found?.sequence).toBe(Number(sequence));
      expect(JSON.parse(found?.bytes.toString() ?? '{}')).toMatchObject({ id });
    }
    await store.close();
    const db = new Database(join(dataDir, 'witan.db'));
    expect(db.prepare('SELECT count(*), max(sequence) + 1 FROM records').raw().get()).toEqual([size, size]);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
    rmSync(dataDir, { recursive: true });
  });
});
