import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** A key that signatures can be verified with, as Go's types tell keys apart. */
export type KeyMaterial =
  | {
      readonly kind: 'rsa';
      /** `undefined` for a key with which Go verifies nothing. */
      readonly key: KeyObject | undefined;
      /** It was given with its private part. */
      readonly isPrivate: boolean;
    }
  | {
      readonly kind: 'ec';
      readonly key: KeyObject;
      /** Bytes of a coordinate, and of each half of a signature. */
      readonly size: number;
      readonly isPrivate: boolean;
    }
  | { readonly kind: 'ed25519'; readonly key: KeyObject; readonly isPrivate: boolean }
  | { readonly kind: 'secret'; readonly bytes: Buffer }
  /** A key that signs nothing, such as one of X25519. */
  | { readonly kind: 'other' };

/** An elliptic curve of NIST. */
export interface Curve {
  /** In a JWK; P-224 has no name there. */
  readonly name: string | undefined;
  /** For OpenSSL. */
  readonly opensslName: string;
  /** Content of its object identifier in DER. */
  readonly oid: string;
  readonly size: number;
}

export const CURVES: readonly Curve[] = [
  { name: undefined, opensslName: 'secp224r1', oid: '2b81040021', size: 28 },
  { name: 'P-256', opensslName: 'prime256v1', oid: '2a8648ce3d030107', size: 32 },
  { name: 'P-384', opensslName: 'secp384r1', oid: '2b81040022', size: 48 },
  { name: 'P-521', opensslName: 'secp521r1', oid: '2b81040023', size: 66 },
];

const RSA_BITS_MIN = 1024;
/** OpenSSL's limit; Go has none. */
const RSA_BITS_MAX = 16_384;
const RSA_EXPONENT_MAX = 2n ** 31n - 1n;

/** Whether Go and OpenSSL both compute with an RSA key. */
export function isUsableRsa(modulus: bigint, exponent: bigint): boolean {
  const isOdd = modulus % 2n === 1n && exponent % 2n === 1n;
  const bits = bitLength(modulus);
  return (
    isOdd && exponent > 1n && exponent <= RSA_EXPONENT_MAX && bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX
  );
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** @throws Error when OpenSSL takes no such key */
export function rsaMaterial(modulus: bigint, exponent: bigint, isPrivate: boolean): KeyMaterial {
  const key = isUsableRsa(modulus, exponent)
    ? publicKeyOf({ kty: 'RSA', n: base64UrlOf(modulus), e: base64UrlOf(exponent) })
    : undefined;
  return { kind: 'rsa', key, isPrivate };
}

/** @throws Error when the key is none, for instance a point that is not on its curve */
export function publicKeyOf(key: JsonWebKey): KeyObject {
  return usable(() => createPublicKey({ key, format: 'jwk' }));
}

/** What `make` makes. @throws Error without what OpenSSL says, when it makes nothing */
export function usable<Result>(make: () => Result): Result {
  try {
    return make();
  } catch {
    throw new Error('the key is not valid');
  }
}

export function base64UrlOf(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
}
