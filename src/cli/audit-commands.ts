import { Option, type Command } from 'commander';
import { COUNT_FIELDS, type CountField } from '../audit/query.js';
import { addAuditExport } from './audit-export.js';
import { addAuditProof } from './audit-proof.js';
import { addAuditRotateKey } from './audit-rotate-key.js';
import { runAuditQuery } from './audit-query.js';
import { addReplay } from './audit-replay.js';
import { runAuditShow } from './audit-show.js';
import { runAuditVerify, VERIFY_FORMATS } from './audit-verify.js';
import { formatOf, withFormat, type FormatFlags, type ProgramOptions } from './command-options.js';
import { serverOf, withServer, type ServerFlags } from './server-flags.js';
import { filterOf, withDataDir, withFilter, withSource, type SourceFlags } from './filter-flags.js';

/** `witan audit …`: each of its commands is one function here. */
export function addAudit(program: Command, options: ProgramOptions): void {
  const audit = program.command('audit').description('ask the audit log, and rely on it');
  addQuery(audit, options);
  addShow(audit, options);
  addAuditExport(audit, options);
  addAuditProof(audit, options);
  addVerify(audit, options);
  addReplay(audit, options);
  addAuditRotateKey(audit, options);
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
    .action(async ({ dataDir, order, limit, cursor, all = false, counts, json = false, ...flags }: Flags) => {
      const server = serverOf({ dataDir, ...flags }, options.environment);
      const asked = { filter: filterOf(flags), order, limit, cursor, all, counts, json };
      options.ended(await runAuditQuery({ dataDir, server, ...asked }, options.needs));
    });
}

function addShow(audit: Command, options: ProgramOptions): void {
  withSource(
    audit.command('show').description('show one record').argument('<id>', 'id of the record'),
    options,
  )
    .option('--json', 'the record as JSON')
    .addHelpText('after', '\nExample: witan audit show 01979f2b-5d1c-7cc0-a2b1-6f9a3e0d4c55\n')
    .action(async (id: string, { json = false, ...flags }: SourceFlags & { readonly json?: boolean }) => {
      const { dataDir } = flags;
      const server = serverOf(flags, options.environment);
      options.ended(await runAuditShow({ id, dataDir, server, json }, options.needs));
    });
}

function addVerify(audit: Command, options: ProgramOptions): void {
  type Flags = FormatFlags<(typeof VERIFY_FORMATS)[number]> & {
    readonly dataDir: string;
    readonly vkey: readonly string[];
    readonly against: readonly string[];
    readonly recompile?: boolean;
  } & ServerFlags;
  withFormat(
    withServer(
      withDataDir(
        audit
          .command('verify')
          .description(
            'derive the log again and compare, without the service; or verify an export, or the proof of a record',
          )
          .argument(
            '[target]',
            "a store's folder, served or a copy; a copy of its database; an export; or a proof file",
          ),
        options,
      ),
      'verify the log of this service by what it serves',
    )
      .option('--vkey <key or file>', 'verifier key that you trust; may be repeated', repeated, [])
      .option(
        '--against <file>',
        'checkpoint that you kept, which the log must extend; may be repeated',
        repeated,
        [],
      )
      .option('--recompile', 'compile the bundles on record again, and compare the modules'),
    VERIFY_FORMATS,
  )
    .addHelpText(
      'after',
      '\nExamples: witan audit verify --data-dir ./data --vkey witan.vkey --against march.checkpoint\n          witan audit verify decision.tlog-proof --vkey witan.vkey\n',
    )
    .action(
      async (target: string | undefined, { dataDir, vkey, against, recompile = false, ...flags }: Flags) => {
        const server = serverOf({ dataDir, ...flags }, options.environment);
        const asked = { target: target ?? dataDir, server, vkeys: vkey, against, recompile };
        options.ended(await runAuditVerify({ ...asked, format: formatOf(flags) }, options.needs));
      },
    );
}

/** An option that may be given several times. */
function repeated(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
