import { errors, jwtVerify, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { WitanError } from '../errors.js';
import { callerOfClaims } from '../identity/claims.js';
import type { Caller } from '../identity/caller.js';
import { createIssuerKeys } from './issuer-keys.js';
import type { OidcSettings } from './oidc-settings.js';

/** Says who sends a token that the identity provider of the organisation signed. */
export interface Oidc {
  /**
   * @param token a JWT (RFC 7519) as it was sent
   * @throws WitanError `unauthenticated` with what is wrong with the token; `issuer_unavailable`
   */
  callerOf(token: string): Promise<Caller>;
  close(): void;
}

interface Needs {
  readonly settings: OidcSettings;
  readonly nowMs: () => number;
  readonly warn: (message: string) => void;
}

/** Longest token that is looked at, in bytes. */
const TOKEN_BYTES_MAX = 16_384;
/** How far the clocks of the provider and of this service may be apart, in seconds. */
const TOLERANCE_S = 30;
/** Types of token that speak for their bearer: JWTs as such, and access tokens (RFC 9068). Others, such as logout tokens, do not. */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt', 'application/jwt']);

export function createOidc({ settings, nowMs, warn }: Needs): Oidc {
  const { issuer, audience, algorithms } = settings;
  const keys = createIssuerKeys({ ...settings, nowMs, warn });
  return {
    async callerOf(token) {
      if (token.length > TOKEN_BYTES_MAX) throw refused(`it is longer than ${TOKEN_BYTES_MAX} bytes`);
      try {
        const verified = await verify(token, keys.keyOf, {
          issuer,
          audience,
          algorithms: [...algorithms],
          clockTolerance: TOLERANCE_S,
          currentDate: new Date(nowMs()),
          requiredClaims: ['exp'],
        });
        requireType(verified.protectedHeader);
        return callerOfClaims(verified.payload, settings);
      } catch (thrown) {
        throw thrown instanceof errors.JOSEError ? refused(whyOf(thrown, settings), thrown) : thrown;
      }
    },
    close() {
      keys.close();
    },
  };
}

type Options = NonNullable<Parameters<typeof jwtVerify>[2]>;
interface Verified {
  readonly payload: JWTPayload;
  readonly protectedHeader: JWTHeaderParameters;
}

/** Verifies with the key that the token names; where it names none, with each that could be meant. */
async function verify(
  token: string,
  keyOf: ReturnType<typeof createIssuerKeys>['keyOf'],
  options: Options,
): Promise<Verified> {
  try {
    return await jwtVerify(token, keyOf, options);
  } catch (thrown) {
    if (!(thrown instanceof errors.JWKSMultipleMatchingKeys)) throw thrown;
    for await (const key of thrown) {
      try {
        return await jwtVerify(token, key, options);
      } catch (failed) {
        if (!(failed instanceof errors.JWSSignatureVerificationFailed)) throw failed;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function requireType({ typ }: JWTHeaderParameters): void {
  if (typ === undefined || TYPES.has(typ.toLowerCase())) return;
  throw refused('its `typ` is not that of a token that speaks for its bearer; expected `JWT` or `at+jwt`');
}

/** What is wrong, in words that say nothing of keys: the bearer is told, and may be anyone. */
function whyOf(thrown: errors.JOSEError, { issuer, audience, algorithms }: OidcSettings): string {
  if (thrown instanceof errors.JWTExpired) return 'it has expired: its time is over';
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = thrown;
    if (reason === 'missing') return `it has no claim \`${claim}\``;
    if (claim === 'iss') return `it is of another issuer than \`${issuer}\``;
    if (claim === 'aud') return `it is for another audience than \`${audience}\``;
    if (claim === 'nbf' && reason === 'check_failed') return 'it is not valid yet';
    return `its claim \`${claim}\` is not what it has to be`;
  }
  if (thrown instanceof errors.JOSEAlgNotAllowed) {
    return `it is not signed with one of ${algorithms.join(', ')}`;
  }
  if (thrown instanceof errors.JWKSNoMatchingKey) return 'the issuer has no key such as it names';
  if (thrown instanceof errors.JWSSignatureVerificationFailed)
    return 'its signature is not that of the issuer';
  return 'it is no signed JWT that can be read';
}

function refused(why: string, cause?: unknown): WitanError {
  return new WitanError('unauthenticated', `the token is not accepted: ${why}`, { cause });
}
