import Database from 'better-sqlite3';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEntryBundle } from '../src/audit/entry-bundle.js';
import { ServedMesh, witan } from './served-mesh.js';
import { temporaryFolder } from './service.js';
import { fetchAuthorized } from './tokens.js';

const folder = temporaryFolder();
// `ann` is of `marketing`, so what she reads of others is consumed there.
const mesh = new ServedMesh({
  global: '{ retention: P30D, mask: [/context/ticket] }',
  marketing: '{ retention: P60D }',
  finance: '{ retention: P90D }',
  sales: '{}',
});
/** Sequences of the first record that each asks to keep longer. */
const marks = { held: 0, finance: 0, consumed: 0 };
const file = (name: string): string => join(folder, name);
let vkey: string;
let firstTile: Buffer;
let firstIds: readonly string[];

const retention = () => mesh.get('/v1/retention');
const prune = async (): Promise<any> =>
  (await mesh.post('/v1/retention/prunings', { reason: 'its time has ended' })).body;
const seal = () => mesh.text('/v1/records/export');
const sizeOf = async (): Promise<number> => (await mesh.get('/v1/records/counts')).log_size;
const bytesAt = async (path: string): Promise<Buffer> =>
  Buffer.from(await (await fetchAuthorized(`${mesh.url}${path}`)).arrayBuffer());
const kept = (file = join(mesh.dataDir, 'witan.db')): number => {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare('SELECT min(sequence) FROM records').pluck().get() as number;
  } finally {
    db.close();
  }
};

/** Until what was pruned is deleted, a few rows at a time. */
async function swept(to: number): Promise<void> {
  await expect.poll(() => kept(), { timeout: 10_000 }).toBe(to);
}

beforeAll(async () => {
  await mesh.start();
  const context = (index: number) => ({ ticket: `ticket-${index}` });
  await mesh.decide('sales', { count: 300, context });
  marks.held = await sizeOf();
  await mesh.decide('sales', { subject: 'held' });
  await mesh.decide('sales', { count: 400, context });
  marks.consumed = await sizeOf();
  await mesh.decide('sales', { subject: 'ann' });
  await mesh.decide('sales', { count: 600, context });
  marks.finance = await sizeOf();
  await mesh.decide('finance');
  await mesh.decide('sales', { count: 600, context });
  vkey = (await mesh.text('/log/keys')).trim();
  const { records } = await mesh.get('/v1/records?order=oldest&limit=1000');
  firstIds = records.map(({ record }: any) => record.id);
  writeFileSync(file('export.ndjson'), await mesh.text('/v1/records/export'));
  writeFileSync(file('checkpoint'), await mesh.text('/log/checkpoint'));
  writeFileSync(file('old.tlog-proof'), await mesh.text(`/v1/records/${firstIds[5]}/proof`));
  firstTile = await bytesAt('/log/tile/0/000');
});
afterAll(() => mesh.stop());

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Everything that is served and stands in the folder, after the log was pruned up to a record. */
async function checkPruned(minimum: number): Promise<void> {
  expect(await mesh.text('/log/minimum-index')).toBe(`${minimum}\n`);
  const size = await sizeOf();
  const { records } = await mesh.get('/v1/records?order=oldest&limit=1');
  expect(records[0].sequence).toBe(minimum);
  expect(await mesh.get('/v1/records/counts')).toEqual({ total: size - minimum, log_size: size });
  const { by } = await mesh.get('/v1/records/counts?by=kind');
  expect(sumOf(by.values.map(({ count }: any) => count))).toBe(size - minimum);
  for (const path of ['', '/proof', '/masked-values']) {
    expect(await mesh.get(`/v1/records/${firstIds[minimum - 1]}${path}`)).toMatchObject({
      code: 'not_found',
    });
  }
  const last = minimum / 256 - 1;
  expect(await mesh.get(`/log/tile/entries/${String(last).padStart(3, '0')}`)).toMatchObject({
    code: 'not_found',
  });
  expect((await mesh.get('/log/tile/entries/000')).detail).toContain(`records before ${minimum} were pruned`);
  const bundle = readEntryBundle(await bytesAt(`/log/tile/entries/${String(last + 1).padStart(3, '0')}`));
  expect(bundle).toHaveLength(256);
  expect(JSON.parse((bundle?.[0] ?? '').toString())).toEqual(records[0].record);
  expect(await bytesAt('/log/tile/0/000')).toEqual(firstTile);

  writeFileSync(file('pruned.ndjson'), await mesh.text('/v1/records/export'));
  writeFileSync(file('new.tlog-proof'), await mesh.text(`/v1/records/${records[0].record.id}/proof`));
  for (const name of ['pruned.ndjson', 'new.tlog-proof', 'export.ndjson', 'old.tlog-proof']) {
    expect(await witan('audit', 'verify', file(name), '--vkey', vkey), name).toMatchObject({ code: 0 });
  }
  const exported = readFileSync(file('pruned.ndjson'), 'utf8').split('\n');
  expect(JSON.parse(exported[0] ?? '')).toMatchObject({
    sequence: minimum,
    gap: expect.any(String) as string,
  });
  await checkFolder(mesh.dataDir, minimum, await sizeOf());
  const served = await witan(
    'audit',
    'verify',
    '--server',
    mesh.url,
    '--vkey',
    vkey,
    '--against',
    file('checkpoint'),
  );
  expect([served.code, served.out]).toEqual([
    0,
    expect.stringMatching(/^extends .*checkpoint, of \d+ records$/m),
  ]);
}

async function checkFolder(dataDir: string, minimum: number, size: number): Promise<void> {
  const { code, out } = await witan(
    ...['audit', 'verify', '--data-dir', dataDir, '--vkey', vkey],
    ...['--against', file('checkpoint'), '--format', 'json'],
  );
  const { log } = JSON.parse(out);
  expect([code, log]).toEqual([
    0,
    expect.objectContaining({ faults: [], minimum_index: minimum, records: size - minimum, sealed: size }),
  ]);
}

describe('a log whose layers say how long it is kept', () => {
  test('is kept while that lasts', async () => {
    expect(await retention()).toMatchObject({
      minimum_index: 0,
      prunable_to: 0,
      kept_by: { sequence: 0, because: 'retention', layer: 'global', duration: 'P30D' },
    });
    const size = await sizeOf();
    expect(await prune()).toMatchObject({ prunable_to: 0 });
    expect(await sizeOf()).toBe(size);
  });

  test('is pruned in whole bundles, up to the first record that a hold covers', async () => {
    const { body: hold } = await mesh.post('/v1/holds', { query: 'subject=held', reason: 'a lawsuit' });
    mesh.passDays(31);
    expect(await retention()).toEqual({
      minimum_index: 0,
      prunable_to: 256,
      kept_by: {
        sequence: marks.held,
        id: firstIds[marks.held],
        time: '2026-06-01T00:00:00.000Z',
        because: 'hold',
        hold,
      },
    });
    expect(await prune()).toMatchObject({ minimum_index: 0, prunable_to: 256 });
    await swept(256);
    await checkPruned(256);
    expect((await mesh.post(`/v1/holds/${hold.id}/release`, { reason: 'settled' })).status).toBe(204);
  });

  test('and up to the first that the consuming domain keeps longer', async () => {
    const seed = await mesh.get('/v1/records?kind=seed');
    expect(seed.records).toEqual([]);
    expect(await prune()).toMatchObject({ minimum_index: 256, prunable_to: 512 });
    expect((await retention()).kept_by).toMatchObject({
      sequence: marks.consumed,
      because: 'retention',
      layer: 'marketing',
      duration: 'P60D',
    });
    await swept(512);
    await checkPruned(512);
  });

  test('says on record what was pruned, and what is in force', async () => {
    const { records } = await mesh.get('/v1/records?kind=pruning&order=oldest');
    expect(records.map(({ record }: any) => record)).toMatchObject([
      { previous_minimum_index: 0, minimum_index: 256, reason: 'its time has ended', revision: 1 },
      { previous_minimum_index: 256, minimum_index: 512 },
    ]);
    const { layers, toolchain } = records[0].record;
    expect(layers.map(({ layer }: any) => layer).sort()).toEqual(['finance', 'global', 'marketing', 'sales']);
    expect(layers[0]).toMatchObject({
      digest: expect.stringMatching(/^sha256:/) as string,
      module: expect.stringMatching(/^sha256:/) as string,
    });
    expect(toolchain.opa).toMatch(/^\d+\./);
    // The record of the seed is gone: what says which modules were in force is this one.
    const [kept] = (await mesh.get('/v1/records?kind=decision&order=oldest&limit=1')).records;
    const replayed = await mesh.post(`/v1/records/${kept.record.id}/replay`, {});
    expect(replayed).toMatchObject({ status: 200, body: { equal: true, toolchain: 'same' } });
    const recompiled = await witan('audit', 'verify', '--recompile', '--data-dir', mesh.dataDir);
    expect(recompiled).toMatchObject({ code: 0 });
  });

  test('is the same after a restart, also when deleting was interrupted and the index is gone', async () => {
    await mesh.stop();
    // What a kill in the middle of deleting leaves behind.
    const database = join(mesh.dataDir, 'witan.db');
    const db = new Database(database);
    const put = db.prepare('INSERT INTO records (sequence, id, body) VALUES (?, ?, ?)');
    for (let sequence = 200; sequence < 512; sequence += 1) {
      const body = Buffer.from(`{"id":"${firstIds[sequence]}","kind":"decision"}`);
      put.run(sequence, firstIds[sequence], body);
    }
    db.close();
    for (const end of ['', '-wal', '-shm'])
      rmSync(join(mesh.dataDir, `record-index.db${end}`), { force: true });
    const copy = file('interrupted');
    cpSync(mesh.dataDir, copy, { recursive: true });
    const size = await sizeIn(copy);
    await checkFolder(copy, 512, size);
    await mesh.start();
    await checkPruned(512);
    await swept(512);
    await checkPruned(512);
  });

  test('is pruned by the clock at start, up to what the owning domain keeps longer', async () => {
    await seal();
    mesh.passDays(30);
    await mesh.stop();
    await mesh.start();
    const to = Math.floor(marks.finance / 256) * 256;
    await expect.poll(() => mesh.text('/log/minimum-index'), { timeout: 10_000 }).toBe(`${to}\n`);
    expect((await retention()).kept_by).toMatchObject({
      sequence: marks.finance,
      because: 'retention',
      layer: 'finance',
    });
    await swept(to);
    const { records } = await mesh.get('/v1/records?kind=pruning&limit=1');
    expect(records[0].record).toMatchObject({ caller: { id: 'witan' }, minimum_index: to });
  });

  test('is pruned as far as its last checkpoint at most, when nothing is kept', async () => {
    mesh.passDays(400);
    await seal();
    const size = await sizeOf();
    const to = Math.floor(size / 256) * 256;
    expect(await retention()).toMatchObject({ prunable_to: to });
    expect((await retention()).kept_by).toBeUndefined();
    await prune();
    await swept(to);
    const { total } = await mesh.get('/v1/records/counts');
    expect(total).toBe(size + 1 - to);
    await seal();
    await checkFolder(mesh.dataDir, to, size + 1);
    const masked = new Database(join(mesh.dataDir, 'witan.db'), { readonly: true });
    expect(
      masked.prepare('SELECT count(*) FROM masked_values WHERE erased = 0 AND sequence < ?').pluck().get(to),
    ).toBe(0);
    masked.close();
  });
});

async function sizeIn(dataDir: string): Promise<number> {
  const { out } = await witan('audit', 'verify', '--data-dir', dataDir, '--format', 'json');
  const { log } = JSON.parse(out);
  return sumOf([log.minimum_index, log.records]);
}

test('a log without retention is kept for good, whatever a domain says', async () => {
  const forever = new ServedMesh({ global: '{}', sales: '{ retention: P1D }' });
  await forever.start();
  await forever.decide('sales', { count: 600 });
  await forever.text('/v1/records/export');
  forever.passDays(4000);
  // The records of the mesh itself stand first, and nothing says that their time ends.
  const kept = { minimum_index: 0, prunable_to: 0, kept_by: { sequence: 0, because: 'no_retention' } };
  expect(await forever.get('/v1/retention')).toMatchObject(kept);
  expect((await forever.post('/v1/retention/prunings', { reason: 'r' })).body).toMatchObject(kept);
  expect(await forever.text('/log/minimum-index')).toBe('0\n');
  expect((await forever.post('/v1/retention/prunings', {})).status).toBe(400);
  await forever.stop();
});
