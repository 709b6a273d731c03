import { createPublicKey, X509Certificate } from 'node:crypto';
import {
  DER_BIT_STRING,
  DER_CONTEXT_0,
  DER_OBJECT_IDENTIFIER,
  DER_SEQUENCE,
  derElements,
  derPositive,
  derSequence,
} from './der.js';
import { exportedKey, isSignatureAlgorithm, parseJwks } from './jwk.js';
import { CURVES, publicKeyOf, rsaMaterial, usable, type KeyMaterial } from './key-material.js';
import { decodePem } from './pem.js';

/** A key that tokens are verified with. */
export interface VerificationKey {
  /** The algorithm that it is meant for; empty when any. */
  readonly algorithm: string;
  /** Empty when it has none. */
  readonly id: string;
  readonly material: KeyMaterial;
}

const KEPT_MAX = 100;
const LENGTH_TO_KEEP = 64 * 1024;
/** Policies verify many tokens with few keys, and to read a key takes longer than to verify. */
const kept = new Map<string, readonly VerificationKey[]>();

/**
 * The keys in a certificate or a public key in PEM, or in a JWK or a set of them.
 *
 * @throws Error when the text is none of these
 */
export function verificationKeysOf(text: string): readonly VerificationKey[] {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const keys = parseKeys(text);
  if (kept.size === KEPT_MAX) kept.clear();
  if (text.length <= LENGTH_TO_KEEP) kept.set(text, keys);
  return keys;
}

function parseKeys(text: string): readonly VerificationKey[] {
  const block = decodePem(text);
  if (block === undefined) return keysOfJwks(text);
  if (block.rest !== '') throw new Error('more follows after the PEM block');
  if (block.type === 'CERTIFICATE') return [anonymous(certifiedKey(block.bytes))];
  if (block.type !== 'PUBLIC KEY')
    throw new Error('the PEM block has neither a certificate nor a public key');
  const material = publicKeyInfo(block.bytes);
  if (material === undefined) throw new Error('the algorithm of the public key is not known');
  return [anonymous(material)];
}

function anonymous(material: KeyMaterial): VerificationKey {
  return { algorithm: '', id: '', material };
}

function keysOfJwks(text: string): readonly VerificationKey[] {
  return parseJwks(text)
    .map((jwk) => ({ algorithm: jwk.algorithm, id: jwk.id, material: exportedKey(jwk) }))
    .filter(({ algorithm }) => algorithm === '' || isSignatureAlgorithm(algorithm));
}

/** The key of an X.509 certificate; nothing else of it counts here, but it must be one. */
function certifiedKey(der: Buffer): KeyMaterial {
  usable(() => new X509Certificate(der));
  const [signed] = derSequence(der);
  const fields = derElements(signed?.content ?? Buffer.alloc(0));
  // Version, which may be missing, number, algorithm, issuer, validity, subject, key.
  const key = fields[fields[0]?.tag === DER_CONTEXT_0 ? 6 : 5];
  return publicKeyInfo(key?.whole ?? Buffer.alloc(0)) ?? { kind: 'other' };
}

const OID_RSA = '2a864886f70d010101';
const OID_EC = '2a8648ce3d0201';
const OID_ED25519 = '2b6570';
const OID_X25519 = '2b656e';
const OID_DSA = '2a8648ce380401';
const NULL = '0500';
const ED25519_SIZE = 32;
const UNCOMPRESSED = 0x04;

/**
 * A key as SubjectPublicKeyInfo in DER, by Go's rules, which are stricter than OpenSSL's.
 *
 * @returns `undefined` when its algorithm is not known
 */
function publicKeyInfo(der: Buffer): KeyMaterial | undefined {
  const [algorithm, key, ...others] = derSequence(der);
  const [oid, parameters] = derElements(algorithm?.content ?? Buffer.alloc(0));
  if (
    algorithm?.tag !== DER_SEQUENCE ||
    oid?.tag !== DER_OBJECT_IDENTIFIER ||
    key?.tag !== DER_BIT_STRING ||
    others.length > 0
  ) {
    throw new Error('the public key is not valid');
  }
  const content = bitString(key.content);
  switch (oid.content.toString('hex')) {
    case OID_RSA: {
      if (parameters?.whole.toString('hex') !== NULL) throw new Error('the RSA key lacks its parameters');
      const [numbers] = derElements(content);
      if (numbers?.tag !== DER_SEQUENCE) throw new Error('the RSA key is not valid');
      const [modulus, exponent] = derElements(numbers.content);
      return rsaMaterial(derPositive(modulus), derPositive(exponent), false);
    }
    case OID_EC: {
      const curve = CURVES.find(({ oid: name }) => name === parameters?.content.toString('hex'));
      if (curve === undefined || parameters?.tag !== DER_OBJECT_IDENTIFIER)
        throw new Error('the elliptic curve is not supported');
      if (content[0] !== UNCOMPRESSED) throw new Error('the point of the key is not written in full');
      const point = usable(() => createPublicKey({ key: der, format: 'der', type: 'spki' }));
      return { kind: 'ec', key: point, size: curve.size, isPrivate: false };
    }
    case OID_ED25519: {
      if (parameters !== undefined || content.length !== ED25519_SIZE)
        throw new Error('the public key is not valid');
      const point = publicKeyOf({ kty: 'OKP', crv: 'Ed25519', x: content.toString('base64url') });
      return { kind: 'ed25519', key: point, isPrivate: false };
    }
    case OID_X25519:
    case OID_DSA:
      return { kind: 'other' };
    default:
      return undefined;
  }
}

const BITS = 8;

/** The bytes of a bit string, the bits that are left over before them, as Go aligns them. @throws Error when it is none */
function bitString([left = BITS, ...bytes]: Uint8Array): Buffer {
  const last = bytes.at(-1) ?? 0;
  if (left >= BITS || (left > 0 && bytes.length === 0) || last % 2 ** left !== 0)
    throw new Error('the public key is not valid');
  return Buffer.from(bytes.map((byte, at) => (byte >> left) | ((bytes[at - 1] ?? 0) << (BITS - left))));
}
