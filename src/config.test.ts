import { describe, expect, it } from 'vitest';
import { readConfig, SETTINGS } from './config.js';
import { WitanError } from './errors.js';

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WitanError);
    expect((thrown as WitanError).code).toBe('config_invalid');
    return (thrown as WitanError).faults.map(({ pointer }) => pointer ?? '');
  }
  return [];
}

describe('reading the configuration', () => {
  it('has a default for everything, and ignores what is not its own', () => {
    const config = readConfig({ PATH: '/bin', HOME: undefined });
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8180,
      seed: './fixtures/mesh',
      logLevel: 'info',
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes an empty value for none', () => {
    const empty = Object.fromEntries(SETTINGS.map(({ name }) => [name, '']));
    expect(readConfig(empty)).toEqual(readConfig({}));
    expect(readConfig(Object.fromEntries(SETTINGS.map((s) => [s.name, s.default])))).toEqual(readConfig({}));
  });

  it('reads what is set', () => {
    expect(readConfig({ WITAN_HOST: '::1', WITAN_PORT: '0', WITAN_LOG_LEVEL: 'silent' })).toMatchObject({
      host: '::1',
      port: 0,
      logLevel: 'silent',
    });
    expect(readConfig({ WITAN_SEED: 'none' })).not.toHaveProperty('seed');
  });

  it('reads the settings of OIDC where they are needed, and nowhere else', () => {
    const oidc = { WITAN_OIDC_ISSUER: 'https://login.example', WITAN_OIDC_AUDIENCE: 'witan' };
    expect(readConfig({ WITAN_AUTH: 'oidc', ...oidc }).oidc).toMatchObject({ audience: 'witan' });
    expect(readConfig({ WITAN_AUTH: 'token', ...oidc, WITAN_OIDC_ROLES: 'x' })).not.toHaveProperty('oidc');
    expect(
      faultsOf({ WITAN_AUTH: 'oidc', WITAN_PORT: 'x', WITAN_OIDC_ALGORITHMS: 'HS256' }).toSorted(),
    ).toEqual(['WITAN_OIDC_ALGORITHMS', 'WITAN_OIDC_AUDIENCE', 'WITAN_OIDC_ISSUER', 'WITAN_PORT']);
  });

  it.each<[string, string]>([
    ['WITAN_HOST', '0.0.0.0'],
    ['WITAN_AUTH', 'none'],
    ['WITAN_LOG_LEVEL', 'loud'],
    ['WITAN_PORT', '65536'],
    ['WITAN_WORKERS', '65'],
    ['WITAN_WORKERS', 'all'],
    ['WITAN_PORT', '-1'],
    ['WITAN_PORT', '80.5'],
    ['WITAN_PORT', '0x50'],
    ['WITAN_PORT', '8e3'],
    ['WITAN_PORT', ' 80'],
    ['WITAN_BODY_BYTES_MAX', '1023'],
    ['WITAN_BATCH_ITEMS_MAX', '0'],
    ['WITAN_STOP_MS_MAX', '9'.repeat(400)],
    ['WITAN_PROT', '80'],
  ])('refuses %s=%s', (name, value) => {
    expect(faultsOf({ [name]: value })).toEqual([name]);
  });

  it('reports every fault at once', () => {
    const wrong = {
      WITAN_HOST: 'x',
      WITAN_PORT: 'x',
      WITAN_AUTH: 'x',
      WITAN_LOG_LEVEL: 'x',
      WITAN_EVALUATION_MS_MAX: 'x',
      WITAN_X: 'x',
    };
    expect([...faultsOf(wrong)].sort()).toEqual(Object.keys(wrong).sort());
  });
});
