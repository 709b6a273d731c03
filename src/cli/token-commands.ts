import type { Command } from 'commander';
import { isObject, writeJson } from '../document/json.js';
import { ServerError, refusal, requestServer, type Server } from './ask-server.js';
import type { ProgramOptions } from './command-options.js';
import { bearerOf } from './server-flags.js';
import { withService, type ServiceFlags } from './service-flags.js';
import { count, plain } from './style.js';
import { table } from './table.js';
import { EXIT, type Terminal } from './terminal.js';

interface CreateFlags extends ServiceFlags {
  readonly role: readonly string[];
  readonly expiresAt?: string;
  readonly note?: string;
}

/** A token as the service tells of it. */
interface ShownToken {
  readonly id: string;
  readonly caller: string;
  readonly roles: readonly string[];
  readonly note?: string;
  readonly expires_at?: string;
  readonly revoked_at?: string;
}

const PAGE_MAX = 1000;

/** `witan token …`: gives tokens and takes them back. Only operators may. */
export function addToken(program: Command, options: ProgramOptions): void {
  const token = program.command('token').description('give people and services tokens, and take them back');
  addCreate(token, options);
  addList(token, options);
  addRevoke(token, options);
}

function addCreate(token: Command, { needs, environment, ended }: ProgramOptions): void {
  withService(
    token
      .command('create')
      .description('make a token; its secret goes to standard output, this once')
      .argument('<caller>', 'whom it speaks for: a person or service by its id')
      .requiredOption(
        '--role <role>',
        'such as auditor, or steward:sales; may be repeated',
        (value: string, before: readonly string[]) => [...before, value],
        [],
      )
      .option('--expires-at <time>', 'when it ends (RFC 3339); until it is revoked unless given')
      .option('--note <text>', 'what it is for'),
    { environment },
  )
    .addHelpText(
      'after',
      '\nExample: witan token create ana --role steward:sales --expires-at 2027-01-01T00:00:00Z --as sam > ana.token\n',
    )
    .action(async (caller: string, { role, expiresAt, note, ...flags }: CreateFlags) => {
      const { terminal } = needs;
      const created = await asked(serviceOf(flags, environment), 'v1/tokens', {
        caller,
        roles: role,
        ...(expiresAt !== undefined && { expires_at: expiresAt }),
        ...(note !== undefined && { note }),
      });
      if (flags.json === true) terminal.out(`${writeJson(created, 2)}\n`);
      else {
        terminal.out(`${String(created['secret'])}\n`);
        const made = `made the token ${String(created['id'])} for ${caller}: ${role.join(', ')}`;
        terminal.err(`${plain(made)}; its secret is shown this once\n`);
      }
      ended(EXIT.fine);
    });
}

function addList(token: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = ServiceFlags & { readonly caller?: string; readonly all?: boolean };
  withService(
    token
      .command('list')
      .description('list tokens that are valid')
      .option('--caller <id>', 'of this person or service alone')
      .option('--all', 'also those that have expired or were revoked'),
    { environment },
  )
    .addHelpText('after', '\nExample: witan token list --as sam\n')
    .action(async ({ caller, all = false, ...flags }: Flags) => {
      const tokens = await tokensOf(serviceOf(flags, environment), caller);
      const shown = all ? tokens : tokens.filter((each) => standing(each, needs.nowMs()) !== 'over');
      if (flags.json === true) needs.terminal.out(`${writeJson({ tokens: shown }, 2)}\n`);
      else show(needs.terminal, shown);
      ended(EXIT.fine);
    });
}

function addRevoke(token: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = ServiceFlags & { readonly reason: string };
  withService(
    token
      .command('revoke')
      .description('take a token back; from then on it is not valid')
      .argument('<id>', 'id of the token')
      .requiredOption('--reason <text>', 'why; it stands on record'),
    { environment },
  )
    .addHelpText(
      'after',
      '\nExample: witan token revoke 01979f2b-5d1c-7cc0-a2b1-6f9a3e0d4c55 --reason "left the team" --as sam\n',
    )
    .action(async (id: string, { reason, ...flags }: Flags) => {
      const path = `v1/tokens/${encodeURIComponent(id)}/revocation`;
      const revoked = await asked(serviceOf(flags, environment), path, { reason });
      if (flags.json === true) needs.terminal.out(`${writeJson(revoked, 2)}\n`);
      else needs.terminal.err(`${plain(`revoked the token ${id} of ${String(revoked['caller'])}`)}\n`);
      ended(EXIT.fine);
    });
}

function serviceOf(flags: ServiceFlags, environment: ProgramOptions['environment']): Server {
  return { url: flags.server, ...bearerOf(flags, environment) };
}

/** @throws WitanError, ServerError as `requestServer` and `refusal` */
async function asked(
  server: Server,
  path: string,
  body?: object,
): Promise<Readonly<Record<string, unknown>>> {
  const answered = await requestServer(server, path, body);
  if (answered.ok && isObject(answered.body)) return answered.body;
  throw refusal(server, answered);
}

async function tokensOf(server: Server, caller: string | undefined): Promise<readonly ShownToken[]> {
  const tokens: ShownToken[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      limit: String(PAGE_MAX),
      ...(caller !== undefined && { caller }),
      ...(cursor !== undefined && { cursor }),
    });
    const page = await asked(server, `v1/tokens?${query.toString()}`);
    if (!Array.isArray(page['tokens']) || !page['tokens'].every(isToken)) {
      throw new ServerError(`\`${server.url}\` does not answer as this version of witan does`);
    }
    tokens.push(...page['tokens']);
    cursor = typeof page['next'] === 'string' ? page['next'] : undefined;
  } while (cursor !== undefined);
  return tokens;
}

function isToken(value: unknown): value is ShownToken {
  return (
    isObject(value) &&
    typeof value['id'] === 'string' &&
    typeof value['caller'] === 'string' &&
    Array.isArray(value['roles'])
  );
}

function show(terminal: Terminal, tokens: readonly ShownToken[]): void {
  const columns = ['id', 'caller', 'roles', 'until', 'note'].map((title) => ({ title }));
  terminal.out(
    table(
      columns,
      tokens.map(({ id, caller, roles, expires_at, revoked_at, note }) =>
        [
          id,
          caller,
          roles.join(', '),
          revoked_at === undefined ? (expires_at ?? '') : `revoked ${revoked_at}`,
          note ?? '',
        ].map(plain),
      ),
    ),
  );
  terminal.err(`${count(tokens.length, 'token')}\n`);
}

function standing({ expires_at, revoked_at }: ShownToken, nowMs: number): 'valid' | 'over' {
  return revoked_at !== undefined || (expires_at !== undefined && Date.parse(expires_at) <= nowMs)
    ? 'over'
    : 'valid';
}
