import { wrongOperand } from '../../builtin.js';
import { compareValues, floatOf, isNumber, RegoObject, type RegoValue } from '../../value.js';
import { verificationKeysOf, type VerificationKey } from './jwt-keys.js';

/** What `io.jwt.decode_verify` wants of a token; texts are empty when they do not count. */
export interface JwtConstraints {
  readonly keys: readonly VerificationKey[];
  readonly algorithm: string;
  readonly issuer: string;
  readonly audience: string;
  /** Seconds since 1970, in floats as in OPA. */
  readonly seconds: number;
}

const TEXTS = ['secret', 'alg', 'iss', 'aud'];
const NAMES = new Set(['cert', 'time', ...TEXTS]);

/**
 * @param nowNs what the clock says, which counts when the operand has no `time`
 * @throws Error when a constraint is not known or not as it should be, or when there is not one kind of key
 */
export function jwtConstraints(operand: RegoValue | undefined, nowNs: () => bigint): JwtConstraints {
  if (!(operand instanceof RegoObject)) throw wrongOperand(operand, 2, 'object');
  if (operand.entries.some(([name]) => typeof name !== 'string' || !NAMES.has(name))) {
    throw new Error('operand 2 has a constraint that is not known');
  }
  const [secret, algorithm, issuer, audience] = TEXTS.map((name) => textOf(operand, name)) as [
    string,
    string,
    string,
    string,
  ];
  const hasCertificate = operand.get('cert') !== undefined;
  const certified = hasCertificate ? verificationKeysOf(textOf(operand, 'cert')) : [];
  const time = operand.get('time');
  const seconds = secondsOf(time === undefined ? nowNs() : time);
  if (hasCertificate === (secret !== '')) throw new Error('operand 2 must have either `cert` or `secret`');
  const keys = hasCertificate ? certified : [secretKey(secret)];
  return { keys, algorithm, issuer, audience, seconds };
}

function textOf(constraints: RegoObject, name: string): string {
  const value = constraints.get(name);
  if (value !== undefined && typeof value !== 'string')
    throw new Error(`the constraint \`${name}\` must be a string`);
  return value ?? '';
}

function secretKey(secret: string): VerificationKey {
  return { algorithm: '', id: '', material: { kind: 'secret', bytes: Buffer.from(secret) } };
}

const NS_PER_SECOND = 1e9;

function secondsOf(time: RegoValue): number {
  const ns = isNumber(time) ? floatOf(time) : Number.NaN;
  if (!(ns >= 0 && ns < Infinity)) throw new Error('the constraint `time` must be a number not below zero');
  return ns / NS_PER_SECOND;
}

/** Whether the registered claims (RFC 7519, section 4.1) are as they should be. @throws Error for one of a wrong type */
export function passesClaims(claims: RegoObject, { issuer, audience, seconds }: JwtConstraints): boolean {
  if (issuer !== '') {
    const claimed = claims.get('iss');
    if (claimed !== undefined && typeof claimed !== 'string')
      throw new Error('the claim `iss` must be a string');
    if (claimed !== issuer) return false;
  }
  const audiences = claims.get('aud');
  if (audiences === undefined ? audience !== '' : !includesAudience(audiences, audience)) return false;
  const expiry = momentClaim(claims, 'exp');
  if (expiry !== undefined && compareValues(seconds, expiry) >= 0) return false;
  const start = momentClaim(claims, 'nbf');
  return start === undefined || compareValues(seconds, start) >= 0;
}

function includesAudience(claimed: RegoValue, audience: string): boolean {
  return Array.isArray(claimed) ? (claimed as readonly RegoValue[]).includes(audience) : claimed === audience;
}

function momentClaim(claims: RegoObject, name: string): RegoValue | undefined {
  const value = claims.get(name);
  if (value !== undefined && !isNumber(value)) throw new Error(`the claim \`${name}\` must be a number`);
  return value;
}
