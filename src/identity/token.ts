import { createHash } from 'node:crypto';

/** Everything that is kept of a token; the secret itself is shown once and kept nowhere. */
export interface Token {
  /** UUIDv7: names the token, is no secret. */
  readonly id: string;
  /** Who its bearer is: of a person the id of the subject of type `user`. */
  readonly caller: string;
  /** Grants as they are written (`grant.ts`). */
  readonly roles: readonly string[];
  /** SHA-256 of the secret, as hexadecimal. */
  readonly hash: string;
  readonly note?: string;
  /** RFC 3339. */
  readonly created_at: string;
  readonly created_by: string;
  readonly expires_at?: string;
  readonly revoked_at?: string;
}

/** Secrets begin with it, so that scanners for leaked secrets know them. */
export const TOKEN_PREFIX = 'witan_';

/**
 * A token's secret as its bearer sends it.
 *
 * @param random 32 random bytes
 */
export function tokenSecret(random: Uint8Array): string {
  return `${TOKEN_PREFIX}${Buffer.from(random).toString('base64url')}`;
}

/** What is kept of a secret. It has 256 random bits, so a plain hash cannot be guessed back. */
export function tokenHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether a token still speaks for its caller. */
export function isValid({ expires_at, revoked_at }: Token, nowMs: number): boolean {
  return revoked_at === undefined && (expires_at === undefined || nowMs < Date.parse(expires_at));
}
