import { randomBytes } from 'node:crypto';
import type { AuditLog } from '../audit/log.js';
import type { Commit } from '../commit.js';
import type { Config } from '../config.js';
import { giveFirstTokens } from './first-tokens.js';
import type { InMemoryTokens } from '../identity/in-memory-tokens.js';
import type { InTurn } from '../in-turn.js';
import { createOidc, type Oidc } from './oidc.js';
import { createRefusals, type Refusals } from './refusals.js';
import type { Registry } from '../registry/registry.js';
import { createTokenActs, type TokenActs } from './tokens.js';

interface Needs {
  readonly config: Config;
  readonly audit: AuditLog;
  readonly registry: Registry;
  readonly tokens: InMemoryTokens;
  readonly commit: Commit;
  readonly councilTurn: InTurn;
  readonly revision: () => number;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  /** UUIDv7. */
  readonly newId: () => string;
  readonly progress: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** By what callers are known, and what becomes of those who are refused. */
export interface Admission {
  /** Gives tokens, and takes them back. */
  readonly tokenActs: TokenActs;
  /** Knows whom the identity provider of the organisation knows; absent without one. */
  readonly oidc?: Oidc;
  /** Puts on record what was refused. */
  readonly refusals: Refusals;
}

/** Puts it together, and gives the first tokens of a mesh. @throws WitanError `store_unavailable` */
export async function openAdmission(needs: Needs): Promise<Admission> {
  const { config, councilTurn, nowMs, warn } = needs;
  const tokenActs = createTokenActs({ ...needs, inTurn: councilTurn, randomBytes });
  await giveFirstTokens({ ...needs, tokenActs });
  const oidc = config.oidc && createOidc({ settings: config.oidc, nowMs, warn });
  return { tokenActs, refusals: createRefusals(needs), ...(oidc !== undefined && { oidc }) };
}
