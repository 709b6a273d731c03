import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../audit/checkpoint.js';
import { consistencyProof } from '../../../audit/merkle.js';
import { readVerifierKey, signingKeyOf, writeSigningKey, writeVerifierKey } from '../../../audit/note-key.js';
import { proveRecord } from '../../../audit/prove-record.js';
import { verifyProof } from '../../../audit/proof.js';
import { openNote } from '../../../audit/signed-note.js';
import { subtreeHash, tileOf } from '../../../audit/tile.js';
import type { SignedCheckpoint } from '../../../audit/tree.js';
import { verifyConsistency } from '../../../audit/verify-merkle.js';
import { verifyLog, type LogVerification } from '../../../audit/verify-log.js';
import type { Store } from '../../store.js';
import { growLog } from '../../testing/sample-log.js';
import { sampleRecord } from '../../testing/sample-records.js';
import { openLogSource } from '../log/open-log-source.js';
import { openStore } from '../open-store.js';

let dataDir: string;
const database = (): string => join(dataDir, 'witan.db');
const open = (logOrigin?: string): Promise<Store> =>
  openStore({ dataDir, queueEntriesMax: 100_000, ...(logOrigin !== undefined && { logOrigin }) });

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'witan-tree-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

/** A closed store with so many records, sealed. */
async function made(size: number): Promise<void> {
  const store = await open();
  await growLog(store, 0, size);
  await store.close();
}

async function refusal(): Promise<{ readonly code: string; readonly message: string }> {
  return open().then(
    async (store) => {
      await store.close();
      return expect.unreachable('the store should have been refused');
    },
    (reason: unknown) => reason as { code: string; message: string },
  );
}

function verified(): LogVerification {
  const source = openLogSource(database());
  try {
    return verifyLog(source, { trusted: [], older: [] });
  } finally {
    source.close();
  }
}

function inDatabase<T>(use: (db: Database.Database) => T): T {
  const db = new Database(database());
  try {
    return use(db);
  } finally {
    db.close();
  }
}

/** Every checkpoint is the beginning of every later one, by a proof from the tiles. */
function expectConsistent(notes: readonly Pick<SignedCheckpoint, 'size' | 'root'>[]): void {
  const sorted = [...notes].sort((a, b) => a.size - b.size);
  inDatabase((db) => {
    const tile = db
      .prepare<[number, number], Buffer>('SELECT hashes FROM tiles WHERE level = ? AND tile = ?')
      .pluck();
    for (const [index, { size: second, root: secondRoot }] of sorted.entries()) {
      const before = sorted[index - 1];
      if (before === undefined || before.size === 0) continue;
      const proof = consistencyProof(before.size, second, (subtree) => {
        const { level, index: at, from, to } = tileOf(subtree);
        return subtreeHash(tile.get(level, at)!, from, to);
      });
      const claim = { first: before.size, second, firstRoot: before.root, secondRoot, proof };
      expect(verifyConsistency(claim)).toBe(true);
    }
  });
}

describe('checkpoints', () => {
  test('extend one another while records come in, and cover what was acknowledged', async () => {
    const store = await open();
    const notes: SignedCheckpoint[] = [];
    let size = 0;
    for (let round = 0; round < 30; round += 1) {
      const more = [1, 255, 40, 3][round % 4]!;
      const growing = growLog(store, size, size + more);
      // In the midst of it, for what is there already.
      notes.push(await store.tree.seal(size));
      await growing;
      size += more;
      const [one, other] = await Promise.all([store.tree.seal(size), store.tree.seal(size)]);
      expect(one.size).toBeGreaterThanOrEqual(size);
      expect(other.size).toBeGreaterThanOrEqual(size);
      notes.push(one, other);
      const [last] = await Promise.all([store.tree.checkpoint()]);
      expect(last?.size).toBeGreaterThanOrEqual(one.size);
    }
    await store.close();
    expectConsistent(notes);
    expect(verified()).toMatchObject({ faults: [], sealed: size });
  });

  test('come about by themselves, and are published', async () => {
    const store = await open();
    await growLog(store, 0, 10);
    const published = join(dataDir, 'checkpoint');
    for (const end = Date.now() + 20_000; !existsSync(published) && Date.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { note, size } = (await store.tree.checkpoint())!;
    expect(readFileSync(published, 'utf8')).toBe(note);
    expect(size).toBe(10);
    await store.close();
  });

  test('of a log at rest cover all of it, and it goes on from there', async () => {
    for (const size of [3, 3, 300, 257 + 300]) {
      const store = await open();
      await growLog(store, await store.records.size(), size);
      await store.close();
      expect(verified()).toMatchObject({ faults: [], records: size, sealed: size });
      const published = readFileSync(join(dataDir, 'checkpoint'), 'utf8');
      expect(published).toBe(
        inDatabase((db) => db.prepare('SELECT note FROM checkpoints ORDER BY size DESC').pluck().get()),
      );
    }
  });

  test('of an empty log, and of more records than there are', async () => {
    const store = await open();
    const [keep] = [await store.tree.seal(0)];
    expect(keep.size).toBe(0);
    await expect(store.tree.seal(1)).rejects.toMatchObject({ code: 'store_corrupt' });
    // What was asked for in vain stands in nobody's way.
    await growLog(store, 0, 4);
    expect((await store.tree.seal(4)).size).toBe(4);
    await store.close();
    await expect(store.tree.seal(5)).rejects.toMatchObject({ code: 'stopping' });
  });

  test('prove each record', async () => {
    const store = await open();
    await growLog(store, 0, 600);
    const key = readVerifierKey(store.tree.signingKey!);
    for (const sequence of [0, 255, 256, 599]) {
      const record = (await store.records.byId(sampleRecord(sequence).id))!;
      const proof = verifyProof(await proveRecord(store.tree, record), [key]);
      expect(proof).toMatchObject({ index: sequence, record: record.bytes });
    }
    await store.close();
  });

  test('are kept one for each 4,096 records, and the last', async () => {
    const store = await open();
    let size = 0;
    for (const next of [10, 4000, 4095, 4096, 4097, 8191, 8192, 8200, 20_000, 20_001]) {
      await growLog(store, size, next);
      size = next;
      await store.tree.seal(size);
    }
    await store.close();
    const kept = inDatabase((db) =>
      db.prepare<[], number>('SELECT size FROM checkpoints ORDER BY size').pluck().all(),
    );
    // A slow log is sealed by itself as well while it grows to 20,000.
    expect(kept).toEqual(expect.arrayContaining([4095, 8191, 20_001]));
    expect(kept.some((each) => each >= 8200 && each < 12_288)).toBe(true);
    expect(new Set(kept.map((each) => Math.floor(each / 4096))).size).toBe(kept.length);
    expect(verified().faults).toEqual([]);
  });

  test('of a log that has none yet are made in steps', async () => {
    await made(2);
    const records = 150_000;
    inDatabase((db) => {
      const insert = db.prepare('INSERT INTO records (sequence, id, body) VALUES (?, ?, ?)');
      db.transaction(() => {
        for (let n = 2; n < records; n += 1) {
          const id = `id-${n}`;
          insert.run(n, id, Buffer.from(JSON.stringify({ id, kind: 'sample' })));
        }
      })();
    });
    const store = await open();
    const { size } = await store.tree.seal(records);
    expect(size).toBe(records);
    await store.close();
    const kept = inDatabase((db) => db.prepare('SELECT size FROM checkpoints ORDER BY size').pluck().all());
    expect(kept).toEqual([2, 65_538, 131_074, records]);
    expect(verified().faults).toEqual([]);
  });
});

describe('a log is never signed in two ways', () => {
  test('however often it is killed', { timeout: 120_000 }, () => {
    const notes = join(dataDir, 'notes.txt');
    const folder = join(dataDir, 'data');
    const script = new URL('../../testing/seal-until-killed.ts', import.meta.url).pathname;
    for (const lifeMs of [200, 330, 470, 700]) {
      expect(() =>
        execFileSync(process.execPath, ['--import', 'tsx', script, folder, notes, String(lifeMs)], {
          stdio: ['ignore', 'ignore', 'inherit'],
        }),
      ).toThrow(expect.objectContaining({ signal: 'SIGKILL' }) as Error);
    }
    dataDir = folder;
    const published = existsSync(join(folder, 'checkpoint'))
      ? [JSON.stringify(readFileSync(join(folder, 'checkpoint'), 'utf8'))]
      : [];
    const key = inDatabase((db) => db.prepare('SELECT vkey FROM log_keys').pluck().get()) as string;
    // The last line may have been cut off by the kill.
    const lines = readFileSync(notes, 'utf8').split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThan(4);
    const checkpoints = [...lines, ...published].map((line) =>
      openCheckpoint(JSON.parse(line) as string, [readVerifierKey(key)]),
    );
    expectConsistent(checkpoints);
    dataDir = join(folder, '..');
  });

  test('a database that was put back to an earlier state is refused', async () => {
    await made(10);
    copyFileSync(database(), join(dataDir, 'earlier.db'));
    const store = await open();
    await growLog(store, 10, 20);
    await store.close();
    copyFileSync(join(dataDir, 'earlier.db'), database());
    expect(await refusal()).toMatchObject({
      code: 'store_corrupt',
      message: `a checkpoint of 20 records was published, but the log in \`${dataDir}\` ends after 10: records are lost, or an earlier state was put back`,
    });
  });

  test('and so is one that went another way since', async () => {
    await made(10);
    const aside = join(dataDir, 'aside');
    mkdirSync(aside);
    for (const file of ['witan.db', 'checkpoint']) copyFileSync(join(dataDir, file), join(aside, file));
    const store = await open();
    await growLog(store, 10, 20);
    await store.close();
    const published = readFileSync(join(dataDir, 'checkpoint'));
    for (const file of ['witan.db', 'checkpoint']) copyFileSync(join(aside, file), join(dataDir, file));
    const other = await open();
    for (let n = 100; n < 130; n += 1) await other.audit.append({ record: sampleRecord(n) });
    await other.close();
    writeFileSync(join(dataDir, 'checkpoint'), published);
    expect(await refusal()).toMatchObject({
      code: 'store_corrupt',
      message: expect.stringContaining('is not the one that the checkpoint of its first 20 records'),
    });
  });

  test.each([
    [
      'a tile that was changed',
      'UPDATE tiles SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB)',
      /is not the one that the checkpoint of its first 10/,
    ],
    ['a tile that is gone', 'DELETE FROM tiles', /the tree of the log in .* is damaged/],
    [
      'a checkpoint that was changed',
      "UPDATE checkpoints SET note = replace(note, '10', '11')",
      /its last checkpoint in .* is none of this log: /,
    ],
    [
      'a key on record that is none',
      "UPDATE log_keys SET vkey = 'x' WHERE 0 = 1; INSERT INTO log_keys (position, vkey) VALUES (0, 'x')",
      /a key on record in .* is none: /,
    ],
  ])('%s is found at start', async (_, sql, message) => {
    await made(10);
    inDatabase((db) => db.exec(sql));
    expect(await refusal()).toMatchObject({ code: 'store_corrupt', message: expect.stringMatching(message) });
  });

  test('a published checkpoint that is none is found at start', async () => {
    await made(10);
    writeFileSync(join(dataDir, 'checkpoint'), '');
    expect(await refusal()).toMatchObject({
      code: 'store_corrupt',
      message: expect.stringMatching(/^`checkpoint` in .* is none of this log: /),
    });
  });

  test('a record that was changed is not looked at when the log is opened, but found by verifying', async () => {
    await made(10);
    inDatabase((db) => db.exec("UPDATE records SET body = CAST('{}' AS BLOB) WHERE sequence = 4"));
    await (await open()).close();
    expect(verified().faults[0]).toMatchObject({ sequence: 4 });
  });
});

describe('the signing key', () => {
  test('that others may read is refused', async () => {
    await made(3);
    chmodSync(join(dataDir, 'log-key'), 0o644);
    expect(await refusal()).toEqual(
      expect.objectContaining({
        code: 'store_unavailable',
        message: `the signing key \`${join(dataDir, 'log-key')}\` is open to others (mode 644): chmod 600 it`,
      }),
    );
  });

  test.each([
    [
      'that is gone',
      (file: string) => {
        rmSync(file);
      },
      /^the key that signs the log is gone: restore `.*log-key` of `witan\/[0-9a-f]{16}\+/,
    ],
    [
      'of another log',
      (file: string) => {
        writeFileSync(file, writeSigningKey(signingKeyOf('other', Buffer.alloc(32, 1))));
      },
      /^the key that signs the log is gone: restore/,
    ],
    [
      'that is none',
      (file: string) => {
        writeFileSync(file, 'PRIVATE+KEY+secret');
      },
      /^`.*log-key` holds no signing key$/,
    ],
  ])('%s is refused, and says nothing of itself', async (_, change, message) => {
    await made(3);
    change(join(dataDir, 'log-key'));
    const { code, message: said } = await refusal();
    expect(code).toBe('store_unavailable');
    expect(said).toMatch(message);
    expect(said).not.toContain('secret');
  });

  test('of a log whose key is not on record yet, and that has checkpoints, is not replaced', async () => {
    const store = await open();
    await store.audit.append({ record: sampleRecord(0) });
    await store.close();
    rmSync(join(dataDir, 'log-key'));
    expect((await refusal()).code).toBe('store_unavailable');
    expect(existsSync(join(dataDir, 'log-key'))).toBe(false);
  });

  test('has the origin that was asked for, and only then', async () => {
    const store = await open('witan.example/log');
    await growLog(store, 0, 2);
    expect((await store.tree.seal(2)).note).toMatch(/^witan\.example\/log\n2\n/);
    await store.close();
    await (await open()).close();
    await (await open('witan.example/log')).close();
    await expect(open('witan.example/other')).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('cannot make it `witan.example/other`'),
    });
  });

  test('that takes over signs the first checkpoint with its record together with the one before', async () => {
    await made(5);
    const before = readVerifierKey(
      inDatabase((db) => db.prepare('SELECT vkey FROM log_keys').pluck().get()) as string,
    );
    const next = signingKeyOf(before.name, Buffer.alloc(32, 9));
    const store = await open();
    const { id, time } = sampleRecord(5);
    const vkey = writeVerifierKey(next);
    await store.audit.append({
      record: {
        id,
        time,
        caller: { id: 'o', roles: [] },
        revision: 0,
        kind: 'key',
        vkey,
        previous: writeVerifierKey(before),
      },
      changes: [{ kind: 'put_key', vkey }],
    });
    await store.close();
    writeFileSync(join(dataDir, 'log-key.next'), `${writeSigningKey(next)}\n`, { mode: 0o600 });
    const taken = await open();
    expect(taken.tree.signingKey).toBe(vkey);
    await growLog(taken, 6, 9);
    await taken.tree.seal(9);
    await growLog(taken, 9, 20);
    await taken.close();
    expect(existsSync(join(dataDir, 'log-key.next'))).toBe(false);
    expect(readFileSync(join(dataDir, 'log-key'), 'utf8').trim()).toBe(writeSigningKey(next));
    const notes = inDatabase((db) =>
      db.prepare('SELECT note FROM checkpoints ORDER BY size').pluck().all(),
    ) as string[];
    const signers = notes.map((note) => openNote(note, [before, next]).signers.length);
    expect(signers).toEqual([2, 1]);
    // Whoever knows either of the keys can verify all of it.
    for (const trusted of [[before], [next]]) {
      const source = openLogSource(database());
      expect(verifyLog(source, { trusted, older: [] })).toMatchObject({ faults: [], sealed: 20 });
      source.close();
    }
  });
});

describe('a thread that dies', () => {
  async function withWorkers(
    use: (store: Store, workers: readonly Worker[]) => Promise<void>,
  ): Promise<void> {
    const workers: Worker[] = [];
    const note = (worker: Worker): void => void workers.push(worker);
    process.on('worker', note);
    const store = await open();
    try {
      await use(store, workers);
    } finally {
      process.off('worker', note);
      await store.close();
    }
  }

  test.each([
    ['writer', 0],
    ['tree', 2],
  ])('the %s thread: who waits is told, and the log can be sealed again', async (_, which) => {
    const notes: SignedCheckpoint[] = [];
    await withWorkers(async (store, workers) => {
      let size = 0;
      for (let round = 0; round < 5; round += 1) {
        await growLog(store, size, size + 50);
        size += 50;
        const sealing = store.tree.seal(size).then(
          (checkpoint) => void notes.push(checkpoint),
          (reason: unknown) => {
            expect(reason).toMatchObject({ code: expect.stringMatching(/^(store|audit)_unavailable$/) });
          },
        );
        if (round > 0) await new Promise((resolve) => setTimeout(resolve, round * 3));
        const died = which === 0 ? workers.filter((_worker, n) => n === 0 || n > 2) : workers.slice(2);
        await Promise.all(died.map((worker) => worker.terminate()));
        await sealing;
        notes.push(await store.tree.seal(size));
      }
      expect(notes.at(-1)?.size).toBe(250);
    });
    expectConsistent(notes);
    expect(verified()).toMatchObject({ faults: [], sealed: 250 });
  });

  test('a full disk: the log is sealed when there is space again', async (context) => {
    const folder = join(dataDir, 'full');
    mkdirSync(folder);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      context.skip('only root may mount a file system that is small enough to fill');
    }
    const outer = dataDir;
    dataDir = folder;
    try {
      const store = await open();
      await growLog(store, 0, 300);
      await store.tree.seal(300);
      let size = 300;
      const ballast = join(folder, 'ballast');
      for (let bytes = 1024 * 1024; bytes >= 4096; bytes /= 2) {
        for (let n = 0; n < 8; n += 1) {
          try {
            writeFileSync(`${ballast}-${bytes}-${n}`, Buffer.alloc(bytes));
          } catch {
            break;
          }
        }
      }
      // Until nothing can be written.
      const failures: unknown[] = [];
      for (let n = 0; n < 50 && failures.length === 0; n += 1) {
        await growLog(store, size, size + 20).then(
          () => (size += 20),
          (reason: unknown) => failures.push(reason),
        );
        await store.tree.seal(size).catch((reason: unknown) => failures.push(reason));
      }
      expect(failures.length).toBeGreaterThan(0);
      execFileSync('bash', ['-c', `rm -f ${folder}/ballast*`]);
      size = await store.records.size();
      const { size: sealed } = await store.tree.seal(size);
      expect(sealed).toBe(size);
      await store.close();
      expect(verified()).toMatchObject({ faults: [], sealed: size });
    } finally {
      dataDir = outer;
      execFileSync('umount', [folder]);
    }
  });
});

describe('a store of an earlier schema', () => {
  test('is brought up to date, and sealed from its first record on', async () => {
    const db = new Database(database());
    db.pragma('journal_mode = WAL');
    db.exec(readFileSync(new URL('../migrations/0001-store.sql', import.meta.url), 'utf8'));
    db.pragma(`application_id = 1464423502`);
    db.pragma('user_version = 1');
    const insert = db.prepare('INSERT INTO records (sequence, id, body) VALUES (?, ?, ?)');
    for (let n = 0; n < 300; n += 1) {
      const record = sampleRecord(n);
      insert.run(n, record.id, Buffer.from(JSON.stringify(record)));
    }
    db.close();
    expect(() => openLogSource(database())).toThrow(
      expect.objectContaining({ message: expect.stringContaining('serve it once') }),
    );
    const store = await open();
    const vkey = store.tree.signingKey!;
    const checkpoint = await store.tree.seal(300);
    expect(checkpoint.size).toBe(300);
    await store.close();
    const source = openLogSource(database());
    expect(verifyLog(source, { trusted: [readVerifierKey(vkey)], older: [] })).toMatchObject({
      faults: [],
      sealed: 300,
    });
    source.close();
  });

  test('a folder can be copied with its key, and goes on as the same log', async () => {
    await made(30);
    const copy = join(dataDir, 'copy');
    mkdirSync(copy);
    for (const file of ['witan.db', 'log-key', 'checkpoint']) cpSync(join(dataDir, file), join(copy, file));
    const store = await openStore({ dataDir: copy, queueEntriesMax: 100 });
    await growLog(store, 30, 40);
    expect((await store.tree.seal(40)).size).toBe(40);
    await store.close();
  });
});
