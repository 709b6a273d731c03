import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { objectOf, setOf, type RegoValue } from '../../value.js';
import { jwtBuiltins } from './jwt.js';
import { jwtSignBuiltins } from './jwt-sign.js';
import { jwkOf, pair, secretJwk, setOfKeys, type KeyName } from '../testing/jwt-samples.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoText, regoValue } from '../testing/rego-arbitrary.js';

const builtins = { ...jwtBuiltins(() => 0n), ...jwtSignBuiltins };
// None of the built-ins is ever undefined: OPA's code panicked where it seems so.
const agreement = opaAgreement(builtins, { panics: true });
afterAll(() => {
  agreement.close();
});

const header = (algorithm: string): RegoValue => objectOf([['alg', algorithm]]);
const asValue = (json: string): RegoValue =>
  objectOf(Object.entries(JSON.parse(json) as Record<string, string>));

test.each([
  ...['HS256', 'HS384', 'HS512'].map((algorithm) => [algorithm, secretJwk('some secret')]),
  ...['RS256', 'RS384', 'RS512'].map((algorithm) => [algorithm, jwkOf(pair('rsa').privateKey)]),
  ['EdDSA', jwkOf(pair('ed25519').privateKey)],
] as [string, string][])('by %s is what OPA makes', (algorithm, jwk) => {
  const claims = objectOf([
    ['sub', '<a&b>\u2028'],
    ['n', 9_007_199_254_740_993n],
    ['s', setOf([2, 1])],
    [1, 'x'],
  ]);
  agreement.expectSame('io.jwt.encode_sign', header(algorithm), claims, asValue(jwk));
  agreement.expectSame('io.jwt.encode_sign_raw', `{"alg":"${algorithm}"}`, ' {} ', jwk);
  agreement.expectSame(
    'io.jwt.encode_sign_raw',
    `{"alg":"${algorithm}"}`,
    '{}',
    setOfKeys(jwk, secretJwk('x')),
  );
});

test.each([
  ...['PS256', 'PS384', 'PS512'].map((algorithm) => [algorithm, 'rsa']),
  ...['ES256', 'ES384', 'ES512'].map((algorithm) => [algorithm, 'P-256']),
] as [string, KeyName][])('by %s fails, since no replay could repeat the signature', (algorithm, name) => {
  const key = asValue(jwkOf(pair(name).privateKey));
  expect(() => builtins['io.jwt.encode_sign']!(header(algorithm), objectOf([]), key)).toThrow(
    'differs each time',
  );
});

const secret = secretJwk('s');
test.each(
  rowsOf({
    'io.jwt.encode_sign_raw': [
      ['{"alg":"HS256","typ":"JWT"}', '{}', secret],
      ['{"alg":"HS256","typ":"JWT"}', 'text', secret],
      ['{"alg":"HS256","typ":"text"}', 'text é', secret],
      ['{"alg":"HS256","typ":"jwt"}', 'text', secret],
      ['{"alg":"HS256","typ":1}', 'text', secret],
      ['{"alg":"HS256","typ":null}', '{}', secret],
      ['{"alg":"HS256"}', 'text', secret],
      ['{"alg":"HS256"}', '', secret],
      ['{"alg":"HS256","typ":""}', '', secret],
      ['{"alg":"HS256"}', '1e999999', secret],
      ['{"alg":"none"}', '{}', secret],
      ['{"alg":"Ed25519"}', '{}', jwkOf(pair('ed25519').privateKey)],
      ['{"alg":"HMAC_WITH_SHA256"}', '{}', secret],
      ['{"alg":1}', '{}', secret],
      ['{}', '{}', secret],
      ['[]', '{}', secret],
      ['x', '{}', secret],
      ['{"alg":"HS256"} x', '{}', secret],
      ['{"alg":"HS256"}', '{}', setOfKeys()],
      ['{"alg":"RS256"}', '{}', secret],
      ['{"alg":"HS256"}', '{}', jwkOf(pair('rsa').privateKey)],
      ['{"alg":"RS256"}', '{}', jwkOf(pair('rsa').publicKey)],
      ['{"alg":"ES256"}', '{}', jwkOf(pair('P-256').publicKey)],
      ['{"alg":"ES256"}', '{}', jwkOf(pair('P-256').privateKey, { d: 'A'.repeat(43) })],
      ['{"alg":"ES256"}', '{}', jwkOf(pair('P-256').privateKey, { d: `${'_'.repeat(42)}8` })],
      ['{"alg":"EdDSA"}', '{}', jwkOf(pair('ed25519').publicKey)],
      ['{"alg":"EdDSA"}', '{}', jwkOf(pair('x25519').privateKey)],
      ['{"alg":"EdDSA"}', '{}', secretJwk('x'.repeat(64))],
      ['{"alg":"HS256"}', '{}', jwkOf(pair('ed25519').publicKey)],
      ['{"alg":"HS256"}', '{}', jwkOf(pair('ed25519').privateKey)],
      ['{"alg":"HS256"}', '{}', jwkOf(pair('x25519').publicKey)],
      ['{"alg":"HS256"}', '{}', jwkOf(pair('P-256').publicKey)],
      ['{"alg":"RS256"}', '{}', jwkOf(pair('rsa of 1016 bits').privateKey)],
      ['{"alg":"RS256"}', '{}', jwkOf(pair('rsa with an exponent of 32 bits').privateKey)],
      ['{"alg":"PS512"}', '{}', jwkOf(pair('rsa of 1016 bits').privateKey)],
      [1, '{}', secret],
      ['{"alg":"HS256"}', 1, secret],
      ['{"alg":"HS256"}', '{}', 1],
    ],
    'io.jwt.encode_sign': [
      [header('HS256'), objectOf([]), asValue(secret)],
      [header('HS256'), 'text', asValue(secret)],
      [header('HS256'), objectOf([]), secret],
      ['{"alg":"HS256"}', objectOf([]), asValue(secret)],
      [
        objectOf([
          ['alg', 'HS256'],
          ['typ', 'text'],
          [true, null],
        ]),
        [1, 'é'],
        asValue(secret),
      ],
      [objectOf([]), objectOf([]), asValue(secret)],
    ],
  }),
)('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

test('on any value agrees with OPA', () => {
  fc.assert(
    fc.property(regoValue(1), regoText(), (value, text) => {
      agreement.expectSame('io.jwt.encode_sign_raw', '{"alg":"HS256","typ":"t"}', text, secretJwk('s'));
      agreement.expectSame('io.jwt.encode_sign', header('HS256'), value, asValue(secret));
      agreement.expectSame('io.jwt.encode_sign', value, text, asValue(secret));
    }),
    { numRuns: 60 },
  );
});
