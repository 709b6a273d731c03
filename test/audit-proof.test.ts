import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signCheckpoint } from '../src/audit/checkpoint.js';
import { readSigningKey } from '../src/audit/note-key.js';
import { readProof } from '../src/audit/proof.js';
import { ServedMesh, witan, type Ran } from './served-mesh.js';
import { temporaryFolder } from './service.js';

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const mesh = new ServedMesh({ global: '{}', sales: '{}' });
const other = new ServedMesh({ global: '{}', sales: '{}' });
let id: string;
let vkey: string;
let otherVkey: string;

beforeAll(async () => {
  for (const each of [mesh, other]) {
    await each.start(each === other ? { WITAN_LOG_ORIGIN: 'other.example/log' } : {});
    await each.decide('sales', { count: 300 });
  }
  id = (await mesh.decisions())[7]?.record.id as string;
  vkey = (await mesh.text('/log/keys')).trim();
  otherVkey = (await other.text('/log/keys')).trim();
  // Checkpoints of a log that has grown since.
  for (const [name, each] of [
    ['own', mesh],
    ['others', other],
  ] as const) {
    await each.text('/v1/records/export');
    writeFileSync(file(`${name}.checkpoint`), await each.text('/log/checkpoint'));
    await each.decide('sales', { count: 300 });
    // An export waits until all of the log is sealed: a proof that is made twice names the same checkpoint then.
    await each.text('/v1/records/export');
  }
});
afterAll(async () => {
  await mesh.stop();
  await other.stop();
});

const proof = (...line: readonly string[]): Promise<Ran> => witan('audit', 'proof', ...line);
const verify = (...line: readonly string[]): Promise<Ran> => witan('audit', 'verify', ...line);

describe('witan audit proof', () => {
  const sources = {
    'a service': () => ['--server', mesh.url],
    "a store's folder": () => ['--data-dir', mesh.dataDir],
  };

  test.each(Object.entries(sources))('of %s goes to standard output, or to a file', async (_, source) => {
    const printed = await proof(id, ...source());
    expect(printed).toMatchObject({ code: 0, err: '' });
    const { record, index } = readProof(printed.out);
    expect(JSON.parse(record?.toString() ?? '')).toMatchObject({ id, kind: 'decision' });
    expect(index).toBe((await mesh.get(`/v1/records/${id}`)).sequence);

    const out = file('decision.tlog-proof');
    const written = await proof(id, '--out', out, ...source());
    expect(written).toMatchObject({ code: 0, out: '', err: expect.stringContaining(`wrote ${out}`) });
    expect(readFileSync(out, 'utf8')).toBe(printed.out);
    const verified = await verify(out, '--vkey', vkey);
    expect([verified.code, verified.out]).toEqual([
      0,
      expect.stringContaining('verified: the log has this record'),
    ]);
    // Nobody else vouches for it.
    expect((await verify(out, '--vkey', otherVkey)).code).toBe(1);
  });

  test.each(Object.entries(sources))(
    'of a record that %s lacks is an error, and no file',
    async (_, source) => {
      const out = file('none.tlog-proof');
      const ended = await proof('01979f2b-5d1c-7cc0-a2b1-6f9a3e0d4c55', '--out', out, ...source());
      expect(ended).toMatchObject({ out: '', err: expect.stringContaining('there is no record') });
      expect(ended.code).toBeGreaterThanOrEqual(2);
      expect(existsSync(out)).toBe(false);
    },
  );

  test('that cannot be written, and a source that is none, are said so', async () => {
    const nowhere = join(folder, 'no', 'folder', 'proof');
    expect(await proof(id, '--server', mesh.url, '--out', nowhere)).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot be written'),
    });
    expect(await proof(id, '--data-dir', file('nowhere'))).toMatchObject({
      code: 3,
      err: expect.stringContaining('there is no store'),
    });
    expect(await proof(id, '--server', 'http://127.0.0.1:1')).toMatchObject({ code: 3, out: '' });
  });
});

describe('witan audit verify --server', () => {
  const against = (name: string): readonly string[] => ['--against', file(`${name}.checkpoint`)];

  test('verifies all records, and that the log extends a checkpoint that was kept', async () => {
    const { code, out } = await verify('--server', mesh.url, '--vkey', vkey, ...against('own'));
    expect(out).toMatch(/^extends {2}.*own\.checkpoint, of 30\d records$/m);
    expect(out).toContain('verified: every record is as it was written, and none is missing');
    expect(out).not.toContain('give the one that you know');
    expect(code).toBe(0);
  });

  test('says that the key is the service`s own when none is given', async () => {
    const { code, out } = await verify('--server', mesh.url, ...against('own'));
    expect([code, out]).toEqual([0, expect.stringContaining('give the one that you know by --vkey')]);
  });

  test('is the same as JSON', async () => {
    const { code, out } = await verify(
      '--server',
      mesh.url,
      '--vkey',
      vkey,
      ...against('own'),
      '--format',
      'json',
    );
    expect([code, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({
        verified: true,
        keys_given: true,
        server: expect.objectContaining({
          against: [{ name: file('own.checkpoint'), size: expect.any(Number), extended: true }],
        }),
      }),
    ]);
  });

  test('refuses a checkpoint that no trusted key signed', async () => {
    const { code, err } = await verify('--server', mesh.url, '--vkey', vkey, ...against('others'));
    expect([code, err]).toEqual([2, expect.stringContaining('none of its signatures is of a known key')]);
  });

  test('finds a log that does not extend a checkpoint, although a trusted key signed it', async () => {
    const trusted = ['--vkey', vkey, '--vkey', otherVkey];
    const { code, out } = await verify('--server', mesh.url, ...trusted, ...against('others'));
    expect(code).toBe(1);
    expect(out).toMatch(/not verified: the log does not extend the checkpoint/);
  });

  test('finds a log that ends before a checkpoint that it has signed', async () => {
    const key = readSigningKey(readFileSync(join(mesh.dataDir, 'log-key'), 'utf8').trim());
    const later = signCheckpoint({ origin: key.name, size: 10_000, root: Buffer.alloc(32, 1) }, [key]);
    writeFileSync(file('later.checkpoint'), later);
    const { code, out } = await verify('--server', mesh.url, '--vkey', vkey, ...against('later'));
    expect(code).toBe(1);
    expect(out).toMatch(
      /not verified: the log does not extend the checkpoint `.*later\.checkpoint` of 10000 records/,
    );
  });

  test('finds a service that serves another log', async () => {
    const { code, out } = await verify('--server', other.url, '--vkey', vkey, ...against('own'));
    expect(code).toBe(1);
    expect(out).toContain('none of its signatures is of a known key');
    expect(out).toContain('not verified: the checkpoint in the statement');
  });

  test.each([
    [['--recompile'], 2, '`--recompile` needs a store'],
    [['--vkey', 'nothing'], 2, 'is no file, and no verifier key'],
    [['--against', 'no-such-file'], 2, 'no-such-file'],
  ])('refuses %j', async (more, code, expected) => {
    const ended = await verify('--server', mesh.url, ...more);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(ended.err).toContain(expected);
  });

  test('says of a service that is none that it is not reached', async () => {
    expect(await verify('--server', 'http://127.0.0.1:1', '--vkey', vkey)).toMatchObject({
      code: 3,
      out: '',
    });
  });
});
