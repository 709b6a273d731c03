import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../document/json.js';
import { messageOf, WitanError } from '../errors.js';
import { DEMO_TOKENS_FILE } from '../admission/first-tokens.js';
import type { Server } from './ask-server.js';
import type { ProgramOptions } from './command-options.js';

/** As whom a service is asked. */
export interface BearerFlags {
  /** A name in the demo tokens of the data folder. */
  readonly as?: string;
  readonly tokenFile?: string;
  readonly dataDir?: string;
}

/** Which service is asked, if any, and as whom. */
export interface ServerFlags extends BearerFlags {
  readonly server?: string;
}

type Environment = ProgramOptions['environment'];

/** Adds which service is asked, and as whom; the folder of the demo tokens is `--data-dir`. */
export function withServer(command: Command, help = 'ask this service instead'): Command {
  return withBearer(command.option('--server <url>', help));
}

/** Adds as whom a service is asked. */
export function withBearer(command: Command): Command {
  return command
    .option(
      '--as <name>',
      `ask as this person or service of the demo, by the ${DEMO_TOKENS_FILE} of --data-dir`,
    )
    .option('--token-file <file>', 'ask with the token in this file (otherwise with WITAN_TOKEN)');
}

/** The folder of the embedded store, also where a command does not read it. */
export function dataDirOf(environment: Environment): string {
  const given = environment['WITAN_DATA_DIR'];
  return given === undefined || given === '' ? './data' : given;
}

/**
 * The service that the flags name, with the token that they or `WITAN_TOKEN` give; `undefined` when they name none.
 *
 * @throws WitanError `invalid_request`
 */
export function serverOf(flags: ServerFlags, environment: Environment): Server | undefined {
  const { server, as, tokenFile } = flags;
  if (server !== undefined) return { url: server, ...bearerOf(flags, environment) };
  if (as === undefined && tokenFile === undefined) return undefined;
  const flag = as === undefined ? '--token-file' : '--as';
  throw new WitanError(
    'invalid_request',
    `\`${flag}\` says as whom a service is asked: name it with \`--server\``,
  );
}

/**
 * The token that flags or the environment give; nothing when none does.
 *
 * @throws WitanError `invalid_request` for a name or a file that is not there, and for a text that cannot be a token
 */
export function bearerOf(
  { as, tokenFile, dataDir }: BearerFlags,
  environment: Environment,
): { readonly token?: string } {
  if (as !== undefined && tokenFile !== undefined) {
    throw new WitanError('invalid_request', 'give `--as` or `--token-file`, not both');
  }
  if (as !== undefined) return { token: demoToken(as, dataDir ?? dataDirOf(environment)) };
  if (tokenFile !== undefined) return { token: checked(tokenIn(tokenFile), `\`${tokenFile}\``) };
  const given = environment['WITAN_TOKEN'];
  return given === undefined || given === '' ? {} : { token: checked(given.trim(), '`WITAN_TOKEN`') };
}

function demoToken(name: string, dataDir: string): string {
  const file = join(dataDir, DEMO_TOKENS_FILE);
  const names = parsed(read(file), file);
  const entry = Object.hasOwn(names, name) ? names[name] : undefined;
  if (isObject(entry) && typeof entry['token'] === 'string') return checked(entry['token'], `\`${file}\``);
  throw new WitanError(
    'invalid_request',
    `\`${file}\` has no token of \`${name}\`; it has those of ${Object.keys(names).join(', ')}`,
  );
}

/** A token alone, or JSON with the member `token`, such as what the service writes for the first operator. */
function tokenIn(file: string): string {
  const text = read(file).trim();
  if (!text.startsWith('{')) return text;
  const { token } = parsed(text, file);
  return typeof token === 'string' ? token : '';
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WitanError('invalid_request', `\`${file}\` cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function parsed(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below; what the parser says would show a part of the file.
  }
  throw new WitanError('invalid_request', `\`${file}\` is no JSON object`);
}

/** What stands there is not shown: it may be a secret. */
function checked(token: string, where: string): string {
  if (/^[A-Za-z0-9._~+/-]+=*$/.test(token)) return token;
  throw new WitanError('invalid_request', `what stands in ${where} is no token`);
}
