import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { stringOperand, type Builtin, type Builtins } from '../../builtin.js';
import { decodeBase64, decodeBase64Url, decodeHex, textOfBytes } from './bytes.js';

/** `crypto.*` of Rego as far as it is digests, and the notations for bytes: hexadecimal, base64 and base64url. */
export const digestBuiltins: Builtins = {
  'crypto.md5': digest('md5'),
  'crypto.sha1': digest('sha1'),
  'crypto.sha256': digest('sha256'),
  'crypto.hmac.md5': keyedDigest('md5'),
  'crypto.hmac.sha1': keyedDigest('sha1'),
  'crypto.hmac.sha256': keyedDigest('sha256'),
  'crypto.hmac.sha512': keyedDigest('sha512'),
  'crypto.hmac.equal'(a, b) {
    const [bytesA, bytesB] = [Buffer.from(stringOperand(a, 1)), Buffer.from(stringOperand(b, 2))];
    return bytesA.length === bytesB.length && timingSafeEqual(bytesA, bytesB);
  },
  'hex.encode': (text) => Buffer.from(stringOperand(text, 1)).toString('hex'),
  'hex.decode': (text) => textOfBytes(decodeHex(stringOperand(text, 1))),
  'base64.encode': (text) => Buffer.from(stringOperand(text, 1)).toString('base64'),
  'base64.decode': (text) => textOfBytes(decodeBase64(stringOperand(text, 1))),
  'base64.is_valid'(text) {
    if (typeof text !== 'string') return false;
    try {
      decodeBase64(text);
      return true;
    } catch {
      return false;
    }
  },
  'base64url.encode'(text) {
    const encoded = Buffer.from(stringOperand(text, 1)).toString('base64url');
    return encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=');
  },
  'base64url.encode_no_pad': (text) => Buffer.from(stringOperand(text, 1)).toString('base64url'),
  'base64url.decode': (text) => textOfBytes(decodeBase64Url(stringOperand(text, 1))),
};

function digest(algorithm: string): Builtin {
  return (text) => hash(algorithm, stringOperand(text, 1), 'hex');
}

function keyedDigest(algorithm: string): Builtin {
  return (text, key) => {
    const message = stringOperand(text, 1);
    return createHmac(algorithm, stringOperand(key, 2)).update(message).digest('hex');
  };
}
