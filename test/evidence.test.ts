import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCheckpoint } from '../src/audit/checkpoint.js';
import { signingKeyOf, writeVerifierKey } from '../src/audit/note-key.js';
import { tilePath, tileWidth, TILE_WIDTH, type TileLevel } from '../src/audit/tile.js';
import { policiesFolder, seedFolder } from './bundles.js';
import { jsonOf, post, runShell, startService, temporaryFolder, type RunningService } from './service.js';
import { goIsMissing, verifyLogFolder } from './tlog/verify-log-folder.js';
import { fetchAuthorized } from './tokens.js';

const dataDir = join(temporaryFolder(), 'data');
let service: RunningService;
beforeAll(async () => {
  service = await startService({
    WITAN_DATA_DIR: dataDir,
    WITAN_LOG_ORIGIN: 'witan.example/log',
    WITAN_POLICIES: policiesFolder({ global: { open: { rules: 'permit := true' } } }),
    WITAN_SEED: seedFolder(['sales']),
  });
});
afterAll(async () => {
  expect(await service.stop()).toBe(0);
});

const get = (path: string, method = 'GET'): Promise<Response> =>
  fetchAuthorized(`${service.url}${path}`, { method });
const textOf = async (path: string): Promise<string> => (await get(path)).text();
const sizeOf = (note: string): number => readCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1)).size;

/** Makes decisions and answers their ids. */
async function decide(count: number, text = ''): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 20) {
    const some = Array.from({ length: Math.min(20, count - n) }, (_, k) =>
      post(`${service.url}/access/v1/evaluation`, {
        subject: { type: 'user', id: `user-${n + k}` },
        action: { name: 'read' },
        resource: { type: 'data_product', id: 'urn:sales:orders' },
        context: { text },
      }).then(jsonOf),
    );
    for (const { context } of await Promise.all(some)) ids.push(String(context.id));
  }
  return ids;
}

/** The log's checkpoint when it covers the record of an id. */
async function checkpointWith(id: string): Promise<string> {
  // A proof seals.
  expect((await get(`/v1/records/${id}/proof`)).status).toBe(200);
  return textOf('/log/checkpoint');
}

async function download(folder: string, file: string, path: string): Promise<void> {
  const response = await get(path);
  expect({ path, status: response.status }).toEqual({ path, status: 200 });
  const target = join(folder, file);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, Buffer.from(await response.arrayBuffer()));
}

/** All tiles that a log of a size has. */
function tilesOf(size: number): readonly string[] {
  const levels: TileLevel[] = ['entries', 0, 1, 2];
  return levels.flatMap((level) => {
    const paths: string[] = [];
    for (let index = 0; tileWidth(level, index, size) > 0; index += 1) {
      paths.push(tilePath(level, index, tileWidth(level, index, size)));
    }
    return paths;
  });
}

describe('the log over HTTP', () => {
  test.skipIf(goIsMissing)(
    "is verified by Go's own code, with an earlier checkpoint and proofs (skipped without Go)",
    async () => {
      const folder = temporaryFolder();
      const early = await decide(150);
      writeFileSync(join(folder, 'older-checkpoint'), await checkpointWith(early.at(-1)!));
      const late = await decide(150);
      const checkpoint = await checkpointWith(late.at(-1)!);
      const size = sizeOf(checkpoint);
      expect(size).toBeGreaterThan(300);
      writeFileSync(join(folder, 'checkpoint'), checkpoint);
      await download(folder, 'vkey', '/log/keys');
      for (const path of tilesOf(size)) await download(folder, path, `/log/${path}`);
      const proved = [early[0]!, early.at(-1)!, late[0]!, late.at(-1)!];
      for (const id of proved) await download(folder, `${id}.tlog-proof`, `/v1/records/${id}/proof`);
      const { code, stdout, stderr } = verifyLogFolder(folder);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(stdout).toContain(`checkpoint: witan.example/log, ${size} records, signed`);
      expect(stdout).toMatch(/older-checkpoint: its \d+ records are the first of the \d+/);
      for (const id of proved) expect(stdout).toContain(`${id}.tlog-proof: record `);
    },
  );

  test('is served with its types, and kept by caches as long as it stays what it is', async () => {
    await checkpointWith((await decide(TILE_WIDTH)).at(-1)!);
    const headers = async (path: string): Promise<readonly (string | null)[]> => {
      const response = await get(path);
      return [response.headers.get('content-type'), response.headers.get('cache-control')];
    };
    const plain = 'text/plain; charset=utf-8';
    for (const path of ['/log/checkpoint', '/log/keys', '/log/minimum-index']) {
      expect(await headers(path)).toEqual([plain, 'no-cache']);
    }
    const immutable = 'private, max-age=31536000, immutable';
    expect(await headers('/log/tile/0/000')).toEqual(['application/octet-stream', immutable]);
    expect(await headers('/log/tile/entries/000')).toEqual(['application/octet-stream', immutable]);
    expect(await headers('/log/tile/1/000.p/1')).toEqual(['application/octet-stream', 'private, max-age=60']);
    expect(await textOf('/log/minimum-index')).toBe('0\n');
    expect(await textOf('/log/keys')).toMatch(/^witan\.example\/log\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*\n$/);
    // A width that a tile once had is served also when it has grown.
    const [full, partial] = await Promise.all(
      ['/log/tile/0/000', '/log/tile/0/000.p/17'].map(async (path) =>
        Buffer.from(await (await get(path)).arrayBuffer()),
      ),
    );
    expect(partial).toEqual(full!.subarray(0, 17 * 32));
  });

  test.each([
    '/log/tile/0/x999/000',
    '/log/tile/0/x009/x007/x199/x254/x740/991',
    '/log/tile/7/000',
    '/log/tile/63/000',
    '/log/tile/64/000',
    '/log/tile/0/0',
    '/log/tile/0/000.p/0',
    '/log/tile/0/000.p/256',
    '/log/tile/0/000.p/017',
    '/log/tile/0/x000/000',
    '/log/tile/00/000',
    '/log/tile/0/000/',
    '/log/tile/0//000',
    '/log/tile/0/%30%30%30',
    '/log/tile/0/..%2f000',
    '/log/tile/entries/x999/000',
    '/log/tile/entries/x009/x007/x199/x254/x740/991',
    '/log/tile/entries/000.p/999',
    '/log/tile/-1/000',
    '/log/tile/data/000',
    '/log/tile/',
    '/log/tile',
    '/log/other',
    '/v1/records/none/proof',
    '/v1/records/%00/proof',
  ])('%s is not there', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await jsonOf(response)).toMatchObject({ code: 'not_found' });
  });

  test.each(['/log/checkpoint', '/log/keys', '/log/tile/0/000', '/v1/records/x/proof'])(
    '%s takes no other method',
    async (path) => {
      for (const method of ['POST', 'PUT', 'DELETE']) {
        const response = await get(path, method);
        expect({ method, status: response.status }).toEqual({ method, status: 405 });
        expect(response.headers.get('allow')).toContain('GET');
      }
    },
  );

  test('a record that no bundle can carry is said so, and its proof holds', async () => {
    const [id] = await decide(1, 'x'.repeat(70_000));
    await checkpointWith(id!);
    const { record, sequence } = await jsonOf(get(`/v1/records/${id!}`));
    expect(record.context ?? record.evaluation.context.text).toHaveLength(70_000);
    const width = (sequence % TILE_WIDTH) + 1;
    const response = await get(`/log/${tilePath('entries', Math.floor(sequence / TILE_WIDTH), width)}`);
    expect(response.status).toBe(404);
    expect((await jsonOf(response)).detail).toBe(
      `record ${sequence} is longer than the 65535 bytes that an entry of a bundle can have: see /v1/records`,
    );
    const folder = temporaryFolder();
    await download(folder, 'long.tlog-proof', `/v1/records/${id!}/proof`);
    await download(folder, 'vkey', '/log/keys');
    const { code, stdout } = await runShell(
      `node dist/cli/main.js audit verify ${folder}/long.tlog-proof --vkey ${folder}/vkey --json`,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verified: true, proof: { index: sequence } });
  });
});

describe('witan audit verify', () => {
  const folder = temporaryFolder();
  const copy = join(folder, 'copy');
  const file = (name: string): string => join(folder, name);
  let vkey = '';
  let id = '';
  let sequence = 0;

  beforeAll(async () => {
    const ids = await decide(40);
    id = ids[20]!;
    ({ sequence } = await jsonOf(get(`/v1/records/${id}`)));
    writeFileSync(file('checkpoint'), await checkpointWith(ids.at(-1)!));
    vkey = (await textOf('/log/keys')).trim();
    writeFileSync(file('vkey'), `\n${vkey}\n`);
    writeFileSync(file('empty'), '\n');
    writeFileSync(file('other-vkey'), writeVerifierKey(signingKeyOf('other', Buffer.alloc(32, 5))));
    await download(folder, 'record.tlog-proof', `/v1/records/${id}/proof`);
    const source = new Database(join(dataDir, 'witan.db'), { readonly: true });
    mkdirSync(copy);
    // As a backup is made, without stopping the service.
    await source.backup(join(copy, 'witan.db'));
    source.close();
    copyFileSync(join(copy, 'witan.db'), file('alone.db'));
    cpSync(copy, file('tampered'), { recursive: true });
    const db = new Database(join(file('tampered'), 'witan.db'));
    db.prepare(
      `UPDATE records SET body = CAST(replace(body, '"decision":', '"decision" :') AS BLOB) WHERE sequence = ?`,
    ).run(sequence);
    db.close();
    cpSync(copy, file('triggered'), { recursive: true });
    const more = new Database(join(file('triggered'), 'witan.db'));
    more.exec('CREATE TRIGGER t AFTER INSERT ON records BEGIN SELECT 1; END');
    more.close();
    for (const name of ['published', 'piped']) cpSync(copy, file(name), { recursive: true });
    execFileSync('mkfifo', [join(file('published'), 'checkpoint'), file('pipe')]);
    rmSync(join(file('piped'), 'witan.db'));
    execFileSync('mkfifo', [join(file('piped'), 'witan.db')]);
    writeFileSync(file('noise'), Buffer.alloc(1000, 7));
    writeFileSync(file('nothing'), '');
    const proof = readFileSync(file('record.tlog-proof'), 'utf8');
    writeFileSync(file('false.tlog-proof'), proof.replace(`index ${sequence}`, `index ${sequence + 1}`));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const verify = (words: string) =>
    runShell(`cd ${folder} && node $OLDPWD/dist/cli/main.js audit verify ${words}`);

  test('verifies the folder of a service that decides at this moment', async () => {
    const deciding = decide(200);
    const { code, stdout } = await verify(`--data-dir ${dataDir} --against checkpoint --vkey vkey`);
    await deciding;
    expect(stdout).toMatch(/^records {2}\d+\nsealed {3}up to record \d+, by 1 checkpoint/);
    expect(stdout).toMatch(/\nverified: /);
    expect(code).toBe(0);
  });

  test.each([
    [
      'a copy of the folder',
      'copy --vkey vkey',
      /\nverified: every record is as it was written, and none is missing\n$/,
    ],
    ['a copy of the database alone', 'alone.db --vkey $(cat vkey) --against checkpoint', /\nverified: /],
    [
      'without a key, and says whose it trusts',
      'copy',
      /the log's own: give the one that you know by --vkey\nverified/,
    ],
    [
      'a proof',
      'record.tlog-proof --vkey vkey',
      /^log {6}witan\.example\/log, \d+ records\n[^]*\nverified: the log has this record\n$/,
    ],
  ])('verifies %s', async (_, words, output) => {
    const { code, stdout, stderr } = await verify(words);
    expect(stderr).toBe('');
    expect(stdout).toMatch(output);
    expect(code).toBe(0);
  });

  test('names the record that was changed, in words and as JSON', async () => {
    const [words, json] = await Promise.all([verify('tampered --vkey vkey'), verify('tampered --json')]);
    expect(words.code).toBe(1);
    expect(words.stdout).toContain(`✗ record ${sequence} (${id}): it is not the record that the tree has`);
    expect(words.stdout).toContain(`; the first bad record is ${sequence}\n`);
    expect(json.code).toBe(1);
    const { verified, keys_given, log } = JSON.parse(json.stdout);
    expect({ verified, keys_given }).toEqual({ verified: false, keys_given: false });
    expect(log.faults[0]).toMatchObject({ sequence, id });
  });

  test.each([
    [
      'a key of another log',
      'copy --vkey other-vkey',
      1,
      /no checkpoint of the log is signed by a key that is trusted/,
    ],
    ['a proof that was changed', 'false.tlog-proof --vkey vkey', 1, /not verified: the proof does not hold/],
    [
      'a proof and another key',
      'record.tlog-proof --vkey other-vkey',
      1,
      /none of its signatures is of a known key/,
    ],
    ['a proof without a key', 'record.tlog-proof', 2, /give it by `--vkey`/],
    [
      'a proof against a checkpoint',
      'record.tlog-proof --vkey vkey --against checkpoint',
      2,
      /`--against` needs a log/,
    ],
    ['a file without keys', 'copy --vkey empty', 2, /`empty` holds no verifier key/],
    [
      'a file with what is no key',
      'copy --vkey checkpoint',
      2,
      /`checkpoint` holds what is no verifier key: /,
    ],
    [
      'a key that is none',
      'copy --vkey somewhere.vkey',
      2,
      /`somewhere.vkey` is no file, and no verifier key: /,
    ],
    ['a checkpoint that is not there', 'copy --against gone', 2, /`gone` does not exist/],
    ['a checkpoint that is none', 'copy --against vkey', 2, /`vkey`: the signed note: /],
    ['nothing', 'gone', 2, /`gone` does not exist/],
    ['a file of something else', 'noise', 2, /`noise` is nothing that can be verified/],
    ['an empty file', 'nothing', 2, /`nothing` is nothing that can be verified/],
    ['a pipe', 'pipe', 2, /`pipe` is neither a file nor a folder/],
    ['a pipe for the database', 'piped', 3, /`piped\/witan.db` is no file/],
    ['a pipe for the checkpoint', 'published', 1, /the checkpoint that was published does not hold/],
    ['a device', '/dev/zero', 2, /`\/dev\/zero` is neither a file nor a folder/],
    ['a folder without a store', '/usr', 3, /there is no store in `\/usr`/],
    ['a database that was added to', 'triggered', 3, /was changed: the trigger `t` is not as witan makes it/],
  ])('with %s', async (_, words, expected, output) => {
    const { code, stdout, stderr } = await verify(words);
    expect(`${stdout}${stderr}`).toMatch(output);
    expect(code).toBe(expected);
  });
});
