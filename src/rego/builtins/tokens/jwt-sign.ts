import { createPrivateKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { stringOperand, type Builtins } from '../../builtin.js';
import { RegoObject, type RegoValue } from '../../value.js';
import { jsonBuiltins, writeJson } from '../documents/json.js';
import {
  ed25519PrivateKey,
  exportedKey,
  isSignatureAlgorithm,
  numberOf,
  parseJwks,
  type Jwk,
} from './jwk.js';
import { base64UrlOf, bitLength, isUsableRsa, usable } from './key-material.js';
import { schemeOf, signedBy, type Scheme } from './signatures.js';

/** `io.jwt.encode_sign*` of Rego. Signatures by ES and PS differ each time, which no replay could repeat: they fail. */
export const jwtSignBuiltins: Builtins = {
  'io.jwt.encode_sign': (header, payload, key) => signed(json(header), json(payload), json(key)),
  'io.jwt.encode_sign_raw'(header, payload, key) {
    return signed(stringOperand(header, 1), stringOperand(payload, 2), stringOperand(key, 3));
  },
};

function json(operand: RegoValue | undefined): string {
  if (operand === undefined) throw new Error('an operand is missing');
  return writeJson(operand);
}

function signed(header: string, payload: string, keyText: string): string {
  const [key] = parseJwks(keyText);
  if (key === undefined) throw new Error('the JWK set has no key');
  const members = jsonBuiltins['json.unmarshal']?.(header);
  const [algorithm, type] = ['alg', 'typ'].map((name) =>
    members instanceof RegoObject ? members.get(name) : undefined,
  );
  if (typeof algorithm !== 'string' || !isSignatureAlgorithm(algorithm)) {
    throw new Error('the header must have an `alg` that is known');
  }
  const isJson = typeof type !== 'string' || type === 'JWT';
  if (isJson && jsonBuiltins['json.is_valid']?.(payload) !== true)
    throw new Error('the payload must be JSON');
  const input = `${base64Url(header)}.${base64Url(payload)}`;
  const scheme = schemeOf(algorithm);
  if (scheme === undefined) throw new Error('the header must have an `alg` that is known');
  if (scheme.family === 'ecdsa' || scheme.family === 'rsa-pss') {
    throw new Error('a signature by ES or PS differs each time; sign by HS, RS or EdDSA');
  }
  return `${input}.${signedBy(scheme, privateKeyOf(key, scheme), input).toString('base64url')}`;
}

function base64Url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** The key to sign with. @throws Error when it is not of the family, or has no private part */
function privateKeyOf(jwk: Jwk, { family }: Scheme): KeyObject {
  const material = exportedKey(jwk);
  if (family === 'hmac' && material.kind === 'secret') return createSecretKey(material.bytes);
  // The library that OPA uses takes the bytes of such a key for a secret.
  if (family === 'hmac' && material.kind === 'ed25519') return createSecretKey(ed25519Bytes(jwk));
  if (jwk.isPrivate) {
    if (family === 'rsa' && material.kind === 'rsa') return rsaPrivateKey(jwk);
    if (family === 'eddsa' && material.kind === 'ed25519') return ed25519PrivateKey(jwk);
  }
  throw new Error('the key is not one to sign with by this algorithm');
}

/** The bytes by which Go holds a key of Ed25519. */
function ed25519Bytes({ bytes }: Jwk): Buffer {
  return Buffer.concat(['d', 'x'].map((name) => bytes.get(name) ?? Buffer.alloc(0)));
}

function rsaPrivateKey({ bytes }: Jwk): KeyObject {
  const [n, e, d, p, q] = ['n', 'e', 'd', 'p', 'q'].map((name) => numberOf(bytes, name)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  checkPrimes(n, e, d, p, q);
  const [dp, dq, qi] = [d % (p - 1n), d % (q - 1n), inverse(q % p, p)];
  const expected = new Map([
    ['dp', dp],
    ['dq', dq],
    ['qi', qi],
  ]);
  // What the key brings must be right, though it may bring less.
  const isComplete = [...expected.keys()].every((name) => bytes.has(name));
  const isWrong = [...expected].some(([name, value]) => numberOf(bytes, name) !== value);
  if (isComplete && isWrong) throw new Error('the parts of the private key do not agree');
  const members = { n, e, d, p, q, dp, dq, qi };
  return usable(() =>
    privateKey({
      kty: 'RSA',
      ...Object.fromEntries(Object.entries(members).map(([name, value]) => [name, base64UrlOf(value)])),
    }),
  );
}

const PRIME_DISTANCE_BITS = 100;

/** What Go wants of a key before it signs. */
function checkPrimes(n: bigint, e: bigint, d: bigint, p: bigint, q: bigint): void {
  const half = Math.floor(bitLength(n) / 2);
  const areOdd = p % 2n === 1n && q % 2n === 1n && p > 1n && q > 1n;
  const isGood =
    isUsableRsa(n, e) &&
    areOdd &&
    p * q === n &&
    (d * e) % (p - 1n) === 1n &&
    (d * e) % (q - 1n) === 1n &&
    bitLength(p > q ? p - q : q - p) > half - PRIME_DISTANCE_BITS &&
    d < n &&
    bitLength(d) > half;
  if (!isGood) throw new Error('the parts of the private key do not agree');
}

/** The inverse by Euclid. INVARIANT: the modulus is prime, or the key is refused. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [before, rest] = [modulus, value];
  let [factorBefore, factor] = [0n, 1n];
  while (rest !== 0n) {
    const quotient = before / rest;
    [before, rest] = [rest, before - quotient * rest];
    [factorBefore, factor] = [factor, factorBefore - quotient * factor];
  }
  if (before !== 1n) throw new Error('the parts of the private key do not agree');
  return ((factorBefore % modulus) + modulus) % modulus;
}

function privateKey(key: JsonWebKey): KeyObject {
  return createPrivateKey({ key, format: 'jwk' });
}
