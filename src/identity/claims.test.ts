import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { WitanError } from '../errors.js';
import { callerOfClaims, type ClaimsMapping } from './claims.js';
import { LOCAL_CALLER } from './caller.js';

const mapping: ClaimsMapping = {
  callerClaim: 'sub',
  rolesClaim: 'groups',
  roles: new Map([
    ['governance', ['auditor']],
    ['sales stewards', ['steward:sales', 'representative:sales']],
    ['sellers', ['steward:sales']],
  ]),
};

const rolesOf = (claims: object, rolesClaim = 'groups'): readonly string[] =>
  callerOfClaims({ sub: 'ann', ...claims }, { ...mapping, rolesClaim }).roles;

function refusalOf(claims: object, changed: Partial<ClaimsMapping> = {}): string {
  try {
    return JSON.stringify(callerOfClaims(claims, { ...mapping, ...changed }));
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WitanError);
    expect((thrown as WitanError).code).toBe('unauthenticated');
    return (thrown as WitanError).message;
  }
}

describe('the grants of claims', () => {
  it.each<[string, object, string, readonly string[]]>([
    ['missing', {}, 'groups', []],
    ['null', { groups: null }, 'groups', []],
    ['a text', { groups: 'governance' }, 'groups', ['auditor']],
    ['a text with spaces, which is one value', { groups: 'governance sellers' }, 'groups', []],
    [
      'a text with spaces that is mapped',
      { groups: 'sales stewards' },
      'groups',
      ['steward:sales', 'representative:sales'],
    ],
    ['a scope, which spaces part', { scope: 'openid governance' }, 'scope', ['auditor']],
    ['an array', { groups: ['sellers', 'governance'] }, 'groups', ['steward:sales', 'auditor']],
    [
      'an array with others',
      { groups: ['everyone', 7, null, ['governance'], 'governance'] },
      'groups',
      ['auditor'],
    ],
    [
      'two values that grant the same',
      { groups: ['sellers', 'sales stewards'] },
      'groups',
      ['steward:sales', 'representative:sales'],
    ],
    ['a grant as it is written, which is no value', { groups: ['auditor', 'operator'] }, 'groups', []],
    ['nested, by dots', { realm_access: { roles: ['governance'] } }, 'realm_access.roles', ['auditor']],
    [
      'nested, by a pointer',
      { 'https://mesh/x': { roles: ['governance'] } },
      '/https:~1~1mesh~1x/roles',
      ['auditor'],
    ],
    [
      'a claim whose name has dots',
      { 'https://mesh.example/roles': ['governance'] },
      'https://mesh.example/roles',
      ['auditor'],
    ],
    ['an item of an array, which no path leads to', { groups: ['governance'] }, 'groups.0', []],
    ['an object', { groups: { governance: true } }, 'groups', []],
    ['what every object has', {}, 'constructor.name', []],
  ])('%s', (_title, claims, path, roles) => {
    expect(rolesOf(claims, path)).toEqual(roles);
  });

  test('are those of the mapping alone, whatever is claimed', () => {
    const granted = new Set([...mapping.roles.values()].flat());
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('groups', 'a.b', '/a/b', '/', '.'), (value, path) => {
        const claims = { groups: value, a: { b: value } };
        const roles = rolesOf(claims, path);
        expect(roles.every((role) => granted.has(role))).toBe(true);
        expect(new Set(roles).size).toBe(roles.length);
      }),
    );
  });
});

describe('the caller of claims', () => {
  test('has the id of the claim that is set', () => {
    expect(
      callerOfClaims({ sub: 'x', email: 'ann@example.com' }, { ...mapping, callerClaim: 'email' }),
    ).toEqual({
      id: 'ann@example.com',
      roles: [],
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['nobody', undefined, /`sub` is no text/],
    ['no text', 7, /`sub` is no text/],
    ['an empty text', ' ', /`sub` is no text/],
    ['a long text', 'a'.repeat(257), /more than 256 characters/],
    ['a line break', 'ann\nbob', /cannot be shown/],
    ['the service', 'witan', /the service's own/],
    ['whoever is on this machine', LOCAL_CALLER.id, /the service's own/],
    ['nobody in particular', 'anonymous', /the service's own/],
  ])('is not %s', (_title, sub, message) => {
    expect(refusalOf({ sub })).toMatch(message);
  });

  test('has no more values than are read', () => {
    expect(rolesOf({ groups: [...Array<string>(999).fill('x'), 'governance'] })).toEqual(['auditor']);
    expect(refusalOf({ sub: 'ann', groups: Array<string>(1001).fill('x') })).toMatch(
      /1001 values; at most 1000/,
    );
  });
});
