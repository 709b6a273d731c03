import type { IncomingMessage } from 'node:http';
import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import { identify } from './caller.js';

/** Knows callers by the tokens that they send: the tokens of this service, or those of an identity provider. */
export interface Authenticator {
  /**
   * Who sends a token: `undefined` where it is none of this authenticator's, or is not valid now.
   *
   * @param token as it stands after `Bearer`: of the characters of RFC 6750, at most `TOKEN_CHARS_MAX`
   * @throws WitanError `unauthenticated` for a token of its own that is not valid, when it can say why
   */
  callerOf(token: string): Caller | undefined | Promise<Caller | undefined>;
}

/** A token was sent, and it is not valid: RFC 6750 has an answer of its own for that. */
export class InvalidToken extends WitanError {
  constructor(message: string) {
    super('unauthenticated', message);
  }
}

/** Longest token that is looked at. */
export const TOKEN_CHARS_MAX = 16_384;

const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;
const TOKEN_IN_URL = /[?&]access_token=|witan_[A-Za-z0-9_-]{43}/i;

/**
 * The token that a request carries in its `Authorization` header (RFC 6750, section 2.1); `undefined` without the header.
 *
 * @throws InvalidToken for another scheme, a token that is malformed or too long, or more than one header
 */
export function bearerOf({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  // Of several headers node:http keeps the first; what stands before this service may have looked at the last.
  if (rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'authorization').length > 1) {
    throw new InvalidToken('the request has more than one `Authorization` header');
  }
  const [, token] = BEARER.exec(authorization) ?? [];
  if (token === undefined || token.length > TOKEN_CHARS_MAX) {
    throw new InvalidToken('the `Authorization` header is not understood; expected `Bearer <token>`');
  }
  return token;
}

/**
 * Refuses an address that holds a token: addresses are written to logs and histories. Call it before anything logs.
 *
 * @throws WitanError `invalid_request`
 */
export function refuseTokenInUrl({ url = '' }: Pick<IncomingMessage, 'url'>): void {
  if (!TOKEN_IN_URL.test(url)) return;
  throw new WitanError(
    'invalid_request',
    'a token does not belong into the address: send it as `Authorization: Bearer <token>`, and revoke this one',
  );
}

/**
 * Finds out who sends a request with a token, and notes it (`callerOf`). Who sends none stays unknown.
 *
 * @param authenticators asked one after the other; the first that knows the token says whose it is
 * @throws InvalidToken when none of them knows the token
 */
export async function authenticate(
  request: IncomingMessage,
  token: string,
  authenticators: readonly Authenticator[],
): Promise<void> {
  for (const authenticator of authenticators) {
    const caller = await known(authenticator, token);
    if (caller === undefined) continue;
    identify(request, caller);
    return;
  }
  throw new InvalidToken('the token is not valid: it is unknown, has expired or was revoked');
}

async function known(authenticator: Authenticator, token: string): Promise<Caller | undefined> {
  try {
    return await authenticator.callerOf(token);
  } catch (thrown) {
    throw thrown instanceof WitanError && thrown.code === 'unauthenticated'
      ? new InvalidToken(thrown.message)
      : thrown;
  }
}
