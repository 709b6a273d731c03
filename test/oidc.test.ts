import { createHmac, createPublicKey } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { ServerResponse } from 'node:http';
import { WitanError } from '../src/errors.js';
import { createOidc, type Oidc } from '../src/admission/oidc.js';
import type { OidcSettings } from '../src/admission/oidc-settings.js';
import { Issuer, newKey, type IssuerKey } from './issuer.js';

const NOW_S = Date.parse('2026-06-01T12:00:00Z') / 1000;
const AUDIENCE = 'witan';

let issuer: Issuer;
let [first, second, stranger]: IssuerKey[] = [];
let nowMs: number;
let warned: string[];
let opened: Oidc[] = [];

beforeAll(async () => {
  [first, second, stranger] = await Promise.all([
    newKey('first'),
    newKey('second', 'RS256'),
    newKey('first'),
  ]);
});
beforeEach(async () => {
  nowMs = NOW_S * 1000;
  warned = [];
  issuer = await Issuer.start(first!, second!);
  return async () => {
    for (const oidc of opened) oidc.close();
    opened = [];
    await issuer.stop();
  };
});

const settingsOf = (): OidcSettings => ({
  issuer: issuer.url,
  audience: AUDIENCE,
  jwksUrl: `${issuer.url}/keys`,
  algorithms: ['RS256', 'ES256'],
  callerClaim: 'sub',
  rolesClaim: 'groups',
  roles: new Map([['auditors', ['auditor']]]),
});

function oidcOf(changed: Partial<OidcSettings> = {}): Oidc {
  return open({ ...settingsOf(), ...changed });
}

/** An OIDC that asks the issuer's own configuration where its keys are. */
function discovering(changed: Partial<OidcSettings> = {}): Oidc {
  const { jwksUrl: _found, ...settings } = { ...settingsOf(), ...changed };
  return open(settings);
}

function open(settings: OidcSettings): Oidc {
  const oidc = createOidc({ settings, nowMs: () => nowMs, warn: (message) => warned.push(message) });
  opened.push(oidc);
  return oidc;
}

type Claims = Readonly<Record<string, unknown>>;

const claims = (changed: Claims = {}): Claims => ({
  iss: issuer.url,
  aud: AUDIENCE,
  sub: 'ann',
  exp: NOW_S + 300,
  groups: ['auditors', 'everyone'],
  ...changed,
});

/** `ann: auditor`, or the code and message of the refusal. */
async function outcome(oidc: Oidc, token: string | Promise<string>): Promise<string> {
  try {
    const { id, roles } = await oidc.callerOf(await token);
    return `${id}: ${roles.join(' ')}`;
  } catch (thrown) {
    if (!(thrown instanceof WitanError)) throw thrown;
    return `${thrown.code}: ${thrown.message}`;
  }
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of the identity provider', () => {
  it.each<[string, Claims, object]>([
    ['as it should be', {}, {}],
    ['that is an access token', {}, { typ: 'at+jwt' }],
    ['whose type is not said', {}, { typ: undefined }],
    ['for several audiences', { aud: ['other', AUDIENCE] }, {}],
    ['that expired within the tolerance', { exp: NOW_S - 29 }, {}],
    ['that is valid from within the tolerance', { nbf: NOW_S + 30 }, {}],
    ['without a kid, where one key fits', {}, { kid: undefined }],
  ])('%s speaks for its bearer', async (_title, changed, header) => {
    expect(await outcome(oidcOf(), issuer.sign(claims(changed), { header }))).toBe('ann: auditor');
  });

  it.each<[string, Claims, object, RegExp]>([
    ['expired', { exp: NOW_S - 30 }, {}, /it has expired/],
    ['not valid yet', { nbf: NOW_S + 31 }, {}, /it is not valid yet/],
    ['without an end', { exp: undefined }, {}, /it has no claim `exp`/],
    ['whose end is no number', { exp: 'soon' }, {}, /its claim `exp` is not what it has to be/],
    ['for another audience', { aud: 'other' }, {}, /another audience than `witan`/],
    ['for no audience', { aud: undefined }, {}, /it has no claim `aud`/],
    ['of another issuer', { iss: 'https://other.example' }, {}, /it is of another issuer/],
    ['of no issuer', { iss: undefined }, {}, /it has no claim `iss`/],
    ['of another type', {}, { typ: 'logout+jwt' }, /its `typ` is not that/],
    ['with a key nobody has', {}, { kid: 'third' }, /the issuer has no key such as it names/],
    ['with an extension nobody knows', {}, { crit: ['exp2'], exp2: 1 }, /no signed JWT that can be read/],
    ['of nobody', { sub: undefined }, {}, /its claim `sub` is no text/],
    ['of the service itself', { sub: 'witan' }, {}, /names the service's own callers/],
  ])('%s is refused', async (_title, changed, header, message) => {
    const signed = issuer.sign(claims(changed), { header }).catch(async (thrown: unknown) => {
      // The library signs nothing with an extension that it does not know; the parts are put together by hand.
      if (!('crit' in header)) throw thrown;
      const [, body = '', signature = ''] = (await issuer.sign(claims(changed))).split('.');
      return `${base64url({ alg: 'ES256', kid: 'first', ...header })}.${body}.${signature}`;
    });
    const said = await outcome(oidcOf(), signed);
    expect(said).toMatch(/^unauthenticated: /);
    expect(said).toMatch(message);
  });

  it.each<[string, () => string | Promise<string>, RegExp]>([
    [
      'signed by a stranger under a kid that is known',
      () => issuer.sign(claims(), { key: stranger! }),
      /signature/,
    ],
    [
      'that names another key',
      () => issuer.sign(claims(), { key: { ...stranger!, kid: 'second' } }),
      /no key such/,
    ],
    [
      'without a signature',
      () => `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims())}.`,
      /not signed with one of RS256, ES256/,
    ],
    [
      'signed with the public key as a secret',
      () => {
        const pem = createPublicKey({ key: second!.jwk as never, format: 'jwk' }).export({
          type: 'spki',
          format: 'pem',
        });
        const head = `${base64url({ alg: 'HS256', kid: 'second', typ: 'JWT' })}.${base64url(claims())}`;
        return `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`;
      },
      /not signed with one of RS256, ES256/,
    ],
    [
      'whose claims were changed',
      async () => {
        const [head, , signature] = (await issuer.sign(claims())).split('.');
        return `${head}.${base64url(claims({ sub: 'bob' }))}.${signature}`;
      },
      /signature/,
    ],
    ['that is none', () => 'a.b.c', /no signed JWT/],
    ['that is empty', () => '', /no signed JWT/],
    ['that is encrypted', () => 'a.b.c.d.e', /no signed JWT/],
    ['that is too long', () => 'a'.repeat(16_385), /longer than 16384 bytes/],
    [
      'that brings its own key',
      () => issuer.sign(claims(), { key: { ...stranger!, kid: 'own' }, header: { jwk: stranger!.jwk } }),
      /no key such/,
    ],
  ])('%s is refused', async (_title, token, message) => {
    const said = await outcome(oidcOf(), token());
    expect(said).toMatch(/^unauthenticated: /);
    expect(said).toMatch(message);
  });

  test('without a kid is verified with each key that fits', async () => {
    const third = await newKey('third');
    issuer.keys = [first!, third];
    const header = { kid: undefined };
    expect(await outcome(oidcOf(), issuer.sign(claims(), { key: third, header }))).toBe('ann: auditor');
    expect(await outcome(oidcOf(), issuer.sign(claims(), { key: stranger!, header }))).toMatch(
      /its signature/,
    );
  });

  test('is not accepted with an algorithm that is not allowed, although the key is known', async () => {
    const oidc = oidcOf({ algorithms: ['ES256'] });
    expect(await outcome(oidc, issuer.sign(claims(), { key: second! }))).toMatch(
      /not signed with one of ES256/,
    );
  });
});

describe("the issuer's keys", () => {
  test('are found through its configuration', async () => {
    expect(await outcome(discovering(), issuer.sign(claims()))).toBe('ann: auditor');
  });

  test('are asked for once, by all who wait', async () => {
    const oidc = oidcOf();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.sign(claims())));
    expect(new Set(await Promise.all(tokens.map((token) => outcome(oidc, token))))).toEqual(
      new Set(['ann: auditor']),
    );
    expect(issuer.asked).toBe(1);
  });

  test('that are new are fetched, at most once in 30 seconds', async () => {
    const oidc = oidcOf();
    expect(await outcome(oidc, issuer.sign(claims()))).toBe('ann: auditor');
    const rotated = await newKey('rotated');
    issuer.keys = [rotated];
    const token = await issuer.sign(claims());
    expect(await outcome(oidc, token)).toMatch(/no key such/);
    nowMs += 29_999;
    expect(await outcome(oidc, token)).toMatch(/no key such/);
    expect(issuer.asked).toBe(1);
    nowMs += 1;
    expect(await outcome(oidc, token)).toBe('ann: auditor');
    // What was withdrawn verifies nothing any more.
    expect(await outcome(oidc, issuer.sign(claims(), { key: first! }))).toMatch(/no key such/);
    expect(issuer.asked).toBe(2);
  });

  test('that are withdrawn are forgotten after ten minutes', async () => {
    const oidc = oidcOf();
    const token = await issuer.sign(claims({ exp: NOW_S + 10_000 }));
    expect(await outcome(oidc, token)).toBe('ann: auditor');
    issuer.keys = [second!];
    nowMs += 600_000;
    // Looked at again behind this answer.
    expect(await outcome(oidc, token)).toBe('ann: auditor');
    await expect.poll(() => outcome(oidc, token)).toMatch(/no key such/);
  });

  test('that are known verify while the issuer is down, and others are told so', async () => {
    const oidc = oidcOf();
    const token = await issuer.sign(claims({ exp: NOW_S + 200_000 }));
    expect(await outcome(oidc, token)).toBe('ann: auditor');
    const unknown = await issuer.sign(claims({ exp: NOW_S + 200_000 }), { header: { kid: 'third' } });
    await issuer.stop();
    nowMs += 600_000;
    expect(await outcome(oidc, token)).toBe('ann: auditor');
    expect(await outcome(oidc, unknown)).toMatch(/^issuer_unavailable: the keys of .* cannot be fetched/);
    expect(warned).toHaveLength(1);
    // Until it is a day since they were seen.
    nowMs += 86_400_000 - 600_001;
    expect(await outcome(oidc, token)).toBe('ann: auditor');
    nowMs += 1;
    expect(await outcome(oidc, token)).toMatch(/^issuer_unavailable: /);
  });

  test('that are known verify at once while the issuer is slow', async () => {
    const oidc = oidcOf();
    const token = await issuer.sign(claims());
    expect(await outcome(oidc, token)).toBe('ann: auditor');
    issuer.answer = () => undefined;
    nowMs += 30_000;
    const waiting = outcome(oidc, issuer.sign(claims(), { header: { kid: 'third' } }));
    await expect.poll(() => issuer.asked).toBe(2);
    expect(await outcome(oidc, token)).toBe('ann: auditor');
    expect(await waiting).toMatch(/^issuer_unavailable: .*no whole answer within 5000 milliseconds/);
  }, 15_000);

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['is no JSON', (response) => response.end('<html>'), /answered no JSON/],
    ['has no keys', (response) => response.end('{}'), /answered no JSON Web Key Set/],
    ['has keys that are none', (response) => response.end('{"keys":[1]}'), /JSON Web Key Set malformed/],
    [
      'has too many keys',
      (response) => response.end(JSON.stringify({ keys: Array(101).fill({}) })),
      /more than 100 keys/,
    ],
    ['is too large', (response) => response.end(' '.repeat((1 << 20) + 1)), /more than 1048576 bytes/],
    ['is an error', (response) => response.writeHead(500).end(), /answered 500/],
    [
      'leads elsewhere',
      (response) => response.writeHead(302, { Location: '/' }).end(),
      /fetch failed|redirect/,
    ],
  ])('are not there when what is answered %s', async (_title, answer, message) => {
    issuer.answer = answer;
    const oidc = oidcOf();
    const token = await issuer.sign(claims());
    const said = await outcome(oidc, token);
    expect(said).toMatch(/^issuer_unavailable: /);
    expect(said).toMatch(message);
    // It is not asked again at once, and the next who ask are told the same.
    expect(await outcome(oidc, token)).toBe(said);
    expect(issuer.asked).toBe(1);
    issuer.answer = undefined;
    nowMs += 30_000;
    expect(await outcome(oidc, token)).toBe('ann: auditor');
  });

  test('are not taken from a configuration of another issuer', async () => {
    const oidc = discovering({ issuer: `${issuer.url}/` });
    expect(await outcome(oidc, issuer.sign(claims()))).toMatch(/is not the configuration of/);
  });
});
