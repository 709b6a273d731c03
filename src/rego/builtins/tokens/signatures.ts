import { constants, createHmac, sign, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import type { KeyMaterial } from './key-material.js';

/** How a token is signed (RFC 7518). */
export interface Scheme {
  readonly family: 'hmac' | 'rsa' | 'rsa-pss' | 'ecdsa' | 'eddsa';
  /** The digest; EdDSA has its own. */
  readonly digest: 'sha256' | 'sha384' | 'sha512';
}

const DIGESTS: readonly Scheme['digest'][] = ['sha256', 'sha384', 'sha512'];
const CURVE_OF_DIGEST = ['P256', 'P384', 'P521'];
const EDDSA: Scheme = { family: 'eddsa', digest: 'sha512' };

/** By what a token calls it, or what the library that OPA uses calls it within, which it takes from tokens too. */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ...DIGESTS.flatMap((digest, index): [string, Scheme][] => {
    const [bits, name] = [digest.slice(3), digest.toUpperCase()];
    return [
      [`HS${bits}`, { family: 'hmac', digest }],
      [`HMAC_WITH_${name}`, { family: 'hmac', digest }],
      [`RS${bits}`, { family: 'rsa', digest }],
      [`RSA_PKCS1v15_WITH_${name}`, { family: 'rsa', digest }],
      [`PS${bits}`, { family: 'rsa-pss', digest }],
      [`RSA_PSS_WITH_${name}`, { family: 'rsa-pss', digest }],
      [`ES${bits}`, { family: 'ecdsa', digest }],
      [`ECDSA_WITH_${CURVE_OF_DIGEST[index] ?? ''}_AND_${name}`, { family: 'ecdsa', digest }],
    ];
  }),
  ['EdDSA', EDDSA],
  ['Ed25519', EDDSA],
]);

export function schemeOf(algorithm: string): Scheme | undefined {
  return SCHEMES.get(algorithm);
}

export function macOf(digest: string, secret: string | Buffer, input: string): Buffer {
  return createHmac(digest, secret).update(input).digest();
}

/** Whether two signatures are the same, in a time that does not tell where they differ. */
export function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** How strict a verification is. */
export interface VerificationOptions {
  /** A signature has the size that its standard says: two halves of the curve's size, a salt of the digest's. */
  readonly exactSizes: boolean;
}

/** Whether the signature is of the input and was made with the key. */
export function isSigned(
  { family, digest }: Scheme,
  key: KeyMaterial,
  input: string,
  signature: Buffer,
  { exactSizes }: VerificationOptions,
): boolean {
  switch (key.kind) {
    case 'secret':
      return family === 'hmac' && sameBytes(macOf(digest, key.bytes, input), signature);
    case 'rsa': {
      if (key.key === undefined || (family !== 'rsa' && family !== 'rsa-pss')) return false;
      const saltLength = exactSizes ? constants.RSA_PSS_SALTLEN_DIGEST : constants.RSA_PSS_SALTLEN_AUTO;
      const padding = family === 'rsa' ? { padding: constants.RSA_PKCS1_PADDING } : { ...PSS, saltLength };
      return verifies(digest, { key: key.key, ...padding }, input, signature);
    }
    case 'ec': {
      if (family !== 'ecdsa' || (exactSizes && signature.length !== 2 * key.size)) return false;
      const halves = inHalves(signature, key.size);
      return halves !== undefined && verifies(digest, { key: key.key, ...RAW }, input, halves);
    }
    case 'ed25519':
      return family === 'eddsa' && verifies(null, { key: key.key }, input, signature);
    case 'other':
      return false;
  }
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING };
/** A signature as its two numbers side by side, as tokens have it. */
const RAW = { dsaEncoding: 'ieee-p1363' } as const;

type VerifyKey = Parameters<typeof verify>[2];

/** A signature that OpenSSL cannot even read is as wrong as any. */
function verifies(digest: string | null, key: VerifyKey, input: string, signature: Buffer): boolean {
  try {
    return verify(digest, Buffer.from(input), key, signature);
  } catch {
    return false;
  }
}

/** The numbers that make up a signature of any length, each in as many bytes as OpenSSL wants. */
function inHalves(signature: Buffer, size: number): Buffer | undefined {
  if (signature.length === 2 * size) return signature;
  const middle = Math.floor(signature.length / 2);
  const halves = [signature.subarray(0, middle), signature.subarray(middle)].map((half) => {
    const start = half.findIndex((byte) => byte !== 0);
    return start < 0 ? half.subarray(half.length) : half.subarray(start);
  });
  if (halves.some(({ length }) => length > size)) return undefined;
  return Buffer.concat(halves.flatMap((half) => [Buffer.alloc(size - half.length), half]));
}

/** @throws Error when OpenSSL does not sign with the key */
export function signedBy({ family, digest }: Scheme, key: KeyObject, input: string): Buffer {
  const bytes = Buffer.from(input);
  try {
    switch (family) {
      case 'rsa':
        return sign(digest, bytes, key);
      case 'rsa-pss':
        return sign(digest, bytes, { key, ...PSS, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
      case 'ecdsa':
        return sign(digest, bytes, { key, ...RAW });
      case 'eddsa':
        return sign(null, bytes, key);
      case 'hmac':
        return createHmac(digest, key).update(bytes).digest();
    }
  } catch {
    throw new Error('the key does not sign');
  }
}
