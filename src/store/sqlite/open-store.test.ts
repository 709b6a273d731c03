import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bytesOf, sampleRecord } from '../testing/sample-records.js';
import { openStore } from './open-store.js';

let parent: string;
let dataDir: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'witan-open-'));
  dataDir = join(parent, 'deep', 'data');
});
afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

const open = () => openStore({ dataDir, queueEntriesMax: 100 });

async function filled(records: number): Promise<string> {
  const store = await open();
  await Promise.all(
    Array.from({ length: records }, (_, n) => store.audit.append({ record: sampleRecord(n) })),
  );
  await store.close();
  return join(dataDir, 'witan.db');
}

async function resources(): Promise<number> {
  const store = await open();
  const { records } = await store.records.query({ resource: 'product-3', order: 'oldest', limit: 1000 });
  await store.close();
  return records.length;
}

describe('opening a store', () => {
  test('makes the folder for its owner alone', async () => {
    const store = await open();
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    await store.close();
    expect(readdirSync(dataDir).sort()).toEqual(['log-key', 'record-index.db', 'witan.db', 'witan.lock']);
    expect(statSync(join(dataDir, 'log-key')).mode & 0o777).toBe(0o600);
  });

  test('a folder is served once, also within a process, and again after closing', async () => {
    const store = await open();
    await expect(open()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: `another process already serves the folder \`${dataDir}\``,
    });
    const other = `import { openStore } from ${JSON.stringify(new URL('./open-store.ts', import.meta.url).href)};
      await openStore({ dataDir: ${JSON.stringify(dataDir)}, queueEntriesMax: 1 }).then(
        () => process.exit(1), (reason) => process.exit(reason.code === 'store_unavailable' ? 7 : 2));`;
    expect(() =>
      execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', other], {
        stdio: 'ignore',
      }),
    ).toThrow(expect.objectContaining({ status: 7 }) as Error);
    expect(await store.audit.append({ record: sampleRecord(0) })).toEqual({ sequence: 0 });
    await store.close();
    await (await open()).close();
  });

  test('a file where the folder should be', async () => {
    dataDir = join(parent, 'file');
    writeFileSync(dataDir, '');
    await expect(open()).rejects.toMatchObject({ code: 'store_unavailable' });
    dataDir = join(parent, 'file', 'below');
    await expect(open()).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('a folder that cannot be written', async (context) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', parent], { stdio: 'ignore' });
    } catch {
      context.skip('only root may mount a file system that takes no writes');
    }
    try {
      dataDir = parent;
      await expect(open()).rejects.toMatchObject({ code: 'store_unavailable' });
      dataDir = join(parent, 'below');
      await expect(open()).rejects.toMatchObject({ code: 'store_unavailable' });
    } finally {
      execFileSync('umount', [parent]);
    }
  });

  test('random bytes instead of a database', async () => {
    const file = await filled(1);
    writeFileSync(file, randomBytes(20_000));
    await expect(open()).rejects.toMatchObject({ code: 'store_corrupt' });
    // The folder was let go of.
    await expect(open()).rejects.toMatchObject({ code: 'store_corrupt' });
  });

  test('a database that was cut off, emptied or removed', async () => {
    const file = await filled(100);
    truncateSync(file, statSync(file).size - 8192);
    await expect(open()).rejects.toMatchObject({ code: 'store_corrupt' });
    truncateSync(file, 0);
    await expect(open()).rejects.toMatchObject({ code: 'store_corrupt' });
    rmSync(file);
    await expect(open()).rejects.toMatchObject({ code: 'store_corrupt' });
  });

  test('a damaged page', async () => {
    const file = await filled(100);
    const db = new Database(file, { readonly: true });
    const page = db
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'records'")
      .pluck()
      .get() as number;
    const bytes = db.pragma('page_size', { simple: true }) as number;
    db.close();
    const opened = openSync(file, 'r+');
    writeSync(opened, randomBytes(bytes), 0, bytes, (page - 1) * bytes);
    closeSync(opened);
    await expect(open()).rejects.toMatchObject({ code: 'store_corrupt' });
  });

  test("a newer schema, and another program's database", async () => {
    const file = await filled(1);
    const db = new Database(file);
    db.pragma('user_version = 99');
    await expect(open()).rejects.toMatchObject({ code: 'store_unavailable', message: /schema version 99/ });
    db.pragma('user_version = 1');
    db.pragma('application_id = 1');
    db.close();
    await expect(open()).rejects.toMatchObject({ code: 'store_unavailable', message: /another program/ });
  });
});

describe('the index', () => {
  test('is built again when it is missing, damaged or of another log', async () => {
    await filled(100);
    expect(await resources()).toBe(9);
    const file = join(dataDir, 'record-index.db');
    rmSync(file);
    expect(await resources()).toBe(9);
    writeFileSync(file, randomBytes(5000));
    expect(await resources()).toBe(9);
    const kept = join(parent, 'kept.db');
    copyFileSync(file, kept);
    rmSync(dataDir, { recursive: true });
    const store = await open();
    await Promise.all(
      Array.from({ length: 100 }, (_, n) => store.audit.append({ record: sampleRecord(1000 + n * 11 + 4) })),
    );
    await store.close();
    copyFileSync(kept, file);
    // 1000 + 4 is 3 modulo 11: every record of this log, unlike the other one's.
    expect(await resources()).toBe(100);
  });
});

describe('a store opened for reading only', () => {
  test('sees what the serving process acknowledges, and writes nothing', async () => {
    const serving = await open();
    await serving.audit.append({ record: sampleRecord(0) });
    const reader = await openStore({ dataDir, queueEntriesMax: 1, readOnly: true });
    await serving.audit.append({ record: sampleRecord(1) });
    const { records } = await reader.records.query({ order: 'newest', limit: 10 });
    expect(records.map(({ bytes }) => bytes)).toEqual([1, 0].map((n) => bytesOf(sampleRecord(n))));
    await expect(reader.audit.append({ record: sampleRecord(2) })).rejects.toMatchObject({
      code: 'audit_unavailable',
    });
    await reader.close();
    await serving.close();
  });

  test('goes on from the index of the folder, and does without one that is broken', async () => {
    await filled(50);
    expect(await resources()).toBe(5);
    const file = join(dataDir, 'record-index.db');
    const index = new Database(file);
    // A sign that shows in the answers which index they come from.
    index.exec("UPDATE terms SET value = 'product-x' WHERE value = 'product-3'");
    index.close();
    const counted = async (resource: string): Promise<number> => {
      const reader = await openStore({ dataDir, queueEntriesMax: 1, readOnly: true });
      const { total } = await reader.records.count({ resource });
      await reader.close();
      return total;
    };
    expect(await counted('product-x')).toBe(5);
    writeFileSync(file, randomBytes(5000));
    expect(await counted('product-3')).toBe(5);
  });

  test('opens a copy, and refuses a folder without store', async () => {
    const file = await filled(3);
    copyFileSync(file, join(parent, 'witan.db'));
    const reader = await openStore({ dataDir: parent, queueEntriesMax: 1, readOnly: true });
    expect(await reader.records.size()).toBe(3);
    await reader.close();
    await expect(
      openStore({ dataDir: join(parent, 'none'), queueEntriesMax: 1, readOnly: true }),
    ).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
