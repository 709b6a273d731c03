import type { Acting } from '../audit/act.js';
import type { AccessChangeRecord } from '../audit/record.js';
import type { Commit } from '../commit.js';
import { WitanError } from '../errors.js';
import { RESERVED_CALLERS } from '../identity/caller.js';
import { hasRole, readGrant, writeGrant } from '../identity/grant.js';
import type { InMemoryTokens } from '../identity/in-memory-tokens.js';
import { isValid, tokenHash, tokenSecret, type Token } from '../identity/token.js';
import { inTurns, type InTurn } from '../in-turn.js';

/** A token that is asked for. */
export interface TokenRequest {
  /** Whom it will speak for. */
  readonly caller: string;
  /** Grants as they are written: `auditor`, `steward:finance/risk`. */
  readonly roles: readonly string[];
  /** RFC 3339; without it the token is valid until it is revoked. */
  readonly expires_at?: string;
  readonly note?: string;
}

/** A token as it is given to its bearer; the secret is kept nowhere, so this is the one time that it is seen. */
export interface NewToken {
  readonly token: Token;
  readonly secret: string;
}

export interface Revocation {
  readonly id: string;
  readonly reason: string;
  /** Also when no operator has a valid token then: where operators come from elsewhere. */
  readonly evenLast?: boolean;
}

/** Gives tokens and takes them back, one after the other, each with its record. */
export interface TokenActs {
  /**
   * @throws WitanError `invalid_request` for a caller, a role or an end that cannot be; `too_many_items` when
   * `TOKENS_MAX` are valid already
   */
  create(request: TokenRequest, acting: Acting): Promise<NewToken>;
  /**
   * Takes a token back; one that was taken back already stays as it is.
   *
   * @throws WitanError `not_found`; `last_operator` for the last valid token of an operator
   */
  revoke(revocation: Revocation, acting: Acting): Promise<Token>;
}

interface Needs {
  /** That of everyone who changes tokens; one of its own where nobody else does. */
  readonly inTurn?: InTurn;
  readonly tokens: InMemoryTokens;
  readonly commit: Commit;
  /** The policies in force. */
  readonly revision: () => number;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** Tokens that are valid at one time. */
export const TOKENS_MAX = 10_000;
export const CALLER_CHARS_MAX = 256;
export const TOKEN_ROLES_MAX = 100;
export const TOKEN_NOTE_CHARS_MAX = 1024;
const SECRET_BYTES = 32;

export function createTokenActs(needs: Needs): TokenActs {
  const { inTurn = inTurns() } = needs;
  return {
    create: (request, acting) => inTurn(() => create(needs, request, acting)),
    revoke: (request, acting) => inTurn(() => revoke(needs, request, acting)),
  };
}

async function create(needs: Needs, request: TokenRequest, acting: Acting): Promise<NewToken> {
  const { tokens, commit, nowMs, newId, randomBytes } = needs;
  const now = nowMs();
  const valid = [...tokens.all()].filter((token) => isValid(token, now));
  if (valid.length >= TOKENS_MAX) {
    throw new WitanError('too_many_items', `${TOKENS_MAX} tokens are valid already: revoke some first`);
  }
  const expires = expiryOf(request, now);
  const secret = tokenSecret(randomBytes(SECRET_BYTES));
  const token: Token = {
    id: newId(),
    caller: callerIdOf(request),
    roles: [...new Set(request.roles.map((role) => writeGrant(readGrant(role))))],
    hash: tokenHash(secret),
    ...(request.note !== undefined && { note: request.note }),
    created_at: new Date(now).toISOString(),
    created_by: acting.caller.id,
    ...(expires !== undefined && { expires_at: expires }),
  };
  const record = recordOf(needs, 'created', token, acting);
  await commit({ record, changes: [{ kind: 'put_token', token }] });
  return { token, secret };
}

async function revoke(
  needs: Needs,
  { id, reason, evenLast = false }: Revocation,
  acting: Acting,
): Promise<Token> {
  const { tokens, commit, nowMs } = needs;
  const token = tokens.byId(id);
  if (token === undefined) throw new WitanError('not_found', `there is no token \`${id}\``);
  if (token.revoked_at !== undefined) return token;
  if (!evenLast) requireAnotherOperator(tokens, [token], nowMs());
  const revoked: Token = { ...token, revoked_at: new Date(nowMs()).toISOString() };
  const record = { ...recordOf(needs, 'revoked', revoked, acting), reason };
  await commit({ record, changes: [{ kind: 'put_token', token: revoked }] });
  return revoked;
}

/**
 * Without an operator nobody could make tokens any more.
 *
 * @param revoked those that are about to be revoked at once
 * @throws WitanError `last_operator`
 */
export function requireAnotherOperator(
  tokens: InMemoryTokens,
  revoked: readonly Token[],
  nowMs: number,
): void {
  const last = revoked.find((token) => isOperators(token, nowMs));
  if (last === undefined) return;
  const gone = new Set(revoked.map(({ id }) => id));
  if ([...tokens.all()].some((other) => !gone.has(other.id) && isOperators(other, nowMs))) return;
  throw new WitanError(
    'last_operator',
    `\`${last.id}\` is the last valid token of an operator: make another one first, or nobody could make tokens any more`,
  );
}

/** Whether a token is an operator's, and valid. */
export function isOperators(token: Token, nowMs: number): boolean {
  return isValid(token, nowMs) && hasRole({ id: token.caller, roles: token.roles }, 'operator');
}

function recordOf(
  { newId, nowMs, revision }: Needs,
  event: AccessChangeRecord['event'],
  { id, caller: bearer, roles: grants, expires_at }: Token,
  { caller, correlation }: Acting,
): AccessChangeRecord {
  return {
    id: newId(),
    time: new Date(nowMs()).toISOString(),
    kind: 'access_change',
    caller,
    ...(correlation !== undefined && { correlation }),
    revision: revision(),
    event,
    entity: { type: 'token', id },
    bearer,
    grants,
    ...(expires_at !== undefined && { expires_at }),
  };
}

const PRINTED = /^[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?$/u;

function callerIdOf({ caller }: TokenRequest): string {
  if (caller.length > CALLER_CHARS_MAX || !PRINTED.test(caller)) {
    throw invalid(
      '/caller',
      `must be 1 to ${CALLER_CHARS_MAX} visible characters, without spaces at its ends`,
    );
  }
  if (RESERVED_CALLERS.has(caller)) throw invalid('/caller', `must not be \`${caller}\`, which is nobody's`);
  return caller;
}

function expiryOf({ expires_at }: TokenRequest, nowMs: number): string | undefined {
  if (expires_at === undefined) return undefined;
  const endMs = Date.parse(expires_at);
  if (!(endMs > nowMs)) throw invalid('/expires_at', 'must be a time that is still to come (RFC 3339)');
  return new Date(endMs).toISOString();
}

function invalid(pointer: string, message: string): WitanError {
  return new WitanError('invalid_request', `${pointer} ${message}`, { faults: [{ pointer, message }] });
}
