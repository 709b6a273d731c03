import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readBase64 } from './base64.js';
import { noteError } from './note-error.js';

/** Signature type of Ed25519 (C2SP signed-note); it stands before the key in both texts. */
const ED25519 = 1;
const KEY_BYTES = 32;
const NAME_CHARACTERS_MAX = 255;
/** PKCS #8 of an Ed25519 private key (RFC 8410, section 7) up to the seed. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A key that verifies signatures of notes. Name and id together say which key signed. */
export interface VerifierKey {
  readonly name: string;
  /** The first 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), as a number (C2SP signed-note). */
  readonly id: number;
  readonly publicKey: KeyObject;
}

/** A key that signs notes. */
export interface SigningKey extends VerifierKey {
  readonly privateKey: KeyObject;
}

/** Whether a name may stand before a signature: not empty, without spaces and `+` (C2SP signed-note). */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}\p{Cs}+]+$/u.test(name);
}

/**
 * The Ed25519 key that a seed makes.
 *
 * @param seed 32 random bytes
 * @throws WitanError `note_invalid` when a key cannot have this name
 * @throws RangeError when the seed has another length
 */
export function signingKeyOf(name: string, seed: Uint8Array): SigningKey {
  requireName(name, 'the signing key');
  if (seed.length !== KEY_BYTES)
    throw new RangeError(`a seed has ${KEY_BYTES} bytes, this one ${seed.length}`);
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey);
  return { name, id: keyIdOf(name, bytesOf(publicKey, 'x')), publicKey, privateKey };
}

/** The text of a verifier key: `<name>+<id in hex>+<base64 of 0x01 and the public key>`. */
export function writeVerifierKey({ name, id, publicKey }: VerifierKey): string {
  return `${name}+${hexOf(id)}+${typed(bytesOf(publicKey, 'x')).toString('base64')}`;
}

/** The text of a signing key, which is a secret: `PRIVATE+KEY+<name>+<id in hex>+<base64 of 0x01 and the seed>`. */
export function writeSigningKey({ name, id, privateKey }: SigningKey): string {
  return `PRIVATE+KEY+${name}+${hexOf(id)}+${typed(bytesOf(privateKey, 'd')).toString('base64')}`;
}

/**
 * Reads the text of a verifier key.
 *
 * @throws WitanError `note_invalid` with what is expected
 */
export function readVerifierKey(text: string): VerifierKey {
  const what = 'the verifier key';
  const { name, id, key } = partsOf(text, what, '<name>+<id>+<base64>');
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') },
    format: 'jwk',
  });
  requireId(id, keyIdOf(name, key), what);
  return { name, id, publicKey };
}

/**
 * Reads the text of a signing key. No error shows any part of it.
 *
 * @throws WitanError `note_invalid` with what is expected
 */
export function readSigningKey(text: string): SigningKey {
  const what = 'the signing key';
  const form = 'PRIVATE+KEY+<name>+<id>+<base64>';
  if (!text.startsWith('PRIVATE+KEY+')) throw noteError(what, `expected \`${form}\``);
  const { name, id, key } = partsOf(text.slice('PRIVATE+KEY+'.length), what, form);
  const signing = signingKeyOf(name, key);
  requireId(id, signing.id, what);
  return signing;
}

function partsOf(text: string, what: string, form: string) {
  // The name and the id have no `+`; base64 may have some.
  const [name, hex, ...base64] = text.split('+');
  if (name === undefined || hex === undefined || base64.length === 0) {
    throw noteError(what, `expected \`${form}\``);
  }
  requireName(name, what);
  if (!/^[0-9a-f]{8}$/.test(hex)) throw noteError(what, 'expected an id of 8 hexadecimal digits');
  const bytes = readBase64(base64.join('+'));
  if (bytes === undefined) throw noteError(what, 'expected base64 after the id');
  if (bytes[0] !== ED25519) throw noteError(what, 'expected a key of type 1 (Ed25519)');
  const key = bytes.subarray(1);
  if (key.length !== KEY_BYTES) {
    throw noteError(what, `expected a key of ${KEY_BYTES} bytes, found ${key.length}`);
  }
  return { name, id: Number.parseInt(hex, 16), key };
}

function requireName(name: string, what: string): void {
  if (isKeyName(name) && !/\p{Cc}/u.test(name) && name.length <= NAME_CHARACTERS_MAX) return;
  throw noteError(
    what,
    `expected a name of up to ${NAME_CHARACTERS_MAX} characters without spaces, control characters and \`+\``,
  );
}

function requireId(found: number, expected: number, what: string): void {
  if (found === expected) return;
  throw noteError(what, `the id \`${hexOf(found)}\` is not that of the name and the key`);
}

function keyIdOf(name: string, publicKey: Uint8Array): number {
  return createHash('sha256').update(`${name}\n`, 'utf8').update(typed(publicKey)).digest().readUInt32BE(0);
}

function typed(key: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(ED25519), key]);
}

/** The id as keys write it. */
export function hexOf(id: number): string {
  return id.toString(16).padStart(8, '0');
}

/** The public key (`x`) or the seed (`d`) itself (RFC 8037). */
function bytesOf(key: KeyObject, member: 'x' | 'd'): Buffer {
  const value = key.export({ format: 'jwk' })[member];
  if (value === undefined) throw new RangeError('not an Ed25519 key');
  return Buffer.from(value, 'base64url');
}
