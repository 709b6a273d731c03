import { constants, sign } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { Decimal, objectOf, type RegoValue } from '../../value.js';
import { jwtBuiltins } from './jwt.js';
import {
  base64Url,
  certificate,
  jwkOf,
  pair,
  publicPem,
  secretJwk,
  setOfKeys,
  tokenOf,
  type KeyName,
} from '../testing/jwt-samples.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoText, regoValue } from '../testing/rego-arbitrary.js';

const builtins = jwtBuiltins(() => 0n);
// None of the built-ins is ever undefined: OPA's code panicked where it seems so.
const agreement = opaAgreement(builtins, { panics: true });
afterAll(() => {
  agreement.close();
});

const CLAIMS = '{"sub":"a","n":9007199254740993}';
const token = (algorithm: string, name: KeyName, header?: string): string =>
  tokenOf(algorithm, pair(name).privateKey, CLAIMS, header);
const ALGORITHMS = 'HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'.split(' ');
const VERIFIERS = ALGORITHMS.map((algorithm) => `io.jwt.verify_${algorithm.toLowerCase()}`);
const certified = (cert: string): RegoValue => objectOf([['cert', cert]]);

describe('agrees with OPA on tokens', () => {
  test.each([
    ['rsa', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    ['rsa of 1024 bits', ['RS256', 'RS512', 'PS256']],
    ['rsa of 1016 bits', ['RS256']],
    ['rsa with an exponent of 32 bits', ['RS256']],
    ['P-224', ['ES256']],
    ['P-256', ['ES256', 'ES512']],
    ['P-384', ['ES384', 'ES256']],
    ['P-521', ['ES512']],
    ['secp256k1', ['ES256']],
    ['ed25519', ['EdDSA']],
    ['ed448', ['EdDSA']],
    ['dsa', ['ES256']],
  ] as [KeyName, string[]][])('of a key of %s', (name, algorithms) => {
    const { publicKey, privateKey } = pair(name);
    const isJwk = !['P-224', 'dsa'].includes(name);
    const keys = [
      publicPem(name),
      certificate(name),
      ...(isJwk ? [jwkOf(publicKey), jwkOf(privateKey)] : []),
    ];
    for (const algorithm of algorithms) {
      const text = tokenOf(algorithm, privateKey, CLAIMS);
      for (const key of keys) {
        agreement.expectSame('io.jwt.decode_verify', text, certified(key));
        agreement.expectSame(`io.jwt.verify_${algorithm.toLowerCase()}`, text, key);
        agreement.expectSame('io.jwt.verify_rs384', text, key);
        agreement.expectSame('io.jwt.verify_es256', text, key);
        agreement.expectSame('io.jwt.verify_eddsa', text, key);
      }
    }
  });

  test.each<KeyName>(['x25519', 'rsa-pss', 'ed448', 'dsa'])('with a key of %s, which signed none', (name) => {
    const keys = [publicPem(name), certificate(name)];
    if (name === 'x25519') keys.push(jwkOf(pair(name).publicKey), jwkOf(pair(name).privateKey));
    for (const key of keys) {
      agreement.expectSame('io.jwt.verify_rs256', token('RS256', 'rsa'), key);
      agreement.expectSame('io.jwt.decode_verify', token('RS256', 'rsa'), certified(key));
    }
  });

  test.each(VERIFIERS)('%s', (name) => {
    const secret = 'some secret';
    const texts = [
      ...['HS256', 'HS384', 'HS512'].map((algorithm) => tokenOf(algorithm, secret, CLAIMS)),
      token('PS256', 'rsa'),
      token('ES256', 'P-256'),
      token('EdDSA', 'ed25519'),
    ];
    for (const text of texts) {
      for (const key of [secret, secretJwk(secret), publicPem('rsa'), jwkOf(pair('P-256').publicKey), '']) {
        agreement.expectSame(name, text, key);
      }
    }
    agreement.expectSame(name, 1, secret);
    agreement.expectSame(name, texts[0]!, 1);
  });

  test('with the key that they name, and the algorithm that the key is for', () => {
    const rsa = pair('rsa').publicKey;
    const other = pair('rsa of 1024 bits').publicKey;
    const sets = [
      setOfKeys(),
      setOfKeys(jwkOf(other, { kid: 'b' }), jwkOf(rsa, { kid: 'a' })),
      setOfKeys(jwkOf(other, { kid: 'a' }), jwkOf(rsa, { kid: 'b' })),
      setOfKeys(jwkOf(other, { kid: 'a' }), jwkOf(rsa, { kid: 'a' })),
      setOfKeys(jwkOf(rsa, { kid: 'a', alg: 'RS512' })),
      setOfKeys(jwkOf(rsa, { alg: 'RS512' })),
      setOfKeys(jwkOf(rsa, { alg: 'RS256' })),
      setOfKeys(jwkOf(rsa, { kid: 'a', alg: 'RSA-OAEP' })),
      setOfKeys(jwkOf(rsa, { alg: 'ES256K' }), jwkOf(rsa, { alg: 'none' })),
      setOfKeys(jwkOf(rsa, { alg: 'unknown' })),
      setOfKeys(jwkOf(rsa), '{"kty":"unknown"}'),
      setOfKeys(secretJwk('s', { kid: 'a' }), jwkOf(rsa)),
      jwkOf(rsa, { kid: '', alg: 'RS256' }),
    ];
    const headers = [
      '{"alg":"RS256"}',
      '{"alg":"RS256","kid":"a"}',
      '{"alg":"RS256","kid":"c"}',
      '{"alg":"PS256","kid":"a"}',
    ];
    for (const header of headers) {
      const text = token('RS256', 'rsa', header);
      for (const set of sets) {
        agreement.expectSame('io.jwt.verify_rs256', text, set);
        agreement.expectSame('io.jwt.decode_verify', text, certified(set));
      }
    }
  });

  test('signed by a secret where a key is expected, and the other way around', () => {
    const pem = publicPem('rsa');
    agreement.expectSame('io.jwt.decode_verify', tokenOf('HS256', pem, CLAIMS), certified(pem));
    agreement.expectSame('io.jwt.decode_verify', tokenOf('HS256', 'k', CLAIMS), certified(secretJwk('k')));
    const { x } = pair('ed25519').publicKey.export({ format: 'jwk' });
    const bytes = Buffer.from(x ?? '', 'base64url').toString('latin1');
    agreement.expectSame(
      'io.jwt.decode_verify',
      tokenOf('HS256', bytes, CLAIMS),
      certified(publicPem('ed25519')),
    );
    agreement.expectSame('io.jwt.decode_verify', token('RS256', 'rsa'), objectOf([['secret', pem]]));
    for (const algorithm of ['HMAC_WITH_SHA256', 'EDDSA', 'none', '', 'ed25519', 'constructor']) {
      const text = tokenOf('HS256', 'k', CLAIMS, `{"alg":"${algorithm}"}`);
      agreement.expectSame('io.jwt.decode_verify', text, objectOf([['secret', 'k']]));
    }
    for (const algorithm of ['RSA_PKCS1v15_WITH_SHA256', 'RSA_PSS_WITH_SHA256']) {
      const text = token(algorithm.includes('PSS') ? 'PS256' : 'RS256', 'rsa', `{"alg":"${algorithm}"}`);
      agreement.expectSame('io.jwt.decode_verify', text, certified(pem));
    }
    const edwards = tokenOf('EdDSA', pair('ed25519').privateKey, CLAIMS, '{"alg":"Ed25519"}');
    agreement.expectSame('io.jwt.decode_verify', edwards, certified(publicPem('ed25519')));
  });

  test('with signatures of other sizes', () => {
    const input = `${base64Url('{"alg":"PS256"}')}.${base64Url(CLAIMS)}`;
    for (const saltLength of [0, 20, 32, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
      const key = pair('rsa').privateKey;
      const signature = sign('sha256', Buffer.from(input), {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength,
      });
      const text = `${input}.${base64Url(signature)}`;
      agreement.expectSame('io.jwt.verify_ps256', text, publicPem('rsa'));
      agreement.expectSame('io.jwt.decode_verify', text, certified(publicPem('rsa')));
    }
    const [header = '', payload = '', signature = ''] = token('ES256', 'P-256').split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const zeros = Buffer.alloc(3);
    const halves = [bytes.subarray(0, 32), bytes.subarray(32)];
    const variants = [
      bytes.subarray(1),
      Buffer.concat([bytes, bytes]),
      Buffer.concat([zeros, ...halves.slice(0, 1), zeros, ...halves.slice(1)]),
      Buffer.concat([...halves.slice(0, 1), Buffer.alloc(32)]),
      Buffer.alloc(64),
      Buffer.alloc(64, 255),
      Buffer.alloc(0),
      Buffer.alloc(1),
    ];
    for (const variant of variants) {
      const text = `${header}.${payload}.${base64Url(variant)}`;
      agreement.expectSame('io.jwt.verify_es256', text, publicPem('P-256'));
      agreement.expectSame('io.jwt.decode_verify', text, certified(publicPem('P-256')));
      agreement.expectSame('io.jwt.verify_eddsa', text, publicPem('ed25519'));
      agreement.expectSame('io.jwt.verify_rs256', text, publicPem('rsa'));
      agreement.expectSame('io.jwt.verify_hs256', text, 'k');
    }
  });
});

describe('agrees with OPA on what', () => {
  const plain = (header: string, payload: string, signature = 'AA'): string =>
    `${base64Url(header)}.${base64Url(payload)}.${signature}`;

  test.each(
    rowsOf({
      'io.jwt.decode': [
        plain('{"alg":"none"}', CLAIMS),
        plain('{"alg":"none"}', CLAIMS, ''),
        plain('{}', '{}', 'A'),
        plain('{}', '{}', '__-_'),
        plain('{}', '{}', '++++'),
        plain('{}', '[]'),
        plain('[]', '{}'),
        plain('{', '{}'),
        plain('{}', '{} {}'),
        plain('{}', ' {"a":1,"a":2} '),
        plain('{"enc":null}', '{}'),
        plain('{"enc":"A128GCM"}', '{}'),
        plain('{"cty":"JWT"}', plain('{"a":1}', '{"b":2}', 'ABCD')),
        plain('{"cty":"JWT"}', `"${plain('{"a":1}', '{"b":2}')}'`),
        plain('{"cty":"JWT"}', `""'${plain('{"cty":"JWT"}', `'${plain('{}', '{}')}'`)}"'`),
        plain('{"cty":"jwt"}', plain('{"a":1}', '{"b":2}')),
        plain('{"cty":"JWT"}', '{}'),
        plain('{"cty":"JSON"}', '{}', '!'),
        plain('{"cty":1}', '{}'),
        `${base64Url('{}')}=.${base64Url('{}')}=.AA==`,
        `${base64Url('{}')}\n.${base64Url('{}')}.AA`,
        `${base64Url(Buffer.from('7b22ff223a312c22e282223a327d', 'hex'))}.${base64Url('{}')}.AA`,
        '',
        '.',
        '..',
        '...',
        'a.b',
        'a.b.c',
        'a.b.c.d',
        'é.é.é',
        1,
        null,
      ].map((operand) => [operand]),
    }),
  )('%s(%s) makes', (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  });

  test.each([
    '{"alg":"HS256"}',
    '{"alg":"HS256","typ":"JWT","kid":"a"}',
    '{}',
    '{"alg":""}',
    '{"alg":"HS384"}',
    '{"alg":1}',
    '{"alg":null}',
    '{"alg":"HS256","kid":1}',
    '{"alg":"HS256","typ":1}',
    '{"alg":"HS256","cty":[]}',
    '{"alg":"HS256","crit":["b64"]}',
    '{"alg":"HS256","crit":["b64"],"b64":false}',
    '{"alg":"HS256","crit":["alg","crit"]}',
    '{"alg":"HS256","crit":["b64",1,"exp"],"exp":1}',
    '{"alg":"HS256","crit":["b64",1,"exp"],"b64":1}',
    '{"alg":"HS256","crit":[1,"b64"],"b64":1}',
    '{"alg":"HS256","crit":[]}',
    '{"alg":"HS256","crit":"b64"}',
    '{"alg":"HS256","enc":1}',
    '[]',
    'x',
  ])('a header %s says', (header) => {
    const text = tokenOf('HS256', 'k', CLAIMS, header);
    agreement.expectSame('io.jwt.decode_verify', text, objectOf([['secret', 'k']]));
    agreement.expectSame('io.jwt.verify_rs256', text, publicPem('rsa of 1024 bits'));
    agreement.expectSame('io.jwt.verify_hs256', text, 'k');
  });

  const claimed = (claims: string): string => tokenOf('HS256', 'k', claims);
  const rows: [string, [RegoValue, RegoValue][]][] = [
    ['{}', []],
    ['{"iss":"a"}', [['iss', 'a']]],
    ['{"iss":"b"}', [['iss', 'a']]],
    ['{}', [['iss', 'a']]],
    ['{"iss":1}', [['iss', '']]],
    ['{"iss":1}', [['iss', 'a']]],
    ['{"aud":"a"}', []],
    ['{"aud":""}', []],
    ['{"aud":[""]}', []],
    ['{"aud":"a"}', [['aud', 'a']]],
    ['{"aud":"b"}', [['aud', 'a']]],
    ['{"aud":["b","a"]}', [['aud', 'a']]],
    ['{"aud":[1,"a"]}', [['aud', 'a']]],
    ['{"aud":[]}', [['aud', 'a']]],
    ['{"aud":{"a":1}}', [['aud', 'a']]],
    ['{"aud":null}', []],
    ['{}', [['aud', 'a']]],
    ['{"exp":1}', []],
    ['{"exp":0}', []],
    ['{"exp":-1}', []],
    ['{"exp":"1"}', []],
    ['{"exp":null}', []],
    ['{"exp":1700000000}', [['time', 1_700_000_000_000_000_000n]]],
    ['{"exp":1700000000.5}', [['time', 1_700_000_000_000_000_000n]]],
    ['{"exp":1700000000.0000001}', [['time', 1_700_000_000_000_000_000n]]],
    ['{"exp":1700000000}', [['time', 1_699_999_999_999_999_999n]]],
    ['{"exp":1700000000}', [['time', 1_699_999_999_000_000_000n]]],
    ['{"exp":1e300}', [['time', 1]]],
    ['{"exp":99999999999999999999999999}', [['time', 1]]],
    ['{"nbf":0}', []],
    ['{"nbf":1}', []],
    ['{"nbf":1700000000}', [['time', 1_700_000_000_000_000_000n]]],
    ['{"nbf":1700000000.1}', [['time', 1_700_000_000_000_000_000n]]],
    ['{"nbf":0.0000000015}', [['time', 1.5]]],
    ['{"nbf":[]}', []],
    ['{"exp":"1","nbf":5}', [['iss', 'a']]],
    ['{"nbf":"1","exp":0}', []],
    ['{}', [['time', -1]]],
    ['{}', [['time', '1']]],
    ['{}', [['time', null]]],
    ['{}', [['time', new Decimal('1e400')]]],
    ['{}', [['time', new Decimal('1e-400')]]],
    ['{}', [['alg', 'HS256']]],
    ['{}', [['alg', 'HS512']]],
    ['{}', [['alg', '']]],
    ['{}', [['alg', 1]]],
    ['{}', [['iss', null]]],
    ['{}', [['aud', ['a']]]],
    ['{}', [['unknown', 'a']]],
    ['{}', [[1, 'a']]],
    ['{}', [['secret', '']]],
    ['{}', [['secret', 1]]],
    ['{}', [['secret', 'wrong']]],
    ['{}', [['cert', 'x']]],
    ['{}', [['cert', 1]]],
    ['{}', [['cert', '{"keys":[]}']]],
    ['[]', []],
  ];
  test.each(rows)('claims %s under %o mean', (claims, constraints) => {
    agreement.expectSame(
      'io.jwt.decode_verify',
      claimed(claims),
      objectOf([['secret', 'k'], ...constraints]),
    );
  });

  test('tokens within tokens mean', () => {
    const inner = claimed('{"exp":5}');
    const secret = objectOf([['secret', 'k']]);
    const nest = (payload: string, type = 'JWT', key = 'k'): string =>
      tokenOf('HS256', key, payload, `{"alg":"HS256","cty":"${type}"}`);
    for (const text of [
      nest(inner),
      nest(inner, 'jWt'),
      nest(nest(inner)),
      nest(`"${inner}"`),
      nest(inner, 'JSON'),
      nest(tokenOf('HS256', 'other', '{}')),
      nest(inner, 'JWT', 'other'),
    ]) {
      agreement.expectSame('io.jwt.decode_verify', text, secret);
      agreement.expectSame('io.jwt.decode', text);
    }
    agreement.expectSame('io.jwt.decode_verify', inner, objectOf([]));
    agreement.expectSame('io.jwt.decode_verify', inner, objectOf([['cert', '{"keys":[]}']]));
    agreement.expectSame(
      'io.jwt.decode_verify',
      inner,
      objectOf([
        ['cert', '{"keys":[]}'],
        ['secret', ''],
      ]),
    );
    agreement.expectSame('io.jwt.decode_verify', inner, 'k');
    agreement.expectSame('io.jwt.decode_verify', 1, secret);
    agreement.expectSame('io.jwt.decode_verify', 'a.b', secret);
    agreement.expectSame('io.jwt.decode_verify', `${inner}!`, secret);
  });
});

describe('agrees with OPA on any', () => {
  test('token that was tampered with', () => {
    const originals = [
      [tokenOf('HS256', 'k', CLAIMS), 'io.jwt.verify_hs256', 'k'],
      [token('RS256', 'rsa of 1024 bits'), 'io.jwt.verify_rs256', publicPem('rsa of 1024 bits')],
      [token('PS256', 'rsa of 1024 bits'), 'io.jwt.verify_ps256', publicPem('rsa of 1024 bits')],
      [token('ES256', 'P-256'), 'io.jwt.verify_es256', publicPem('P-256')],
      [token('EdDSA', 'ed25519'), 'io.jwt.verify_eddsa', publicPem('ed25519')],
    ] as const;
    const change = fc.tuple(fc.nat(400), fc.constantFrom('', 'A', 'x', '.', '=', '_', '!', '\n', 'é'));
    fc.assert(
      fc.property(fc.constantFrom(...originals), change, ([original, name, key], [at, put]) => {
        const index = at % original.length;
        const text = original.slice(0, index) + put + original.slice(index + 1);
        agreement.expectSame('io.jwt.decode', text);
        agreement.expectSame(name, text, key);
        agreement.expectSame(
          'io.jwt.decode_verify',
          text,
          objectOf([[name.includes('hs') ? 'secret' : 'cert', key]]),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('value', () => {
    fc.assert(
      fc.property(regoValue(1), regoText(), (value, text) => {
        for (const name of ['io.jwt.verify_rs256', 'io.jwt.verify_hs256', 'io.jwt.decode_verify']) {
          agreement.expectSame(name, value, text);
          agreement.expectSame(name, tokenOf('HS256', text, '{}'), value);
        }
        agreement.expectSame('io.jwt.decode', value);
      }),
      { numRuns: 40 },
    );
  });
});

test('the clock counts when there is no constraint on the time', () => {
  const text = tokenOf('HS256', 'k', '{"nbf":1700000000,"exp":1700000001}');
  const at = (nowNs: bigint): RegoValue | undefined =>
    jwtBuiltins(() => nowNs)['io.jwt.decode_verify']!(text, objectOf([['secret', 'k']]));
  expect(at(1_699_999_999_000_000_000n)).toMatchObject([false, {}, {}]);
  expect(at(1_700_000_000_000_000_000n)).toMatchObject([true, {}, {}]);
  expect(at(1_700_000_001_000_000_000n)).toMatchObject([false, {}, {}]);
});

test('claims on which OPA breaks down are failures', () => {
  const verify = builtins['io.jwt.decode_verify']!;
  expect(() =>
    verify(
      tokenOf('HS256', 'k', '{"iss":1}'),
      objectOf([
        ['secret', 'k'],
        ['iss', 'a'],
      ]),
    ),
  ).toThrow(/^the claim `iss` must be a string$/);
  expect(() => builtins['io.jwt.decode']!(tokenOf('HS256', 'k', '{}', '{"cty":1}'))).toThrow(
    /^the `cty` of a token must be a string$/,
  );
  expect(() =>
    verify(
      tokenOf('HS256', 'k', '{}'),
      objectOf([
        ['secret', 'k'],
        [1, 'a'],
      ]),
    ),
  ).toThrow(/^operand 2 has a constraint that is not known$/);
});

test('a failure says what is wrong, and no value', () => {
  const verify = builtins['io.jwt.verify_rs256']!;
  expect(() => verify('secret', '{}')).toThrow(/^a token must have three parts$/);
  expect(() => verify('a.b.c', '{"kty":"secret"}')).toThrow(/^the `kty` of a JWK is not known$/);
  expect(() => verify('a.b.c', jwkOf(pair('P-256').publicKey, { x: 'A'.repeat(43) }))).toThrow(
    /^the key is not valid$/,
  );
});
