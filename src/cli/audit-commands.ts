import { Option, type Command } from 'commander';
import { COUNT_FIELDS, type CountField } from '../audit/query.js';
import { FILTER_NAMES, readFilter } from '../audit/record-filter.js';
import { runAuditQuery } from './audit-query.js';
import { runAuditShow } from './audit-show.js';
import { runAuditVerify, VERIFY_FORMATS } from './audit-verify.js';
import { formatOf, withFormat, type FormatFlags, type ProgramOptions } from './command-options.js';

/** `witan audit …`: each of its commands is one function here. */
export function addAudit(program: Command, options: ProgramOptions): void {
  const audit = program.command('audit').description('ask the audit log, and rely on it');
  addQuery(audit, options);
  addShow(audit, options);
  addVerify(audit, options);
}

interface SourceFlags {
  readonly dataDir: string;
  readonly server?: string;
}

/** Where the log is read from: the folder of a store, or a running service. */
function withSource(command: Command, options: ProgramOptions): Command {
  return withDataDir(command, options).option('--server <url>', 'ask this service instead');
}

function withDataDir(command: Command, { environment }: ProgramOptions): Command {
  return command.option(
    '--data-dir <folder>',
    'folder of the embedded store, served or a copy (WITAN_DATA_DIR)',
    environment['WITAN_DATA_DIR'] ?? './data',
  );
}

function addQuery(audit: Command, options: ProgramOptions): void {
  type Flags = SourceFlags & {
    readonly order: 'newest' | 'oldest';
    readonly limit: string;
    readonly cursor?: string;
    readonly all?: boolean;
    readonly counts?: CountField;
    readonly json?: boolean;
  };
  const command = withSource(
    audit.command('query').description('find records by what they say, or count them'),
    options,
  );
  for (const name of FILTER_NAMES) {
    command.addOption(
      new Option(`--${name.replaceAll('_', '-')} <value>`, FILTER_HELP[name]).argParser(once(name)),
    );
  }
  command
    .addOption(
      new Option('--order <order>', 'which come first').choices(['newest', 'oldest']).default('newest'),
    )
    .option('--limit <number>', 'how many at most, 1 to 1000', '100')
    .option('--cursor <cursor>', 'go on after an earlier page')
    .option('--all', 'all that match, however many')
    .addOption(new Option('--counts <field>', 'count by the values of a field instead').choices(COUNT_FIELDS))
    .option('--json', 'NDJSON of sequence and record')
    .addHelpText(
      'after',
      '\nExamples: witan audit query --decision false --policy retention --from 2026-01-01T00:00:00Z\n          witan audit query --outcome deny --counts policy --server http://127.0.0.1:8180\n',
    )
    .action(
      async ({
        dataDir,
        server,
        order,
        limit,
        cursor,
        all = false,
        counts,
        json = false,
        ...flags
      }: Flags) => {
        const given = FILTER_NAMES.flatMap((name) => {
          const value = (flags as Record<string, unknown>)[camelCase(name)];
          return typeof value === 'string' ? [[name, value] as const] : [];
        });
        const asked = { filter: readFilter(given), order, limit, cursor, all, counts, json };
        options.ended(await runAuditQuery({ dataDir, server, ...asked }, options.needs));
      },
    );
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

function addShow(audit: Command, options: ProgramOptions): void {
  withSource(
    audit.command('show').description('show one record').argument('<id>', 'id of the record'),
    options,
  )
    .option('--json', 'the record as JSON')
    .addHelpText('after', '\nExample: witan audit show 01979f2b-5d1c-7cc0-a2b1-6f9a3e0d4c55\n')
    .action(
      async (id: string, { dataDir, server, json = false }: SourceFlags & { readonly json?: boolean }) => {
        options.ended(await runAuditShow({ id, dataDir, server, json }, options.needs));
      },
    );
}

function addVerify(audit: Command, options: ProgramOptions): void {
  type Flags = FormatFlags<(typeof VERIFY_FORMATS)[number]> & { readonly dataDir: string };
  withFormat(
    withDataDir(
      audit
        .command('verify')
        .description(
          'compile the stored source of every bundle again, and compare with the modules on record',
        )
        .requiredOption('--recompile', 'what is verified: that what ran is what its source makes'),
      options,
    ),
    VERIFY_FORMATS,
  )
    .addHelpText('after', '\nExample: witan audit verify --recompile --data-dir ./data\n')
    .action(async ({ dataDir, ...flags }: Flags) => {
      options.ended(await runAuditVerify({ dataDir, format: formatOf(flags) }, options.needs));
    });
}
