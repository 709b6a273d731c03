import { Option, type Command } from 'commander';
import { COUNT_FIELDS, type CountField } from '../audit/query.js';
import { addAuditExport } from './audit-export.js';
import { runAuditQuery } from './audit-query.js';
import { runAuditShow } from './audit-show.js';
import { runAuditVerify, VERIFY_FORMATS } from './audit-verify.js';
import { formatOf, withFormat, type FormatFlags, type ProgramOptions } from './command-options.js';
import { filterOf, withDataDir, withFilter, withSource, type SourceFlags } from './filter-flags.js';

/** `witan audit …`: each of its commands is one function here. */
export function addAudit(program: Command, options: ProgramOptions): void {
  const audit = program.command('audit').description('ask the audit log, and rely on it');
  addQuery(audit, options);
  addShow(audit, options);
  addAuditExport(audit, options);
  addVerify(audit, options);
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
  withFilter(command);
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
        const asked = { filter: filterOf(flags), order, limit, cursor, all, counts, json };
        options.ended(await runAuditQuery({ dataDir, server, ...asked }, options.needs));
      },
    );
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
