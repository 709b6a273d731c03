import { stringOperand } from '../../builtin.js';
import { RegoObject, type RegoValue } from '../../value.js';
import { decodeBase64Url, textOfBytes } from '../bytes/bytes.js';
import { jsonBuiltins } from '../documents/json.js';

/** A JSON Web Token (RFC 7519), its three parts as they were given. */
export interface Token {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/** @throws Error when the operand has not three parts */
export function tokenOperand(operand: RegoValue | undefined, position: number): Token {
  const [header = '', payload = '', signature, more] = stringOperand(operand, position).split('.', 4);
  if (signature === undefined || more !== undefined) throw new Error('a token must have three parts');
  return { header, payload, signature };
}

/** @throws Error when the part is no text in base64url */
export function decodePart(part: string): string {
  return textOfBytes(decodeBase64Url(part));
}

/** @throws Error when the text is no object in JSON */
export function readObject(text: string): RegoObject {
  const value = jsonBuiltins['json.unmarshal']?.(text);
  if (!(value instanceof RegoObject)) throw new Error('a part of the token is no object');
  return value;
}

/** @throws Error when the header cannot be read, or is of an encrypted token */
export function decodeHeader({ header }: Token): RegoObject {
  const object = readObject(decodePart(header));
  if (object.get('enc') !== undefined) throw new Error('encrypted tokens are not supported');
  return object;
}

/** What counts of a header for verification; empty when it is missing. */
export interface Header {
  readonly algorithm: string;
  readonly keyId: string;
  readonly contentType: string;
  /** The token says how it is signed, and all that it says must be understood is. */
  readonly isValid: boolean;
}

const UNDERSTOOD = new Set(['alg', 'kid', 'typ', 'cty', 'crit']);

/** @throws Error when a member is of a wrong type */
export function readHeader(object: RegoObject): Header {
  const [algorithm, keyId, , contentType] = ['alg', 'kid', 'typ', 'cty'].map((name) => {
    const value = object.get(name);
    if (value !== undefined && typeof value !== 'string') throw wrongMember(name);
    return value ?? '';
  }) as [string, string, string, string];
  const critical = criticalNames(object.get('crit'));
  const isUnderstood = critical.every((name) => UNDERSTOOD.has(name) || object.get(name) === undefined);
  return { algorithm, keyId, contentType, isValid: algorithm !== '' && isUnderstood };
}

export function wrongMember(name: string): Error {
  return new Error(`the \`${name}\` of a token must be a string`);
}

/** The strings before the first item that is none, as OPA takes them. */
function criticalNames(value: RegoValue | undefined): readonly string[] {
  if (value === undefined) return [];
  const items = Array.isArray(value) ? (value as readonly RegoValue[]) : [];
  const end = items.findIndex((item) => typeof item !== 'string');
  const names = (end < 0 ? items : items.slice(0, end)) as readonly string[];
  if (names.length === 0) throw new Error('the `crit` of a token must be a list of strings');
  return names;
}
