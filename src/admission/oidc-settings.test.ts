import { describe, expect, it, test } from 'vitest';
import { OIDC_SETTINGS, readOidcSettings, type OidcSettings } from './oidc-settings.js';

/** Settings that are fine; a test changes some. */
const FINE = { WITAN_OIDC_ISSUER: 'https://login.example', WITAN_OIDC_AUDIENCE: 'witan' };

function read(given: Readonly<Record<string, string>>): {
  readonly settings: OidcSettings;
  readonly faults: readonly string[];
} {
  const faults: string[] = [];
  const settings = readOidcSettings({
    text: (name) => given[name] ?? OIDC_SETTINGS.find((setting) => setting.name === name)!.default,
    fault: (name, message) => faults.push(`${name} ${message}`),
  });
  return { settings, faults };
}

describe('the settings of OIDC', () => {
  test('have defaults for what does not have to be said', () => {
    expect(read(FINE)).toEqual({
      settings: {
        issuer: 'https://login.example',
        audience: 'witan',
        algorithms: ['RS256', 'ES256'],
        callerClaim: 'sub',
        rolesClaim: 'groups',
        roles: new Map(),
      },
      faults: [],
    });
  });

  test('map values to grants', () => {
    const { settings, faults } = read({
      ...FINE,
      WITAN_OIDC_ROLES:
        'data-governance=auditor, sales=steward:sales,sales=representative:sales,CN=x=operator',
    });
    expect(faults).toEqual([]);
    expect([...settings.roles]).toEqual([
      ['data-governance', ['auditor']],
      ['sales', ['steward:sales', 'representative:sales']],
      ['CN=x', ['operator']],
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['WITAN_OIDC_JWKS_URL', 'http://login.example/keys', /is not an https.*without a password/],
    ['WITAN_OIDC_JWKS_URL', 'http://localhost.example/keys', /is not an https.*without a password/],
    ['WITAN_OIDC_JWKS_URL', 'https://user:secret@login.example/keys', /is not an https.*without a password/],
    ['WITAN_OIDC_JWKS_URL', 'keys', /is not an https.*without a password/],
    ['WITAN_OIDC_JWKS_URL', 'file:///etc/keys', /is not an https.*without a password/],
    ['WITAN_OIDC_ISSUER', 'http://login.example', /or else say `WITAN_OIDC_JWKS_URL`/],
    ['WITAN_OIDC_ISSUER', `https://${'a'.repeat(1024)}`, /more than 1024 characters/],
    ['WITAN_OIDC_ALGORITHMS', 'none', /names `none`/],
    ['WITAN_OIDC_ALGORITHMS', 'RS256,HS256', /names `HS256`/],
    ['WITAN_OIDC_ALGORITHMS', 'rs256', /names `rs256`/],
    ['WITAN_OIDC_CALLER_CLAIM', 'a..b', /expected a claim such as/],
    ['WITAN_OIDC_ROLES_CLAIM', '/a/~2', /expected a claim such as/],
    ['WITAN_OIDC_ROLES', 'auditor', /has the entry `auditor`; expected `value=role`/],
    ['WITAN_OIDC_ROLES', '=auditor', /expected `value=role`/],
    ['WITAN_OIDC_ROLES', 'a=king', /`king` is no role/],
    ['WITAN_OIDC_ROLES', 'a=steward', /`steward` needs its domain/],
    ['WITAN_OIDC_ROLES', 'a=auditor,,b=operator', /has the entry ``/],
    ['WITAN_OIDC_ROLES', Array(1001).fill('a=auditor').join(), /has 1001 entries/],
  ])('refuse %s=%s', (name, value, message) => {
    const { faults } = read({ ...FINE, [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} `));
    expect(faults[0]).toMatch(message);
  });

  test('take keys from this machine without https, and every fault is told', () => {
    expect(read({ ...FINE, WITAN_OIDC_JWKS_URL: 'http://127.0.0.1:8080/keys' }).faults).toEqual([]);
    expect(
      read({ ...FINE, WITAN_OIDC_ISSUER: 'tag:login', WITAN_OIDC_JWKS_URL: 'https://x/keys' }).faults,
    ).toEqual([]);
    const { faults } = read({ WITAN_OIDC_ALGORITHMS: 'x', WITAN_OIDC_ROLES: 'x', WITAN_OIDC_JWKS_URL: 'x' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'WITAN_OIDC_ISSUER',
      'WITAN_OIDC_AUDIENCE',
      'WITAN_OIDC_JWKS_URL',
      'WITAN_OIDC_ALGORITHMS',
      'WITAN_OIDC_ROLES',
    ]);
  });
});
