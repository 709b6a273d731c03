import { keptBeside } from '../document/kept-beside.js';
import { recurring } from '../document/recurring.js';
import type { Caller } from './caller.js';
import type { TokenChange } from './token-change.js';
import { isValid, tokenHash, type Token } from './token.js';

/** The tokens, held in memory by their hashes. They are changed only by changes that are already durable. */
export class InMemoryTokens {
  readonly #byId = new Map<string, Token>();
  readonly #byHash = new Map<string, string>();

  constructor(tokens: Iterable<Token> = []) {
    for (const token of tokens) this.apply({ kind: 'put_token', token });
  }

  byId(id: string): Token | undefined {
    return this.#byId.get(id);
  }

  /** Oldest first. */
  all(): Iterable<Token> {
    return this.#byId.values();
  }

  /** Who sends this secret; `undefined` when no token that is valid now has it. */
  callerOf(secret: string, nowMs: number): Caller | undefined {
    const id = this.#byHash.get(tokenHash(secret));
    const token = id === undefined ? undefined : this.#byId.get(id);
    return token !== undefined && isValid(token, nowMs) ? bearerOf(token) : undefined;
  }

  /** Applies a change that the log has acknowledged. */
  apply({ token }: TokenChange): void {
    this.#byId.set(token.id, token);
    this.#byHash.set(token.hash, token.id);
  }
}

const bearers = new WeakMap<Token, Caller>();

/** The same object for the same token. */
function bearerOf(token: Token): Caller {
  return keptBeside(bearers, token, () => recurring({ id: token.caller, roles: token.roles }));
}
