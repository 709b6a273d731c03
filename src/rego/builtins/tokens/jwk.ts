import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { floatOf, isNumber, RegoObject, type RegoValue } from '../../value.js';
import { decodeBase64, decodeBase64Url } from '../bytes/bytes.js';
import { JSON_DEPTH_MAX, JsonReader } from '../documents/json-reader.js';
import { CURVES, publicKeyOf, rsaMaterial, usable, type KeyMaterial } from './key-material.js';

/** A JSON Web Key (RFC 7517), read as the library that OPA uses reads it. */
export interface Jwk {
  readonly type: 'RSA' | 'EC' | 'OKP' | 'oct';
  readonly isPrivate: boolean;
  /** What the key is meant for; empty when it does not say. */
  readonly algorithm: string;
  /** Empty when it has none. */
  readonly id: string;
  readonly curve: string;
  /** The members that are bytes. */
  readonly bytes: ReadonlyMap<string, Buffer>;
  /** Of a key of an elliptic curve of NIST. */
  readonly point: KeyObject | undefined;
}

const KEYS_MAX = 1000;

/** The keys of a JWK or of a set of them. @throws Error when the text is neither, or any key of it is not valid */
export function parseJwks(text: string): readonly Jwk[] {
  const reader = new JsonReader(text, JSON_DEPTH_MAX);
  const value = reader.value();
  // A single key may be followed by anything.
  const keys = value instanceof RegoObject && reader.atEnd() ? value.get('keys') : undefined;
  if (keys === undefined) return [parseJwk(value)];
  if (!Array.isArray(keys)) throw new Error('the `keys` of a JWK set must be an array');
  if (keys.length > KEYS_MAX) throw new Error(`the JWK set has more than ${KEYS_MAX} keys`);
  return (keys as readonly RegoValue[]).map(parseJwk);
}

/** Members that are bytes, by type, those that a public key needs first; then those of a private key. */
const BYTES: Readonly<Record<Jwk['type'], readonly [readonly string[], readonly string[]]>> = {
  RSA: [
    ['n', 'e'],
    ['d', 'p', 'q', 'dp', 'dq', 'qi'],
  ],
  EC: [['x', 'y'], ['d']],
  OKP: [['x'], ['d']],
  oct: [['k'], []],
};
const TEXTS = ['kid', 'use', 'x5t', 'x5t#S256', 'x5u'];

function parseJwk(value: RegoValue): Jwk {
  if (!(value instanceof RegoObject)) throw new Error('a JWK must be an object');
  const type = typeOfJwk(value);
  const isPrivate = type !== 'oct' && member(value, 'd') !== undefined;
  const [needed, whenPrivate] = BYTES[type];
  const bytes = new Map<string, Buffer>();
  for (const name of isPrivate ? [...needed, ...whenPrivate] : needed) {
    const text = textMember(value, name);
    if (text !== undefined) bytes.set(name, decodeBytes(text));
    else if (needed.includes(name) || name === 'd') throw new Error(`the JWK has no \`${name}\``);
  }
  for (const name of TEXTS) textMember(value, name);
  checkOperations(value.get('key_ops'));
  checkChain(value.get('x5c'));
  checkNumbers(value);
  const algorithm = textMember(value, 'alg');
  if (algorithm !== undefined && !ALGORITHMS.has(algorithm))
    throw new Error('the `alg` of a JWK is not known');
  const jwk: Jwk = {
    type,
    isPrivate,
    algorithm: algorithm ?? '',
    id: textMember(value, 'kid') ?? '',
    curve: type === 'EC' || type === 'OKP' ? curveOf(value) : '',
    bytes,
    point: undefined,
  };
  return type === 'EC' ? { ...jwk, point: pointOf(jwk) } : checked(jwk);
}

/** The first look at a key takes names in any case, as Go does by default. */
function member(object: RegoObject, name: string): RegoValue | undefined {
  const exact = object.get(name);
  if (exact !== undefined) return exact;
  return object.entries.find(([key]) => typeof key === 'string' && key.toLowerCase() === name)?.[1];
}

function typeOfJwk(object: RegoObject): Jwk['type'] {
  const type = member(object, 'kty');
  if (typeof type !== 'string' || !Object.hasOwn(BYTES, type))
    throw new Error('the `kty` of a JWK is not known');
  if ((object.get('kty') ?? type) !== type) throw new Error('the `kty` of a JWK is not known');
  return type as Jwk['type'];
}

/** A string; `null` counts as an empty one. */
function textMember(object: RegoObject, name: string): string | undefined {
  const value = object.get(name);
  if (value === undefined || typeof value === 'string') return value;
  if (value === null) return '';
  throw new Error(`the \`${name}\` of a JWK must be a string`);
}

/** Bytes in base64 or base64url, with or without padding. */
function decodeBytes(text: string): Buffer {
  const isStandard = /[+/]/.test(text);
  const isPadded = text.endsWith('=');
  // INVARIANT: what its alphabet lacks becomes what none has.
  const joined = text.replace(/[\r\n]/g, '').replace(isStandard ? /[-_]/g : /[+/]/g, '!');
  if (!isPadded && joined.includes('=')) throw new Error('the text is not base64');
  const padded = isPadded ? joined : joined + '='.repeat((4 - (joined.length % 4)) % 4);
  return isStandard ? decodeBase64(padded) : decodeBase64Url(padded);
}

function checkOperations(value: RegoValue | undefined): void {
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string' || item === null);
  if (value !== undefined && value !== null && !isList)
    throw new Error('the `key_ops` of a JWK must be strings');
}

const CHAIN_MAX = 10;

/** Certificates, which count for nothing but must be some. */
function checkChain(value: RegoValue | undefined): void {
  if (value === undefined) return;
  if (!Array.isArray(value) || value.length > CHAIN_MAX)
    throw new Error('the `x5c` of a JWK must be certificates');
  for (const item of value as readonly RegoValue[]) {
    if (typeof item !== 'string') throw new Error('the `x5c` of a JWK must be certificates');
    const der = decodeBase64(item.replace(/[ \t\r\n\v\f]/g, ''));
    usable(() => new X509Certificate(der));
  }
}

/** Numbers beyond floats make the library fail. */
function checkNumbers(object: RegoObject): void {
  for (const [, value] of object.entries) {
    if (isNumber(value) && !Number.isFinite(floatOf(value)))
      throw new Error('a number in a JWK is too large');
  }
}

function curveOf(object: RegoObject): string {
  const curve = textMember(object, 'crv');
  if (curve === undefined || !CURVE_NAMES.has(curve)) throw new Error('the `crv` of a JWK is not known');
  return curve;
}

const CURVE_NAMES = new Set(['Ed25519', 'Ed448', 'P-256', 'P-384', 'P-521', 'X25519', 'X448']);

function pointOf({ curve, bytes }: Jwk): KeyObject {
  const size = CURVES.find(({ name }) => name === curve)?.size;
  if (size === undefined || [...bytes.values()].some(({ length }) => length !== size)) {
    throw new Error('the key does not have the size of its curve');
  }
  const [x, y] = ['x', 'y'].map((name) => bytes.get(name)?.toString('base64url') ?? '');
  return publicKeyOf({ kty: 'EC', crv: curve, x: x ?? '', y: y ?? '' });
}

const SIZE_25519 = 32;
const EXPONENT_BITS_MAX = 63n;

function checked(jwk: Jwk): Jwk {
  const { type, curve, bytes } = jwk;
  const fault = new Error('the key is not valid');
  if (type === 'RSA') {
    const exponent = numberOf(bytes, 'e');
    if (numberOf(bytes, 'n') === 0n || exponent % 2n === 0n || exponent >> EXPONENT_BITS_MAX !== 0n)
      throw fault;
    if (bytes.get('d')?.length === 0) throw fault;
  } else {
    const needsSize = curve === 'Ed25519' || curve === 'X25519';
    const isWrong = ({ length }: Buffer): boolean => (needsSize ? length !== SIZE_25519 : length === 0);
    if ([...bytes.values()].some(isWrong)) throw fault;
  }
  return jwk;
}

/** The number that a member stands for. */
export function numberOf(bytes: Jwk['bytes'], name: string): bigint {
  return BigInt(`0x0${bytes.get(name)?.toString('hex') ?? ''}`);
}

/** The key to verify with. @throws Error when it cannot be one */
export function exportedKey(jwk: Jwk): KeyMaterial {
  const { type, isPrivate, curve, bytes, point } = jwk;
  switch (type) {
    case 'RSA':
      if (isPrivate && !(bytes.has('p') && bytes.has('q')))
        throw new Error('the private key lacks its primes');
      return rsaMaterial(numberOf(bytes, 'n'), numberOf(bytes, 'e'), isPrivate);
    case 'EC': {
      if (point === undefined) throw new Error('the key is not valid');
      return { kind: 'ec', key: point, size: bytes.get('x')?.length ?? 0, isPrivate };
    }
    case 'OKP': {
      if (curve === 'X25519') return { kind: 'other' };
      if (curve !== 'Ed25519') throw new Error('the curve of a JWK is not supported');
      const key = publicKeyOf({ kty: 'OKP', crv: curve, x: bytes.get('x')?.toString('base64url') ?? '' });
      if (isPrivate && !createPublicKey(ed25519PrivateKey(jwk)).equals(key)) {
        throw new Error('the parts of the private key do not agree');
      }
      return { kind: 'ed25519', key, isPrivate };
    }
    case 'oct':
      return { kind: 'secret', bytes: bytes.get('k') ?? Buffer.alloc(0) };
  }
}

/** What precedes the seed in PKCS #8. */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export function ed25519PrivateKey({ bytes }: Jwk): KeyObject {
  const der = Buffer.concat([ED25519_PKCS8, bytes.get('d') ?? Buffer.alloc(0)]);
  return usable(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

const SIGNATURE_ALGORITHMS = new Set(
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 HS256 HS384 HS512 EdDSA'.split(' '),
);
/** What a key may be meant for: signatures, encryption of keys, and encryption of contents. */
const ALGORITHMS = new Set([
  ...SIGNATURE_ALGORITHMS,
  ...'ES256K Ed25519 none'.split(' '),
  ...'A128GCMKW A128KW A192GCMKW A192KW A256GCMKW A256KW dir RSA1_5 RSA-OAEP RSA-OAEP-256 RSA-OAEP-384'.split(
    ' ',
  ),
  ...'RSA-OAEP-512 ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW PBES2-HS256+A128KW'.split(' '),
  ...'PBES2-HS384+A192KW PBES2-HS512+A256KW A128CBC-HS256 A128GCM A192CBC-HS384 A192GCM'.split(' '),
  ...'A256CBC-HS512 A256GCM'.split(' '),
]);

/** Whether tokens are signed with the algorithm. */
export function isSignatureAlgorithm(name: string): boolean {
  return SIGNATURE_ALGORITHMS.has(name);
}
