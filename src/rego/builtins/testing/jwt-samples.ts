import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
  type RSAKeyPairOptions,
} from 'node:crypto';

/** An element in DER. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const SEQUENCE = 0x30;
const ED25519 = der(SEQUENCE, Buffer.from('06032b6570', 'hex'));

/** A certificate for a key given as SubjectPublicKeyInfo in DER, signed by nobody. */
export function certificateOf(publicKeyInfo: Buffer): Buffer {
  const name = der(
    SEQUENCE,
    der(0x31, der(SEQUENCE, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('witan')))),
  );
  const validity = der(
    SEQUENCE,
    der(0x17, Buffer.from('240101000000Z')),
    der(0x17, Buffer.from('340101000000Z')),
  );
  const version = der(0xa0, Buffer.from('020102', 'hex'));
  const serial = Buffer.from('020101', 'hex');
  const signed = der(SEQUENCE, version, serial, ED25519, name, validity, name, publicKeyInfo);
  return der(SEQUENCE, signed, ED25519, der(0x03, Buffer.alloc(65)));
}

export function pemOf(type: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${type}-----\n${lines}\n-----END ${type}-----\n`;
}

export function base64Url(text: string | Buffer): string {
  return Buffer.from(text).toString('base64url');
}

/** A token, signed with Node alone. */
export function tokenOf(
  algorithm: string,
  key: KeyObject | string,
  claims: string,
  header = `{"alg":"${algorithm}"}`,
): string {
  const input = `${base64Url(header)}.${base64Url(claims)}`;
  return `${input}.${base64Url(signatureOf(algorithm, key, Buffer.from(input)))}`;
}

function signatureOf(algorithm: string, key: KeyObject | string, input: Buffer): Buffer {
  const digest = `sha${algorithm.slice(2)}`;
  if (typeof key === 'string') return createHmac(digest, key).update(input).digest();
  switch (algorithm.slice(0, 2)) {
    case 'PS': {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      return sign(digest, input, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
    }
    case 'ES':
      return sign(digest, input, { key, dsaEncoding: 'ieee-p1363' });
    case 'RS':
      return sign(digest, input, key);
    default:
      return sign(null, input, key);
  }
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * A new pair of keys, which are read again from what was generated. A job of Node 20 that generated a key holds on to it,
 * and takes the key's lock when it is collected: where that happens while the key is exported, the process stands still.
 */
function generated(type: string, options: object = {}): KeyPair {
  const encoded = {
    ...options,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  };
  // The types ask for a cipher, also where nothing is encrypted.
  const { publicKey, privateKey } = generateKeyPairSync(
    type as 'rsa',
    encoded as RSAKeyPairOptions<'der', 'der'>,
  );
  return {
    publicKey: createPublicKey({ key: publicKey, format: 'der', type: 'spki' }),
    privateKey: createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }),
  };
}

const GENERATORS = {
  rsa: () => generated('rsa', { modulusLength: 2048 }),
  'rsa of 1024 bits': () => generated('rsa', { modulusLength: 1024 }),
  'rsa of 1016 bits': () => generated('rsa', { modulusLength: 1016 }),
  'rsa with an exponent of 32 bits': () =>
    generated('rsa', { modulusLength: 1024, publicExponent: 0xc0000001 }),
  'P-224': () => generated('ec', { namedCurve: 'secp224r1' }),
  'P-256': () => generated('ec', { namedCurve: 'prime256v1' }),
  'P-384': () => generated('ec', { namedCurve: 'secp384r1' }),
  'P-521': () => generated('ec', { namedCurve: 'secp521r1' }),
  secp256k1: () => generated('ec', { namedCurve: 'secp256k1' }),
  ed25519: () => generated('ed25519'),
  ed448: () => generated('ed448'),
  x25519: () => generated('x25519'),
  'rsa-pss': () => generated('rsa-pss', { modulusLength: 1024 }),
  dsa: () => generated('dsa', { modulusLength: 1024, divisorLength: 160 }),
};
export type KeyName = keyof typeof GENERATORS;
const pairs = new Map<KeyName, KeyPair>();

/** A pair of keys, the same each time for a name. */
export function pair(name: KeyName): KeyPair {
  const made = pairs.get(name) ?? GENERATORS[name]();
  pairs.set(name, made);
  return made;
}

export function infoOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' });
}

export function publicPem(name: KeyName): string {
  return pemOf('PUBLIC KEY', infoOf(pair(name).publicKey));
}

export function certificate(name: KeyName): string {
  return pemOf('CERTIFICATE', certificateOf(infoOf(pair(name).publicKey)));
}

export function jwkOf(key: KeyObject, more: object = {}): string {
  return JSON.stringify({ ...key.export({ format: 'jwk' }), ...more });
}

export function secretJwk(secret: string, more: object = {}): string {
  return JSON.stringify({ kty: 'oct', k: base64Url(secret), ...more });
}

export function setOfKeys(...keys: readonly string[]): string {
  return `{"keys":[${keys.join(',')}]}`;
}
