import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitmentOf } from '../src/audit/redaction.js';
import { ServedMesh, witan } from './served-mesh.js';
import { temporaryFolder } from './service.js';

const mesh = new ServedMesh({
  global: '{ mask: [/context/ticket, /context/patient, /subject/properties/email] }',
  sales: '{}',
  finance: '{}',
});
const folder = temporaryFolder();
let vkey: string;

beforeAll(async () => {
  await mesh.start();
  vkey = (await mesh.text('/log/keys')).trim();
});
afterAll(() => mesh.stop());

interface Masked {
  readonly pointer: string;
  readonly value: unknown;
  readonly salt: string;
  readonly commitment: string;
}

const masked = async (id: string): Promise<readonly Masked[]> =>
  (await mesh.get(`/v1/records/${id}/masked-values`)).values;

const erase = (request: object) => mesh.post('/v1/erasures', { reason: 'asked for', ...request });
const hold = (query: string) => mesh.post('/v1/holds', { query, reason: 'a lawsuit' });
const release = (id: string) => mesh.post(`/v1/holds/${id}/release`, { reason: 'it is settled' });

/** Decides with values that nothing else has, and answers the ids of the records. */
async function decided(name: string, count = 1, domain = 'sales'): Promise<readonly string[]> {
  const before = (await mesh.decisions()).length;
  await mesh.decide(domain, {
    count,
    context: (index) => ({
      ticket: `ticket-of-${name}-${index}-${'t'.repeat(index % 200)}`,
      patient: { name: `patient-of-${name}-${index}`, ward: 7, first: 1 },
      name,
    }),
  });
  return (await mesh.decisions()).slice(before).map(({ record }) => record.id);
}

/** What of these bytes stands in any file of the store. */
function found(texts: readonly Buffer[]): readonly string[] {
  const files = ['witan.db', 'witan.db-wal', 'record-index.db', 'record-index.db-wal']
    .map((name) => join(mesh.dataDir, name))
    .filter(existsSync)
    .map((file) => readFileSync(file));
  return texts.filter((text) => files.some((bytes) => bytes.includes(text))).map(String);
}

/** The bytes that erasing must leave nowhere: the values, and their salts. */
function secretsOf(values: readonly Masked[]): readonly Buffer[] {
  return values.flatMap(({ value, salt }) => [
    Buffer.from(JSON.stringify(value).slice(1, -1)),
    Buffer.from(salt, 'base64'),
  ]);
}

const verified = async (...more: readonly string[]) => {
  await mesh.text('/v1/records/export');
  return witan('audit', 'verify', '--data-dir', mesh.dataDir, '--vkey', vkey, '--format', 'json', ...more);
};

describe('masked values', () => {
  test('are shown with the salt, and the commitment that the record has', async () => {
    const [id = ''] = await decided('shown');
    const { record } = await mesh.get(`/v1/records/${id}`);
    const values = await masked(id);
    expect(values.map(({ pointer, value }) => ({ pointer, value }))).toEqual([
      { pointer: '/context/ticket', value: 'ticket-of-shown-0-' },
      { pointer: '/context/patient', value: { first: 1, name: 'patient-of-shown-0', ward: 7 } },
    ]);
    for (const { pointer, value, salt, commitment } of values) {
      const bytes = Buffer.from(salt, 'base64');
      expect(bytes).toHaveLength(16);
      expect(commitmentOf(bytes, JSON.stringify(value))).toBe(commitment);
      expect(record.evaluation.context[pointer.slice('/context/'.length)]).toEqual({ masked: commitment });
    }
  });

  test('are none of a record that masks nothing, and of no record that is not there', async () => {
    const { records } = await mesh.get('/v1/records?kind=seed');
    expect(await masked(records[0].record.id)).toEqual([]);
    expect(await mesh.get('/v1/records/none/masked-values')).toMatchObject({ code: 'not_found' });
  });
});

describe('erasing', () => {
  test('by a query leaves no byte of value or salt in any file, and says so on record', async () => {
    const ids = await decided('query', 300);
    const values = (await Promise.all(ids.map(masked))).flat();
    expect(new Set(found(secretsOf(values))).size).toBe(1200);
    const { status, body } = await erase({ query: 'subject=bob&domain=sales&kind=decision' });
    expect(status).toBe(200);
    expect(body.records).toBeGreaterThanOrEqual(300);
    expect(body.values).toBe(body.records * 2);
    expect(found(secretsOf(values))).toEqual([]);

    for (const id of ids.slice(0, 3)) {
      expect(await masked(id)).toEqual([
        { pointer: '/context/ticket', erased: true },
        { pointer: '/context/patient', erased: true },
      ]);
    }
    const named: string[] = [];
    for (const id of body.acts) {
      const { record, sequence } = await mesh.get(`/v1/records/${id}`);
      expect(record).toMatchObject({ kind: 'erasure', reason: 'asked for', caller: { id: 'ann' } });
      for (const erased of record.records) {
        expect(erased.sequence).toBeLessThan(sequence);
        expect(erased.pointers).toEqual(['/context/patient', '/context/ticket']);
      }
      expect(record.records.length).toBeLessThanOrEqual(500);
      named.push(...record.records.map((each: { readonly id: string }) => each.id));
    }
    expect(new Set(named).size).toBe(body.records);
    expect(JSON.parse((await verified()).out)).toMatchObject({ verified: true });
  });

  test('leaves no copy behind when only some values go, again and again', async () => {
    const ids = await decided('some', 400);
    const values = new Map<string, readonly Masked[]>();
    for (const id of ids) values.set(id, await masked(id));
    const gone = ids.filter((_, index) => (index * 7) % 3 !== 0);
    for (let at = 0; at < gone.length; at += 40) {
      expect((await erase({ records: gone.slice(at, at + 40) })).status).toBe(200);
      await decided('more', 10);
    }
    const kept = ids.filter((id) => !gone.includes(id));
    expect(found(gone.flatMap((id) => secretsOf(values.get(id) ?? [])))).toEqual([]);
    for (const id of kept) expect(await masked(id)).toEqual(values.get(id));
  });

  test('by ids takes those alone, each once, in one act', async () => {
    const ids = await decided('ids', 4);
    const { body } = await erase({ records: [ids[0], ids[2], ids[0]] });
    expect(body).toMatchObject({ records: 2, values: 4 });
    expect(body.acts).toHaveLength(1);
    expect((await masked(ids[1] ?? '')).map((each) => 'erased' in each)).toEqual([false, false]);
    expect((await masked(ids[2] ?? '')).map((each) => 'erased' in each)).toEqual([true, true]);
  });

  test.each([
    [['/context/ticket'], ['/context/ticket']],
    [['/context'], ['/context/ticket', '/context/patient']],
    [[''], ['/context/ticket', '/context/patient']],
    [
      ['/context/patient', '/context/ticket'],
      ['/context/ticket', '/context/patient'],
    ],
    [['/context/patient/name'], []],
    [['/context/tick'], []],
    [['/subject'], []],
  ])('at the pointers %j takes %j', async (pointers, expected) => {
    const [id = ''] = await decided('pointers');
    const { body } = await erase({ records: [id], pointers });
    expect(body.values).toBe(expected.length);
    const erased = (await masked(id)).filter((each) => 'erased' in each).map(({ pointer }) => pointer);
    expect(erased).toEqual(expected);
  });

  test('a second time finds nothing, and is not on record', async () => {
    const [id = ''] = await decided('twice');
    expect((await erase({ records: [id], pointers: ['/context/ticket'] })).body.values).toBe(1);
    expect((await erase({ records: [id] })).body).toMatchObject({ records: 1, values: 1 });
    const size = (await mesh.get('/v1/records/counts')).log_size;
    expect(await erase({ records: [id] })).toEqual({
      status: 200,
      body: { acts: [], records: 0, values: 0 },
    });
    expect((await mesh.get('/v1/records/counts')).log_size).toBe(size);
  });

  test.each([
    ['neither query nor records', {}, 400, 'invalid_request'],
    ['both', { query: 'subject=bob', records: ['x'] }, 400, 'invalid_request'],
    ['a query that is none', { query: 'knd=decision' }, 400, 'invalid_request'],
    ['no record at all', { records: [] }, 400, 'invalid_request'],
    ['a pointer that is none', { query: 'subject=bob', pointers: ['context'] }, 400, 'invalid_request'],
    ['no reason', { query: 'subject=bob', reason: '' }, 400, 'invalid_request'],
    ['a record that is not there', { records: ['none'] }, 404, 'not_found'],
  ])('refuses %s', async (_, request, status, code) => {
    const answer = await erase(request);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('erases nothing when one of the records is not there', async () => {
    const [id = ''] = await decided('missing');
    expect((await erase({ records: [id, 'none'] })).status).toBe(404);
    expect((await masked(id)).some((each) => 'erased' in each)).toBe(false);
  });

  test('leaves every proof and every export of before as good as it was, and no replay', async () => {
    const [id = ''] = await decided('proved');
    const [proof, exported] = [join(folder, 'before.tlog-proof'), join(folder, 'before.ndjson')];
    writeFileSync(proof, await mesh.text(`/v1/records/${id}/proof`));
    writeFileSync(exported, await mesh.text('/v1/records/export'));
    const checkpoint = join(folder, 'before.checkpoint');
    writeFileSync(checkpoint, await mesh.text('/log/checkpoint'));
    const before = await mesh.post(`/v1/records/${id}/replay`, {});
    expect(before).toMatchObject({ status: 200, body: { equal: true } });
    const bytes = await mesh.text(`/v1/records/${id}`);

    expect((await erase({ records: [id] })).body.values).toBe(2);
    expect(await mesh.text(`/v1/records/${id}`)).toBe(bytes);
    expect(await mesh.post(`/v1/records/${id}/replay`, {})).toMatchObject({
      status: 409,
      body: { code: 'not_replayable' },
    });
    for (const file of [proof, exported]) {
      expect(await witan('audit', 'verify', file, '--vkey', vkey)).toMatchObject({ code: 0 });
    }
    const { code, out } = await verified('--against', checkpoint);
    expect([code, JSON.parse(out).verified]).toEqual([0, true]);
  });
});

describe('a legal hold', () => {
  test('keeps every value of what it covers, also of what is asked for before it', async () => {
    const free = await decided('free');
    const [held = ''] = await decided('held', 1, 'finance');
    const placed = await hold('domain=finance&kind=decision');
    expect(placed).toMatchObject({
      status: 201,
      body: { query: 'domain=finance&kind=decision', reason: 'a lawsuit' },
    });
    const { id } = placed.body;
    expect((await mesh.get('/v1/holds')).holds).toEqual([placed.body]);

    for (const request of [{ query: 'subject=bob' }, { records: [...free, held] }]) {
      const refused = await erase(request);
      expect([refused.status, refused.body.code]).toEqual([409, 'under_hold']);
      expect(refused.body.detail).toContain(id);
    }
    expect((await masked(free[0] ?? '')).some((each) => 'erased' in each)).toBe(false);
    // What the hold does not cover is free, and so is what has nothing to erase.
    expect((await erase({ records: free })).status).toBe(200);
    expect((await erase({ records: [held], pointers: ['/context/nothing'] })).body.values).toBe(0);

    // Those to come are held as well.
    const [later = ''] = await decided('later', 1, 'finance');
    expect((await erase({ records: [later] })).status).toBe(409);

    expect((await release(id)).status).toBe(204);
    expect((await release(id)).body).toMatchObject({ status: 404, code: 'not_found' });
    expect((await mesh.get('/v1/holds')).holds).toEqual([]);
    expect((await erase({ records: [held, later] })).body.values).toBe(4);
    const { records } = await mesh.get('/v1/records?kind=hold&domain=finance');
    expect(records.map(({ record }: any) => [record.event, record.hold, record.reason])).toEqual([
      ['released', id, 'it is settled'],
      ['placed', id, 'a lawsuit'],
    ]);
  });

  test('stands after a restart', async () => {
    const { body } = await hold('text=nothing');
    await mesh.stop();
    await mesh.start();
    expect((await mesh.get('/v1/holds')).holds).toEqual([body]);
    expect((await release(body.id)).status).toBe(204);
  });

  test('that overtakes an erasure in the making is not overtaken by it', async () => {
    const ids = await decided('raced', 50);
    const [placed, erased] = await Promise.all([hold('subject=bob&domain=sales'), erase({ records: ids })]);
    expect(placed.status).toBe(201);
    // Whichever came first: all of it is erased, or nothing.
    const left = (await Promise.all(ids.map(masked))).flat().filter((each) => !('erased' in each)).length;
    expect([erased.status, left]).toEqual(erased.status === 409 ? [409, 100] : [200, 0]);
    expect((await release(placed.body.id)).status).toBe(204);
  });

  test.each([
    [{ query: 'knd=decision', reason: 'x' }, 400],
    [{ query: 'kind=decision' }, 400],
    [{ reason: 'x' }, 400],
  ])('is not %j', async (request, status) => {
    expect((await mesh.post('/v1/holds', request)).status).toBe(status);
  });
});

test('after all of it the log verifies, and says of every value that is gone that it was erased', async () => {
  const { code, out } = await verified();
  expect([code, JSON.parse(out).log.faults]).toEqual([0, []]);
});
