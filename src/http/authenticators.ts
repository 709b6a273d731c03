import type { App } from '../app.js';
import { TOKEN_PREFIX } from '../identity/token.js';
import type { Authenticator } from './authenticate.js';

/** Who knows callers by their tokens: the service its own, and the identity provider the others, where there is one. */
export function authenticatorsOf({
  tokens,
  oidc,
  nowMs,
}: Pick<App, 'tokens' | 'oidc' | 'nowMs'>): readonly Authenticator[] {
  const own: Authenticator = { callerOf: (token) => tokens.callerOf(token, nowMs()) };
  if (oidc === undefined) return [own];
  // A token of the service that it does not know any more is nobody else's.
  return [own, { callerOf: (token) => (token.startsWith(TOKEN_PREFIX) ? undefined : oidc.callerOf(token)) }];
}
