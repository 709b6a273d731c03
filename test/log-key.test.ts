import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../src/audit/checkpoint.js';
import { readSigningKey, readVerifierKey, writeVerifierKey } from '../src/audit/note-key.js';
import { namedSigners } from '../src/audit/signed-note.js';
import { prepareNextKey } from '../src/store/log-keys.js';
import { openStore } from '../src/store/sqlite/open-store.js';
import type { Store } from '../src/store/store.js';
import { growLog } from '../src/store/testing/sample-log.js';
import { sampleRecord } from '../src/store/testing/sample-records.js';
import { temporaryFolder } from './service.js';
import { witan, type Ran } from './served-mesh.js';

const RECORDS = 20;
const open = (dataDir: string, replaceLostKey = false): Promise<Store> =>
  openStore({ dataDir, queueEntriesMax: 1000, replaceLostKey });

/** A log of twenty records that its first key has signed. */
async function signedLog(): Promise<{
  readonly dataDir: string;
  readonly vkey: string;
  readonly secret: string;
}> {
  const dataDir = join(temporaryFolder(), 'data');
  const store = await open(dataDir);
  await growLog(store, 0, RECORDS);
  await store.close();
  const secret = readFileSync(join(dataDir, 'log-key'), 'utf8').trim();
  return { dataDir, secret, vkey: writeVerifierKey(readSigningKey(secret)) };
}

const rotate = (dataDir: string, ...more: readonly string[]): Promise<Ran> =>
  witan('audit', 'rotate-key', '--data-dir', dataDir, ...more);

async function verified(
  dataDir: string,
  vkey: string,
): Promise<{ readonly code: number; readonly log: any }> {
  const { code, out } = await witan(
    'audit',
    'verify',
    '--data-dir',
    dataDir,
    '--vkey',
    vkey,
    '--format',
    'json',
  );
  return { code, log: JSON.parse(out).log };
}

async function expectVerified(dataDir: string, vkeys: readonly string[], records: number): Promise<void> {
  for (const vkey of vkeys) {
    expect(await verified(dataDir, vkey)).toEqual({
      code: 0,
      log: expect.objectContaining({ faults: [], records, sealed: records }),
    });
  }
}

/** The files of a folder, below it too, that these bytes stand in. */
function filesWith(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

/** What nobody may find of a signing key; its name and id stand in its verifier key, too. */
const seedOf = (secret: string): string => secret.split('+').slice(4).join('+');
const secretIn = (dataDir: string, name = 'log-key'): string =>
  readFileSync(join(dataDir, name), 'utf8').trim();
const vkeyOf = (secret: string): string => writeVerifierKey(readSigningKey(secret));
const published = (dataDir: string): string => readFileSync(join(dataDir, 'checkpoint'), 'utf8');

/** Opens and closes the store, as a service that starts and ends. */
async function restart(dataDir: string): Promise<void> {
  await (await open(dataDir)).close();
}

async function keysOf(dataDir: string): Promise<readonly string[]> {
  const store = await openStore({ dataDir, queueEntriesMax: 1, readOnly: true });
  try {
    return await store.tree.keys();
  } finally {
    await store.close();
  }
}

describe('witan audit rotate-key', () => {
  test('hands the log over: both keys sign, and each of them verifies all of it', async () => {
    const { dataDir, vkey, secret } = await signedLog();
    const { code, out, err } = await rotate(dataDir);
    const next = out.trim();
    expect([code, err]).toEqual([0, `the log is signed by a new key, which took over from ${vkey}\n`]);
    expect(next).not.toBe(vkey);
    expect(vkeyOf(secretIn(dataDir))).toBe(next);
    expect(statSync(join(dataDir, 'log-key')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(dataDir, 'log-key.next'))).toBe(false);
    expect(filesWith(dataDir, seedOf(secret))).toEqual([]);

    const note = published(dataDir);
    expect(namedSigners(note)).toHaveLength(2);
    for (const key of [vkey, next]) {
      expect(openCheckpoint(note, [readVerifierKey(key)]).size).toBe(RECORDS + 1);
    }
    await expectVerified(dataDir, [vkey, next], RECORDS + 1);

    const store = await open(dataDir);
    expect(store.tree.signingKey).toBe(next);
    expect(await store.tree.keys()).toEqual([vkey, next]);
    const { record } = await lastRecord(store);
    expect(record).toMatchObject({ kind: 'key', vkey: next, previous: vkey, caller: { id: 'local' } });
    await store.audit.append({ record: sampleRecord(500) });
    await store.close();
    // The next one is signed by the new key alone, and what was handed over stays proved.
    expect(namedSigners(published(dataDir))).toHaveLength(1);
    expect(() => openCheckpoint(published(dataDir), [readVerifierKey(vkey)])).toThrow();
    await expectVerified(dataDir, [vkey, next], RECORDS + 2);
  });

  test('can be done again and again: the first key leads to the last', async () => {
    const { dataDir, vkey } = await signedLog();
    const keys = [vkey];
    for (let n = 0; n < 3; n += 1) keys.push((await rotate(dataDir)).out.trim());
    expect(await keysOf(dataDir)).toEqual(keys);
    await expectVerified(dataDir, keys, RECORDS + 3);
  });

  test('is refused while the store is served, and where there is none', async () => {
    const { dataDir, vkey } = await signedLog();
    const store = await open(dataDir);
    const refused = await rotate(dataDir);
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(refused.err).toMatch(/is served by|in use|another process/);
    await store.close();
    expect(existsSync(join(dataDir, 'log-key.next'))).toBe(false);
    await expectVerified(dataDir, [vkey], RECORDS);

    const nowhere = join(temporaryFolder(), 'nowhere');
    expect(await rotate(nowhere)).toMatchObject({
      code: 3,
      err: expect.stringContaining('there is no store'),
    });
    expect(existsSync(nowhere)).toBe(false);
  });
});

async function lastRecord(store: Store): Promise<{ readonly record: any }> {
  const found = await store.records.bySequence((await store.records.size()) - 1);
  return { record: JSON.parse(found?.bytes.toString() ?? '') };
}

/** Does what rotating does until its record is durable, and answers a copy of the folder as a kill leaves it then. */
async function killedAfterRecord(
  dataDir: string,
  vkey: string,
): Promise<{ readonly copy: string; readonly next: string }> {
  const store = await open(dataDir);
  const name = vkey.slice(0, vkey.indexOf('+'));
  const next = writeVerifierKey(prepareNextKey(dataDir, name));
  const { id, time } = sampleRecord(400);
  await store.audit.append({
    record: {
      id,
      time,
      caller: { id: 'local', roles: [] },
      revision: 0,
      kind: 'key',
      vkey: next,
      previous: vkey,
    },
    changes: [{ kind: 'put_key', vkey: next }],
  });
  const copy = join(temporaryFolder(), 'data');
  cpSync(dataDir, copy, { recursive: true });
  await store.close();
  return { copy, next };
}

const goOn = { 'the next start': restart, 'the next rotation': rotate } as const;

describe.each(Object.entries(goOn))('a rotation that was killed is gone on with by %s', (name, next) => {
  const isRotation = name === 'the next rotation';
  const more = isRotation ? 1 : 0;

  test('when only the next key was prepared', async () => {
    const { dataDir, vkey } = await signedLog();
    const prepared = writeVerifierKey(prepareNextKey(dataDir, vkey.slice(0, vkey.indexOf('+'))));
    await next(dataDir);
    // A start knows nothing of it; a rotation takes the one that is there.
    expect(await keysOf(dataDir)).toEqual(isRotation ? [vkey, prepared] : [vkey]);
    expect(vkeyOf(secretIn(dataDir))).toBe(isRotation ? prepared : vkey);
    await expectVerified(dataDir, [vkey], RECORDS + more);
    await rotate(dataDir);
    expect((await keysOf(dataDir))[1]).toBe(prepared);
  });

  test('when its record was durable, but no checkpoint covered it', async () => {
    const { dataDir, vkey, secret } = await signedLog();
    const { copy, next: taken } = await killedAfterRecord(dataDir, vkey);
    expect(namedSigners(published(copy))).toHaveLength(1);
    await next(copy);
    const keys = await keysOf(copy);
    expect(keys.slice(0, 2)).toEqual([vkey, taken]);
    expect(keys).toHaveLength(2 + more);
    expect(vkeyOf(secretIn(copy))).toBe(keys.at(-1));
    expect(existsSync(join(copy, 'log-key.next'))).toBe(false);
    expect(filesWith(copy, seedOf(secret))).toEqual([]);
    await expectVerified(copy, keys, RECORDS + 1 + more);
  });

  test('when both keys had signed, but the new one was not in its place', async () => {
    const { dataDir, vkey, secret } = await signedLog();
    await rotate(dataDir);
    const taken = secretIn(dataDir);
    writeFileSync(join(dataDir, 'log-key.next'), `${taken}\n`, { mode: 0o600 });
    writeFileSync(join(dataDir, 'log-key'), `${secret}\n`, { mode: 0o600 });
    await next(dataDir);
    const keys = await keysOf(dataDir);
    expect(keys.slice(0, 2)).toEqual([vkey, vkeyOf(taken)]);
    expect(vkeyOf(secretIn(dataDir))).toBe(keys.at(-1));
    expect(existsSync(join(dataDir, 'log-key.next'))).toBe(false);
    await expectVerified(dataDir, keys, RECORDS + 1 + more);
  });
});

describe('a key that is lost', () => {
  test('keeps the store from opening until another takes its place, whose end the old one does not vouch for', async () => {
    const { dataDir, vkey } = await signedLog();
    rmSync(join(dataDir, 'log-key'));
    const gone = {
      code: 'store_unavailable',
      message: expect.stringContaining('rotate-key --lost') as string,
    };
    await expect(open(dataDir)).rejects.toMatchObject(gone);
    expect(await rotate(dataDir)).toMatchObject({ code: 3, err: expect.stringContaining('--lost') });

    const { code, out, err } = await rotate(dataDir, '--lost');
    expect([code, err]).toEqual([0, 'the log is signed by a new key; the one before is lost\n']);
    const next = out.trim();
    const store = await open(dataDir);
    expect(store.tree.signingKey).toBe(next);
    const { record } = await lastRecord(store);
    expect(record).toMatchObject({ kind: 'key', vkey: next });
    expect(record).not.toHaveProperty('previous');
    await store.close();

    await expectVerified(dataDir, [next], RECORDS + 1);
    const old = await verified(dataDir, vkey);
    expect(old.code).toBe(1);
    expect(old.log.sealed).toBe(RECORDS);
    expect(old.log.faults).toEqual([
      { message: expect.stringContaining('is not signed by a key that is trusted') as string },
      { message: expect.stringContaining('is not signed by a key that is trusted') as string },
    ]);
  });

  test('is replaced by the same when replacing it was interrupted', async () => {
    const { dataDir, vkey } = await signedLog();
    rmSync(join(dataDir, 'log-key'));
    const store = await open(dataDir, true);
    const prepared = store.tree.signingKey;
    await store.close();
    // It is not on record, so it has no say.
    await expect(open(dataDir)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect((await rotate(dataDir, '--lost')).out.trim()).toBe(prepared);
    await restart(dataDir);
    expect(await keysOf(dataDir)).toEqual([vkey, prepared]);
  });

  test('is not called lost while it is there', async () => {
    const { dataDir, vkey, secret } = await signedLog();
    expect(await rotate(dataDir, '--lost')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('not lost'),
    });
    expect(secretIn(dataDir)).toBe(secret);
    expect(existsSync(join(dataDir, 'log-key.next'))).toBe(false);
    await expectVerified(dataDir, [vkey], RECORDS);
  });
});
