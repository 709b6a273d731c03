import { Option, type Command } from 'commander';
import type { RecordFilter } from '../audit/query.js';
import { FILTER_NAMES, readFilter } from '../audit/record-filter.js';
import type { ProgramOptions } from './command-options.js';
import { dataDirOf, withServer, type ServerFlags } from './server-flags.js';

export interface SourceFlags extends ServerFlags {
  readonly dataDir: string;
}

/** Where the log is read from: the folder of a store, or a running service. */
export function withSource(command: Command, options: ProgramOptions): Command {
  return withServer(withDataDir(command, options));
}

export function withDataDir(command: Command, { environment }: ProgramOptions): Command {
  return command.option(
    '--data-dir <folder>',
    'folder of the embedded store, served or a copy (WITAN_DATA_DIR)',
    dataDirOf(environment),
  );
}

/** One flag for each member of a filter, by its name. */
export function withFilter(command: Command): Command {
  for (const name of FILTER_NAMES) {
    command.addOption(
      new Option(`--${name.replaceAll('_', '-')} <value>`, FILTER_HELP[name]).argParser(once(name)),
    );
  }
  return command;
}

/** The filter that the flags make. @throws WitanError `invalid_request` */
export function filterOf(flags: object): RecordFilter {
  const given = FILTER_NAMES.flatMap((name) => {
    const value = (flags as Record<string, unknown>)[camelCase(name)];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return readFilter(given);
}

const FILTER_HELP: Readonly<Record<(typeof FILTER_NAMES)[number], string>> = {
  action: "the action's name",
  caller: "the caller's id",
  code: 'such as forbidden',
  consumer_domain: 'the consuming domain',
  decision: 'true or false',
  domain: 'the owning domain',
  enforcement: 'of a finding: hard, soft, advisory or shadow',
  from: 'this time (RFC 3339) or later',
  kind: 'such as decision',
  layer: 'of a finding: global, or a domain',
  outcome: 'of a finding: error, deny, permit or abstain',
  policy: 'of a finding: its policy',
  proposal: 'the proposal of an act',
  resource: "the resource's id",
  revision: 'the policies in force',
  subject: "the subject's id",
  text: 'words that all occur in the reasons',
  to: 'before this time (RFC 3339)',
  waiver: 'of a finding: what waived it',
};

/** A flag that is repeated would otherwise count with its last value alone. */
function once(name: string): (value: string, previous: string | undefined) => string {
  return (value, previous) => {
    if (previous !== undefined) readFilter([[name, previous] as const, [name, value] as const]);
    return value;
  };
}

function camelCase(name: string): string {
  return name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
