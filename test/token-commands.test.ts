import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServedMesh, witan } from './served-mesh.js';
import { write } from './bundles.js';
import { join } from 'node:path';
import { tokenOf } from './tokens.js';

const mesh = new ServedMesh({ global: '{}', sales: '{}' });
let place: readonly string[];
let auditor: readonly string[];
beforeAll(async () => {
  await mesh.start();
  place = ['--server', mesh.url, '--data-dir', mesh.dataDir];
  const file = join(mesh.dataDir, 'eve.token');
  write(file, await tokenOf(mesh.app, 'eve', ['auditor']));
  auditor = ['--token-file', file];
});
afterAll(() => mesh.stop());

describe('witan token', () => {
  test('makes, lists and revokes', async () => {
    const as = [...place, '--as', 'ann'];
    const made = await witan('token', 'create', 'zoe', '--role', 'auditor', '--role', 'steward:sales', ...as);
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^witan_[A-Za-z0-9_-]{43}\n$/) });
    expect(made.err).toMatch(/^made the token [0-9a-f-]{36} for zoe: auditor, steward:sales; /);
    const id = /[0-9a-f-]{36}/.exec(made.err)?.[0] ?? '';

    const used = join(mesh.dataDir, 'zoe.token');
    write(used, made.out);
    expect(await witan('audit', 'query', '--limit', '1', ...place, '--token-file', used)).toMatchObject({
      code: 0,
    });

    const listed = await witan('token', 'list', '--caller', 'zoe', ...as);
    expect(listed).toMatchObject({ code: 0, err: '1 token\n' });
    expect(listed.out).toContain(`${id}  zoe     auditor, steward:sales`);
    const json = JSON.parse((await witan('token', 'list', '--json', ...as)).out);
    expect(json.tokens.map(({ caller }: any) => caller).sort()).toEqual(['ann', 'eve', 'zoe']);

    const revoked = await witan('token', 'revoke', id, '--reason', 'she left', ...as);
    expect(revoked).toEqual({ code: 0, out: '', err: `revoked the token ${id} of zoe\n` });
    expect(await witan('token', 'list', '--caller', 'zoe', ...as)).toMatchObject({ err: '0 tokens\n' });
    expect((await witan('token', 'list', '--caller', 'zoe', '--all', ...as)).out).toContain(
      'revoked 2026-06-01T',
    );
    expect(await witan('audit', 'query', ...place, '--token-file', used)).toMatchObject({
      code: 2,
      err: expect.stringContaining('the token is not valid'),
    });
  });

  test('--json answers what the service does', async () => {
    const { out } = await witan(
      'token',
      'create',
      'zoe',
      '--role',
      'auditor',
      '--expires-at',
      '2026-07-01T00:00:00Z',
      '--json',
      ...place,
      '--as',
      'ann',
    );
    expect(JSON.parse(out)).toMatchObject({
      caller: 'zoe',
      expires_at: '2026-07-01T00:00:00.000Z',
      secret: expect.any(String),
    });
  });

  test.each<[string, () => readonly string[], number, RegExp]>([
    [
      'who may not',
      () => ['token', 'list', ...place, ...auditor],
      1,
      /`eve` may not do this: it needs the role `operator`.*\[forbidden\]/,
    ],
    [
      'a role that is none',
      () => ['token', 'create', 'zoe', '--role', 'king', ...place, '--as', 'ann'],
      2,
      /`king` is no role/,
    ],
    [
      'a token that is not there',
      () => ['token', 'revoke', 'none', '--reason', 'r', ...place, '--as', 'ann'],
      2,
      /there is no token `none`/,
    ],
    [
      'a name that is not there',
      () => ['token', 'list', ...place, '--as', 'bob'],
      2,
      /has no token of `bob`; it has those of ann/,
    ],
    [
      'a reader without the role',
      () => ['audit', 'export', ...place, '--token-file', join(mesh.dataDir, 'gateway.token')],
      1,
      /needs the role `auditor` or `steward`/,
    ],
  ])('says what stands in the way of %s', async (_, line, code, message) => {
    write(join(mesh.dataDir, 'gateway.token'), await tokenOf(mesh.app, 'gateway', ['enforcement_point']));
    const ran = await witan(...line());
    expect(ran.code).toBe(code);
    expect(ran.err).toMatch(message);
    expect(ran.out).toBe('');
  });

  test('who asks without a token is told how to ask', async () => {
    const ran = await witan('audit', 'query', '--server', mesh.url.replace('127.0.0.1', 'localhost'));
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/needs a token with the role `auditor` or `steward`.*--as <name>.*WITAN_TOKEN/);
  });
});
