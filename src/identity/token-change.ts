import type { Token } from './token.js';

/** Keeps a token, or what became of it; committed together with the record of the act. */
export interface TokenChange {
  readonly kind: 'put_token';
  readonly token: Token;
}
