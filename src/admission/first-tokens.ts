import { chmod, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config.js';
import { messageOf, WitanError } from '../errors.js';
import { SERVICE_CALLER } from '../identity/caller.js';
import { demoBearers } from '../identity/demo-bearers.js';
import type { InMemoryTokens } from '../identity/in-memory-tokens.js';
import { isValid, type Token } from '../identity/token.js';
import type { Registry } from '../registry/registry.js';
import { isOperators, type TokenActs } from './tokens.js';

/** Stands in the data folder while `WITAN_AUTH` is `development`: `{"<name>": {"token", "roles", "domain"}}`. */
export const DEMO_TOKENS_FILE = 'demo-tokens.json';
/** Written to the data folder when no operator has a token: `{"token", "roles"}`. */
export const OPERATOR_TOKEN_FILE = 'operator-token.json';

/** Known by their note: nobody but the service makes tokens in its own name. */
const DEMO_NOTE = 'demo token';

interface Needs {
  readonly config: Pick<Config, 'auth' | 'dataDir'>;
  readonly registry: Pick<Registry, 'entities'>;
  readonly tokens: InMemoryTokens;
  readonly tokenActs: TokenActs;
  readonly nowMs: () => number;
  /** Told what is written where, in words. */
  readonly progress: (message: string) => void;
}

/**
 * Sees to it that someone has a token: for `development` the people and services of the registry, whose tokens then
 * stand in a file; otherwise an operator. Tokens of the demo are valid for `development` alone.
 *
 * @throws WitanError `store_unavailable` when a file cannot be written
 */
export async function giveFirstTokens(needs: Needs): Promise<void> {
  const { config } = needs;
  if (config.auth === 'development') await giveDemoTokens(needs);
  if (config.auth === 'token') await giveOperatorToken(needs);
  if (config.auth !== 'development') await takeDemoTokens(needs, `\`WITAN_AUTH\` is \`${config.auth}\``);
}

async function giveDemoTokens(needs: Needs): Promise<void> {
  const { config, registry, tokenActs, progress } = needs;
  const file = join(config.dataDir, DEMO_TOKENS_FILE);
  const before = validDemoTokens(needs);
  if (before.length > 0 && (await exists(file))) return;
  const given: Record<string, object> = {};
  for (const { name, caller, roles, domain } of demoBearers(registry.entities())) {
    const { secret } = await tokenActs.create({ caller, roles, note: DEMO_NOTE }, { caller: SERVICE_CALLER });
    given[name] = { token: secret, roles, ...(domain !== undefined && { domain }) };
  }
  await revokeAll(needs, before, `\`${DEMO_TOKENS_FILE}\` was made again`);
  await writeSecretFile(file, given);
  progress(`wrote the tokens of ${Object.keys(given).length} people and services of the mesh to ${file}`);
}

async function giveOperatorToken({ config, tokens, tokenActs, nowMs, progress }: Needs): Promise<void> {
  const isGiven = (token: Token) => !isDemo(token) && isOperators(token, nowMs());
  if ([...tokens.all()].some(isGiven)) return;
  const request = { caller: 'operator', roles: ['operator'], note: 'first token of an operator' };
  const { secret } = await tokenActs.create(request, { caller: SERVICE_CALLER });
  const file = join(config.dataDir, OPERATOR_TOKEN_FILE);
  await writeSecretFile(file, { token: secret, roles: request.roles });
  progress(
    `no operator has a token: wrote one to ${file}; make tokens for people and services with it, then revoke it and delete the file`,
  );
}

async function takeDemoTokens(needs: Needs, reason: string): Promise<void> {
  const valid = validDemoTokens(needs);
  await revokeAll(needs, valid, reason);
  if (valid.length > 0) needs.progress(`revoked ${valid.length} tokens of the demo: ${reason}`);
}

async function revokeAll({ tokenActs }: Needs, tokens: readonly Token[], reason: string): Promise<void> {
  for (const { id } of tokens)
    await tokenActs.revoke({ id, reason, evenLast: true }, { caller: SERVICE_CALLER });
}

function validDemoTokens({ tokens, nowMs }: Needs): readonly Token[] {
  return [...tokens.all()].filter((token) => isDemo(token) && isValid(token, nowMs()));
}

function isDemo({ note, created_by }: Token): boolean {
  return note === DEMO_NOTE && created_by === SERVICE_CALLER.id;
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new WitanError('store_unavailable', `\`${file}\` cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/** Writes a file that its owner alone can read, beside its place, and puts it there when it is whole. */
async function writeSecretFile(file: string, content: object): Promise<void> {
  const part = `${file}.part`;
  try {
    await rm(part, { force: true });
    // `wx`: what someone else put there meanwhile, such as a link, is not followed.
    const handle = await open(part, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(part, 0o600);
    await rename(part, file);
    const folder = await open(dirname(file), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (thrown) {
    throw new WitanError('store_unavailable', `\`${file}\` cannot be written: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}
