import { stringOperand, type Builtin, type Builtins } from '../../builtin.js';
import { RegoObject, type RegoValue } from '../../value.js';
import { decodeBase64Url } from '../bytes/bytes.js';
import { jwtConstraints, passesClaims, type JwtConstraints } from './jwt-constraints.js';
import { verificationKeysOf, type VerificationKey } from './jwt-keys.js';
import {
  decodeHeader,
  decodePart,
  readHeader,
  readObject,
  tokenOperand,
  wrongMember,
  type Token,
} from './jwt-token.js';
import { isSigned, macOf, sameBytes, schemeOf, type Scheme, type VerificationOptions } from './signatures.js';

/**
 * `io.jwt.*` of Rego as far as it reads tokens: https://www.openpolicyagent.org/docs/policy-reference/builtins/tokens.
 *
 * @param nowNs what the clock says
 */
export function jwtBuiltins(nowNs: () => bigint): Builtins {
  return {
    'io.jwt.decode': decode,
    'io.jwt.decode_verify': (token, constraints) => decodeVerify(token, jwtConstraints(constraints, nowNs)),
    ...VERIFIERS,
  };
}

const VERIFIERS: Builtins = Object.fromEntries(
  'HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'
    .split(' ')
    .map((algorithm) => {
      const scheme = schemeOf(algorithm);
      if (scheme === undefined) throw new Error(`there is no ${algorithm}`);
      return [
        `io.jwt.verify_${algorithm.toLowerCase()}`,
        scheme.family === 'hmac' ? verifyWithSecret(scheme) : verifyWithKeys(scheme),
      ];
    }),
);

function decode(operand: RegoValue | undefined): RegoValue {
  let token = tokenOperand(operand, 1);
  for (;;) {
    const header = decodeHeader(token);
    const payload = decodePart(token.payload);
    const contentType = header.get('cty');
    if (contentType !== undefined && typeof contentType !== 'string') {
      throw wrongMember('cty');
    }
    if (contentType === 'JWT') {
      // A token within a token, which may stand in quotes.
      token = tokenOperand(withoutQuotes(payload), 1);
      continue;
    }
    return [header, readObject(payload), decodeBase64Url(token.signature).toString('hex')];
  }
}

function withoutQuotes(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && QUOTES.includes(text[start] ?? '')) start += 1;
  while (end > start && QUOTES.includes(text[end - 1] ?? '')) end -= 1;
  return text.slice(start, end);
}

const QUOTES = `"'`;

function verifyWithSecret({ digest }: Scheme): Builtin {
  return (operand, secret) => {
    const text = stringOperand(operand, 1);
    const key = stringOperand(secret, 2);
    const token = tokenOperand(text, 1);
    const signature = decodeBase64Url(token.signature);
    return sameBytes(macOf(digest, key, inputOf(token)), signature);
  };
}

/** What a token's signature is of. */
function inputOf({ header, payload }: Token): string {
  return `${header}.${payload}`;
}

/** Here the size of a signature is not held to its standard, and private keys do not count, as in OPA. */
function verifyWithKeys(scheme: Scheme): Builtin {
  return (operand, text) => {
    const token = tokenOperand(operand, 1);
    const keys = verificationKeysOf(stringOperand(text, 2));
    const signature = decodeBase64Url(token.signature);
    const { algorithm, keyId } = readHeader(decodeHeader(token));
    const usable = keys.map((key) =>
      'isPrivate' in key.material && key.material.isPrivate ? withoutKey(key) : key,
    );
    return isSignedByAny(usable, keyId, algorithm, { scheme, token, signature, exactSizes: false });
  };
}

function withoutKey(key: VerificationKey): VerificationKey {
  return { ...key, material: { kind: 'other' } };
}

interface Signed extends VerificationOptions {
  readonly scheme: Scheme | undefined;
  readonly token: Token;
  readonly signature: Buffer;
}

/** By the key that the token names, or else by any that may be meant. */
function isSignedByAny(
  keys: readonly VerificationKey[],
  keyId: string,
  algorithm: string,
  { scheme, token, signature, exactSizes }: Signed,
): boolean {
  if (scheme === undefined) return false;
  const named = keyId === '' ? undefined : keys.find(({ id }) => id === keyId);
  const candidates =
    named === undefined ? keys.filter((key) => key.algorithm === '' || key.algorithm === algorithm) : [named];
  return candidates.some(({ material }) =>
    isSigned(scheme, material, inputOf(token), signature, { exactSizes }),
  );
}

const UNVERIFIED: RegoValue = [false, new RegoObject([]), new RegoObject([])];

function decodeVerify(operand: RegoValue | undefined, constraints: JwtConstraints): RegoValue {
  let token = tokenOperand(operand, 1);
  for (;;) {
    const object = decodeHeader(token);
    const { algorithm, keyId, contentType, isValid } = readHeader(object);
    if (!isValid || (constraints.algorithm !== '' && constraints.algorithm !== algorithm)) return UNVERIFIED;
    const signed = {
      scheme: schemeOf(algorithm),
      token,
      signature: decodeBase64Url(token.signature),
      exactSizes: true,
    };
    if (!isSignedByAny(constraints.keys, keyId, algorithm, signed)) return UNVERIFIED;
    const payload = decodePart(token.payload);
    if (contentType.toUpperCase() === 'JWT') {
      token = tokenOperand(payload, 1);
      continue;
    }
    const claims = readObject(payload);
    return passesClaims(claims, constraints) ? [true, object, claims] : UNVERIFIED;
  }
}
