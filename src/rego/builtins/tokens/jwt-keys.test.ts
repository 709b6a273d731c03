import fc from 'fast-check';
import { afterAll, describe, test } from 'vitest';
import { jwtBuiltins } from './jwt.js';
import { jwtSignBuiltins } from './jwt-sign.js';
import {
  certificate,
  certificateOf,
  infoOf,
  jwkOf,
  pair,
  pemOf,
  publicPem,
  setOfKeys,
  tokenOf,
  type KeyName,
} from '../testing/jwt-samples.js';
import { opaAgreement } from '../testing/opa-agreement.js';

const builtins = { ...jwtBuiltins(() => 0n), ...jwtSignBuiltins };
// None of the built-ins is ever undefined: OPA's code panicked where it seems so.
const agreement = opaAgreement(builtins, { panics: true });
afterAll(() => {
  agreement.close();
});

const CLAIMS = '{"sub":"a","n":9007199254740993}';
const token = (algorithm: string, name: KeyName, header?: string): string =>
  tokenOf(algorithm, pair(name).privateKey, CLAIMS, header);

describe('agrees with OPA on keys', () => {
  const text = token('RS256', 'rsa of 1024 bits');
  const pem = publicPem('rsa of 1024 bits');
  const [begin = '', ...lines] = pem.split('\n');
  const info = infoOf(pair('rsa of 1024 bits').publicKey);
  const { n = '', e = '' } = pair('rsa of 1024 bits').publicKey.export({ format: 'jwk' });
  const privateJwk = pair('rsa of 1024 bits').privateKey.export({ format: 'jwk' });
  const withoutNull = Buffer.from(info.toString('hex').replace('0500', '0400'), 'hex');
  const padded = (key: string): string => Buffer.from(key, 'base64url').toString('base64');

  test.each([
    pem.trimEnd(),
    `${pem}\n`,
    ` ${pem}`,
    `text\n${pem}`,
    `text${pem}`,
    `${pem}text`,
    pem.replaceAll('\n', '\r\n'),
    pem.replaceAll('\n', ' \t\n'),
    [begin, 'a: b', 'c:d', ...lines].join('\n'),
    [begin, 'a: b', '', ...lines].join('\n'),
    [begin, begin, ...lines].join('\n'),
    [begin, ...lines.slice(0, 1), begin, ...lines].join('\n'),
    pem.replace('END PUBLIC', 'END PRIVATE'),
    pem.replace('KEY-----\n', 'KEY----\n'),
    pem.replace(/KEY-----\n$/, 'KEY----\n'),
    pem.replace('M', '!'),
    pem.replace(/\n-----END/, '-----END'),
    pem.replaceAll('PUBLIC KEY', 'RSA PUBLIC KEY'),
    pem.replaceAll('PUBLIC KEY', 'CERTIFICATE'),
    pem.replaceAll('PUBLIC KEY', 'é'),
    '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n',
    '-----BEGIN PUBLIC KEY-----\na:b\n-----END PUBLIC KEY-----\n',
    '-----BEGIN PUBLIC KEY-----\na:b\n-----END PUBLIC KEY-----: \n',
    '-----BEGIN :-----\n-----END :-----\n',
    '-----BEGIN PUBLIC KEY-----',
    '-----BEGIN -----\n-----END -----',
    pemOf('PUBLIC KEY', Buffer.concat([info, Buffer.from([0])])),
    pemOf('PUBLIC KEY', info.subarray(0, -1)),
    pemOf('PUBLIC KEY', withoutNull),
    pemOf('CERTIFICATE', Buffer.concat([certificateOf(info), Buffer.from([0])])),
    pemOf('CERTIFICATE', certificateOf(withoutNull)),
    pemOf('CERTIFICATE', info),
    `${certificate('rsa')}${certificate('rsa')}`,
  ])('in PEM %#', (key) => {
    agreement.expectSame('io.jwt.verify_rs256', text, key);
  });

  test('of a curve whose points are not written in full', () => {
    const whole = infoOf(pair('P-256').publicKey).toString('hex');
    const [x, y] = [whole.slice(-128, -64), whole.slice(-64)];
    const compressed = `3039301306072a8648ce3d020106082a8648ce3d030107032200${Number(`0x${y.slice(-1)}`) % 2 === 0 ? '02' : '03'}${x}`;
    for (const hex of [compressed, whole.replace(y, x), whole.replace('03420004', '03420104')]) {
      const key = pemOf('PUBLIC KEY', Buffer.from(hex, 'hex'));
      agreement.expectSame('io.jwt.verify_es256', token('ES256', 'P-256'), key);
      const cert = pemOf('CERTIFICATE', certificateOf(Buffer.from(hex, 'hex')));
      agreement.expectSame('io.jwt.verify_es256', token('ES256', 'P-256'), cert);
    }
  });

  test.each([
    '',
    'null',
    '1',
    '[]',
    '{}',
    '{"keys":[]}',
    '{"keys":null}',
    '{"keys":{}}',
    '{"keys":[null]}',
    `{"keys":[],"kty":"RSA","n":"${n}","e":"${e}"}`,
    `{"kty":"RSA","n":"${n}","e":"${e}"}`,
    `{"kty":"RSA","n":"${n}","e":"${e}"} more`,
    `{"keys":[{"kty":"RSA","n":"${n}","e":"${e}"}]} more`,
    ` \n{"kty":"RSA","n":"${padded(n)}","e":"${padded(e)}"}`,
    `{"kty":"RSA","n":"${n}=","e":"${e}"}`,
    `{"kty":"RSA","n":"${n}\\n","e":"\\r${e}"}`,
    `{"kty":"RSA","n":"+_","e":"${e}"}`,
    `{"kty":"RSA","n":"A","e":"${e}"}`,
    `{"kty":"RSA","n":"A=A","e":"${e}"}`,
    `{"KTY":"RSA","n":"${n}","e":"${e}"}`,
    `{"KTY":"RSA","kty":null,"n":"${n}","e":"${e}"}`,
    `{"kty":"rsa","n":"${n}","e":"${e}"}`,
    `{"kty":1,"n":"${n}","e":"${e}"}`,
    `{"kty":"RSA","N":"${n}","e":"${e}"}`,
    `{"kty":"RSA","n":"${n}"}`,
    `{"kty":"RSA","e":"${e}"}`,
    `{"kty":"RSA","n":"","e":"${e}"}`,
    `{"kty":"RSA","n":null,"e":"${e}"}`,
    `{"kty":"RSA","n":1,"e":"${e}"}`,
    `{"kty":"RSA","n":"${n}","e":"AA"}`,
    `{"kty":"RSA","n":"${n}","e":"Ag"}`,
    `{"kty":"RSA","n":"${n}","e":"AQ"}`,
    `{"kty":"RSA","n":"${n}","e":"AAAB"}`,
    `{"kty":"RSA","n":"${n}","e":"AAABAAE"}`,
    `{"kty":"RSA","n":"${n}","e":"AQAAAAAAAAE"}`,
    `{"kty":"RSA","n":"${n}","e":"AQAAAAAAAAAB"}`,
    `{"kty":"RSA","n":"${n.slice(0, -1)}A","e":"${e}"}`,
    `{"kty":"RSA","n":"AAAA${n}","e":"${e}"}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","d":null}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","D":"AQ"}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","d":"AQ"}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","d":"AQ","p":"AQ","q":"AQ"}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","p":1,"dp":[]}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","kid":1}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","kid":null,"use":null,"x5u":null}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","use":"any","key_ops":["any",null],"ext":true,"x":{"y":[1]}}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","use":["sig"]}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","key_ops":"sign"}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","key_ops":[1]}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","key_ops":null}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","alg":null}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","alg":""}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","alg":1}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","x5t":1}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","x5t#S256":"any","x5t":""}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","x5c":[]}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","x5c":null}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","x5c":["AA"]}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","x5c":["${certificateOf(info).toString('base64')}"]}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","x5c":["${certificateOf(info)
      .toString('base64')
      .replace(/(.{64})/g, '$1\\n ')}"]}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","big":1e999}`,
    `{"kty":"RSA","n":"${n}","e":"${e}","big":-1e308}`,
    setOfKeys(...Array<string>(1001).fill('{"kty":"oct","k":"AA"}')),
    '{"kty":"oct","k":""}',
    '{"kty":"oct"}',
    '{"kty":"oct","k":"AA","d":1}',
    '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}',
    '{"kty":"EC","crv":"Ed25519","x":"AA","y":"AA"}',
    '{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}',
    '{"kty":"EC","x":"AA","y":"AA"}',
    `{"kty":"EC","crv":"P-256","x":"${'A'.repeat(43)}","y":"${'A'.repeat(43)}"}`,
    `{"kty":"EC","crv":"P-256","x":"${'A'.repeat(43)}","y":"${'_'.repeat(42)}8"}`,
    jwkOf(pair('P-256').publicKey, { crv: 'P-384' }),
    jwkOf(pair('P-256').privateKey, { d: 'AA' }),
    jwkOf(pair('P-256').privateKey, { d: 'A'.repeat(43) }),
    '{"kty":"OKP","crv":"Ed25519","x":"AA"}',
    '{"kty":"OKP","crv":"Ed25519"}',
    '{"kty":"OKP","crv":"Ed448","x":"AA"}',
    '{"kty":"OKP","crv":"P-256","x":"AA"}',
    '{"kty":"OKP","crv":"unknown","x":"AA"}',
    `{"kty":"OKP","crv":"Ed25519","x":"${'A'.repeat(43)}"}`,
    `{"kty":"OKP","crv":"X25519","x":"${'A'.repeat(43)}"}`,
    jwkOf(pair('ed25519').privateKey, { d: 'A'.repeat(43) }),
    jwkOf(pair('x25519').privateKey, { d: 'A'.repeat(43) }),
  ])('in JWK %#', (key) => {
    agreement.expectSame('io.jwt.verify_rs256', text, key);
    agreement.expectSame('io.jwt.encode_sign_raw', '{"alg":"HS256"}', '{}', key);
  });

  test('on private keys with parts that are missing or do not agree', () => {
    const header = '{"alg":"RS256"}';
    const signs = (jwk: object): void => {
      agreement.expectSame('io.jwt.encode_sign_raw', header, '{}', JSON.stringify(jwk));
    };
    signs(privateJwk);
    for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'e', 'n']) {
      signs({ ...privateJwk, [name]: undefined });
      signs({ ...privateJwk, [name]: 'Aw' });
      signs({ ...privateJwk, [name]: `AAAA${(privateJwk as Record<string, string>)[name]!}` });
      signs({ ...privateJwk, dp: undefined, [name]: 'Aw' });
    }
    signs({ ...privateJwk, p: privateJwk.q, q: privateJwk.p });
    signs({ ...privateJwk, p: privateJwk.q, q: privateJwk.p, qi: undefined });
  });

  test.each([
    ['RS256', 'rsa of 1024 bits', 'io.jwt.verify_rs256'],
    ['ES256', 'P-256', 'io.jwt.verify_es256'],
    ['EdDSA', 'ed25519', 'io.jwt.verify_eddsa'],
  ] as const)('whose tags and lengths are others: %s', (algorithm, name, verify) => {
    const text = token(algorithm, name);
    const der = pair(name).publicKey.export({ type: 'spki', format: 'der' });
    // Tags, lengths, names and the first bytes of what they hold.
    for (let at = 0; at < Math.min(der.length, 34); at += 1) {
      for (const value of [0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x30, 0x31, 0x80, 0xff]) {
        const other = Buffer.from(der);
        other[at] = value;
        const lines = other.toString('base64').replace(/(.{64})/g, '$1\n');
        agreement.expectSame(
          verify,
          text,
          `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`,
        );
      }
    }
  });

  test('that were tampered with', () => {
    const originals = [
      [token('RS256', 'rsa of 1024 bits'), 'io.jwt.verify_rs256', publicPem('rsa of 1024 bits')],
      [token('RS256', 'rsa of 1024 bits'), 'io.jwt.verify_rs256', jwkOf(pair('rsa of 1024 bits').publicKey)],
      [token('ES256', 'P-256'), 'io.jwt.verify_es256', publicPem('P-256')],
      [token('ES256', 'P-256'), 'io.jwt.verify_es256', jwkOf(pair('P-256').privateKey)],
      [token('EdDSA', 'ed25519'), 'io.jwt.verify_eddsa', publicPem('ed25519')],
      [token('EdDSA', 'ed25519'), 'io.jwt.verify_eddsa', setOfKeys(jwkOf(pair('ed25519').publicKey))],
    ] as const;
    const change = fc.tuple(
      fc.nat(1000),
      fc.constantFrom('', 'A', 'x', '-', '=', '_', '!', '\n', ':', '"', '}', ' '),
    );
    fc.assert(
      fc.property(fc.constantFrom(...originals), change, ([text, name, original], [at, put]) => {
        const index = at % original.length;
        agreement.expectSame(name, text, original.slice(0, index) + put + original.slice(index + 1));
      }),
      { numRuns: 250 },
    );
  });
});
