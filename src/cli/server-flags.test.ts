import { afterAll, describe, expect, it } from 'vitest';
import { bearerOf, serverOf, type BearerFlags } from './server-flags.js';
import { folderOf } from './testing/bench.js';

const folder = folderOf({
  'data/demo-tokens.json': JSON.stringify({
    uma: { token: 'witan_uma', roles: ['auditor'] },
    bad: { token: 'a b' },
  }),
  'other/demo-tokens.json': '{"uma": {"token": "witan_other"}}',
  'broken/demo-tokens.json': '{"uma": {"token": "witan_secret',
  'operator-token.json': '{"token": "witan_operator", "roles": ["operator"]}',
  'plain.token': 'witan_plain\n',
  'two.token': 'witan_one\nwitan_two\n',
  'none.json': '{"roles": []}',
});
afterAll(() => {
  folder.remove();
});
const at = (path: string): string => `${folder.path}/${path}`;
const dataDir = at('data');

describe('as whom a service is asked', () => {
  it.each<[string, BearerFlags, Record<string, string>, string | undefined]>([
    ['nobody', {}, {}, undefined],
    ['an empty variable says nothing', {}, { WITAN_TOKEN: '' }, undefined],
    ['the variable', {}, { WITAN_TOKEN: ' witan_env\n' }, 'witan_env'],
    ['a name of the demo', { as: 'uma', dataDir }, {}, 'witan_uma'],
    [
      'a name, by the folder of the environment',
      { as: 'uma' },
      { WITAN_DATA_DIR: at('other') },
      'witan_other',
    ],
    ['the flag before the variable', { as: 'uma', dataDir }, { WITAN_TOKEN: 'witan_env' }, 'witan_uma'],
    ['a file', { tokenFile: at('plain.token') }, { WITAN_TOKEN: 'witan_env' }, 'witan_plain'],
    ['a file as the service writes it', { tokenFile: at('operator-token.json') }, {}, 'witan_operator'],
  ])('%s', (_, flags, environment, token) => {
    expect(bearerOf(flags, environment)).toEqual(token === undefined ? {} : { token });
  });

  it.each<[string, BearerFlags, Record<string, string>, string]>([
    ['two flags', { as: 'uma', tokenFile: at('plain.token') }, {}, 'not both'],
    ['an unknown name', { as: 'zoe', dataDir }, {}, 'has no token of `zoe`; it has those of uma, bad'],
    ['a name that every object has', { as: 'constructor', dataDir }, {}, 'has no token of `constructor`'],
    ['no demo', { as: 'uma', dataDir: at('nowhere') }, {}, 'cannot be read'],
    ['a broken file', { as: 'uma', dataDir: at('broken') }, {}, 'is no JSON object'],
    ['no file', { tokenFile: at('nowhere') }, {}, 'cannot be read'],
    ['a file without a token', { tokenFile: at('none.json') }, {}, 'is no token'],
    ['a file of two', { tokenFile: at('two.token') }, {}, 'is no token'],
    ['a token that would break the header', {}, { WITAN_TOKEN: 'a\r\nX: b' }, 'in `WITAN_TOKEN` is no token'],
    ['a demo token that is none', { as: 'bad', dataDir }, {}, 'is no token'],
  ])('refuses %s, and shows no secret', (_, flags, environment, message) => {
    let said = '';
    try {
      bearerOf(flags, environment);
    } catch (thrown) {
      expect(thrown).toMatchObject({ name: 'WitanError', code: 'invalid_request' });
      said = String(thrown);
    }
    expect(said).toContain(message);
    for (const secret of ['witan_secret', 'witan_one', 'witan_uma', 'a b', 'X: b'])
      expect(said).not.toContain(secret);
  });

  it('is for a service alone', () => {
    expect(serverOf({}, { WITAN_TOKEN: 'witan_env' })).toBeUndefined();
    expect(serverOf({ server: 'http://s' }, { WITAN_TOKEN: 'witan_env' })).toEqual({
      url: 'http://s',
      token: 'witan_env',
    });
    for (const flags of [{ as: 'uma', dataDir }, { tokenFile: at('plain.token') }]) {
      expect(() => serverOf(flags, {})).toThrow('name it with `--server`');
    }
  });
});
