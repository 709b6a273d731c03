import type { App } from '../app.js';
import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import { TOKEN_PREFIX } from '../identity/token.js';
import type { Oidc } from '../oidc.js';
import { InvalidToken, type Authenticator } from './authenticate.js';

/** Who knows callers by their tokens: the service its own, and the identity provider the others, where there is one. */
export function authenticatorsOf({
  tokens,
  oidc,
  nowMs,
}: Pick<App, 'tokens' | 'oidc' | 'nowMs'>): readonly Authenticator[] {
  const own: Authenticator = { callerOf: (token) => tokens.callerOf(token, nowMs()) };
  return oidc === undefined ? [own] : [own, { callerOf: (token) => ofProvider(oidc, token) }];
}

async function ofProvider(oidc: Oidc, token: string): Promise<Caller | undefined> {
  // A token of the service that it does not know any more is nobody else's.
  if (token.startsWith(TOKEN_PREFIX)) return undefined;
  try {
    return await oidc.callerOf(token);
  } catch (thrown) {
    if (!(thrown instanceof WitanError) || thrown.code !== 'unauthenticated') throw thrown;
    throw new InvalidToken(thrown.message);
  }
}
