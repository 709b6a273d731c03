import type { Command } from 'commander';
import { isObject, writeJson } from '../../document/json.js';
import { parseDocument } from '../../document/parse.js';
import { WitanError } from '../../errors.js';
import type { ProgramOptions } from '../command-options.js';
import { readText } from '../read-text.js';
import { count, plain, styleOf } from '../style.js';
import { EXIT } from '../terminal.js';
import { objectsIn } from './answers.js';
import { paintedTable } from './painted-table.js';
import { headOf } from './sections.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

/** Adds `entity …`: what the registry knows of subjects and of resources that are no products. */
export function addEntity(program: Command, options: ProgramOptions): void {
  const entity = program
    .command('entity')
    .description('say what the registry knows of subjects, and of resources that are no data products');
  addPut(entity, options);
  addGet(entity, options);
  addDelete(entity, options);
  addList(entity, options);
}

function addPut(entity: Command, options: ProgramOptions): void {
  withService(
    named(entity.command('put').description('register an entity, or replace what is known of it')).argument(
      '<file>',
      'JSON or YAML with `properties` and, if it has one, `domain`; - for standard input',
    ),
    options,
  )
    .addHelpText('after', '\nExample: witan entity put user bob bob.yaml\n')
    .action(async (type: string, id: string, file: string, flags: ServiceFlags) => {
      const { terminal, stdin } = options.needs;
      const text = file === '-' ? await stdin() : await readText(file, 'invalid_request');
      const { document } = parseDocument(text, { file, code: 'invalid_request' });
      if (!isObject(document)) throw new WitanError('invalid_request', `\`${file}\` holds no object`);
      const answer = await serviceOf(flags, options).send('PUT', pathOf(type, id), document);
      if (flags.json === true) terminal.out(`${writeJson(answer, 2)}\n`);
      else terminal.err(`registered ${plain(type)} ${plain(id)}\n`);
      options.ended(EXIT.fine);
    });
}

function addGet(entity: Command, options: ProgramOptions): void {
  withService(named(entity.command('get').description('show what is known of an entity')), options)
    .addHelpText('after', '\nExample: witan entity get user bob\n')
    .action(async (type: string, id: string, flags: ServiceFlags) => {
      const answer = await serviceOf(flags, options).get(pathOf(type, id));
      options.needs.terminal.out(`${writeJson(answer, 2)}\n`);
      options.ended(EXIT.fine);
    });
}

function addDelete(entity: Command, options: ProgramOptions): void {
  interface Flags extends ServiceFlags {
    readonly revokeTokens?: boolean;
  }
  withService(
    named(entity.command('delete').description('forget an entity')).option(
      '--revoke-tokens',
      'revoke the tokens that speak for it, too',
    ),
    options,
  )
    .addHelpText('after', '\nExample: witan entity delete user bob --revoke-tokens\n')
    .action(async (type: string, id: string, flags: Flags) => {
      const query = flags.revokeTokens === true ? '?revoke_tokens=true' : '';
      const answer = await serviceOf(flags, options).send('DELETE', `${pathOf(type, id)}${query}`);
      const { terminal } = options.needs;
      if (flags.json === true) terminal.out(`${writeJson(answer ?? {}, 2)}\n`);
      else terminal.err(`forgot ${plain(type)} ${plain(id)}\n`);
      options.ended(EXIT.fine);
    });
}

const CELL_CHARS_MAX = 80;
const COLUMNS = ['type', 'id', 'domain', 'properties'].map((title) => ({ title }));

function addList(entity: Command, options: ProgramOptions): void {
  interface Flags extends ServiceFlags {
    readonly type?: string;
    readonly domain?: string;
    readonly limit?: string;
    readonly cursor?: string;
  }
  withService(
    entity
      .command('list')
      .description('list entities')
      .option('--type <type>', 'only those of this type, such as user')
      .option('--domain <path>', 'only those of this domain')
      .option('--limit <number>', 'how many at most')
      .option('--cursor <cursor>', 'go on after an earlier page'),
    options,
  )
    .addHelpText('after', '\nExample: witan entity list --type user\n')
    .action(async (flags: Flags) => {
      const { terminal } = options.needs;
      const { type, domain, limit, cursor } = flags;
      const given = Object.entries({ type, domain, limit, cursor }).filter(
        (each): each is [string, string] => each[1] !== undefined,
      );
      const query = new URLSearchParams(given).toString();
      const answer = await serviceOf(flags, options).get(`v1/entities${query === '' ? '' : `?${query}`}`);
      if (flags.json === true) {
        terminal.out(`${writeJson(answer, 2)}\n`);
        options.ended(EXIT.fine);
        return;
      }
      const entities = objectsIn(answer, 'entities');
      const rows = entities.map((one) => [
        ...['type', 'id', 'domain'].map((name) => (typeof one[name] === 'string' ? one[name] : '')),
        headOf(writeJson(one['properties'] ?? {}), CELL_CHARS_MAX),
      ]);
      terminal.out(paintedTable(COLUMNS, rows, styleOf(terminal)));
      const next = isObject(answer) ? answer['next'] : undefined;
      terminal.err(
        typeof next === 'string'
          ? `more follow: --cursor ${plain(next)}\n`
          : `${count(entities.length, 'entity', 'entities')}\n`,
      );
      options.ended(EXIT.fine);
    });
}

function named(command: Command): Command {
  return command.argument('<type>', 'such as user').argument('<id>', 'its id');
}

function pathOf(type: string, id: string): string {
  return `v1/entities/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
}
