import { Command } from 'commander';
import { WitanError } from '../errors.js';
import {
  formatOf,
  withFormat,
  withMesh,
  type FormatFlags,
  type MeshFlags,
  type ProgramOptions,
} from './command-options.js';
import { addAudit } from './audit-commands.js';
import { withReplayPlace } from './audit-replay.js';
import { COMPLY_FORMATS, runComply } from './comply.js';
import { addCouncil } from './council-commands.js';
import { DECIDE_FORMATS, runDecide } from './decide.js';
import { EXPLAIN_FORMATS, runExplain } from './explain.js';
import { runExplainRecord } from './explain-record.js';
import { addCheck, addFormat, addTest } from './policy-commands.js';
import type { SourceFlags } from './filter-flags.js';
import { dataDirOf, serverOf, withServer, type ServerFlags } from './server-flags.js';
import { addToken } from './token-commands.js';
import { runServe } from './serve.js';

const EXIT_CODES = '\nExit codes: 0 fine, 1 the answer is no, 2 wrong use or input, 3 the service failed\n';

/** The command line: which commands there are, and what each is given. Throws commander's errors for wrong use. */
export function createProgram(options: ProgramOptions): Command {
  const { terminal, version } = options.needs;
  const program = new Command('witan')
    .description('policies of a data mesh: checked, tested, and decided by')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text);
      },
      writeErr: (text) => {
        terminal.err(text);
      },
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'witan: '));
      },
    })
    .showHelpAfterError('(--help shows how it is used)')
    .addHelpText('after', EXIT_CODES);
  addServe(program, options);
  addCheck(program, options);
  addFormat(program, options);
  addTest(program, options);
  addComply(program, options);
  addDecide(program, options);
  addExplain(program, options);
  addCouncil(program, options);
  addAudit(program, options);
  addToken(program, options);
  return program;
}

function addServe(
  program: Command,
  { needs, toolchainPath, environment, stopped, ended }: ProgramOptions,
): void {
  interface Flags {
    readonly host?: string;
    readonly port?: string;
    readonly workers?: string;
    readonly dataDir?: string;
  }
  program
    .command('serve')
    .description('serve decisions over HTTP until it is stopped')
    .option('--host <address>', 'address to listen on (WITAN_HOST)')
    .option('--port <number>', 'port to listen on; 0 takes a free one (WITAN_PORT)')
    .option('--workers <number>', 'processes that decide beside the main one (WITAN_WORKERS)')
    .option('--data-dir <folder>', 'folder of the embedded store (WITAN_DATA_DIR)')
    .addHelpText('after', '\nExample: witan serve --port 8180 --data-dir ./data\n')
    .action(async ({ host, port, workers, dataDir }: Flags) => {
      const flags = {
        WITAN_HOST: host,
        WITAN_PORT: port,
        WITAN_WORKERS: workers,
        WITAN_DATA_DIR: dataDir,
      };
      const given = Object.entries(flags).filter(([, value]) => value !== undefined);
      const { terminal } = needs;
      ended(
        await runServe({
          environment: { ...environment, ...Object.fromEntries(given) },
          toolchainPath,
          terminal,
          stopped: stopped(),
        }),
      );
    });
}

function addComply(program: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = FormatFlags<(typeof COMPLY_FORMATS)[number]> &
    MeshFlags & { readonly domain?: string; readonly verbose?: boolean };
  withFormat(
    withMesh(
      program
        .command('comply')
        .description('say what publishing descriptors would meet, offline')
        .argument(
          '<files...>',
          'descriptors (JSON, YAML), NDJSON files of them, folders, or - for standard input',
        ),
      environment,
    )
      .option('--domain <path>', 'put products that name no domain into this one')
      .option('--verbose', 'show the faults of every product, however many, and advice'),
    COMPLY_FORMATS,
  )
    .addHelpText(
      'after',
      '\nExamples: witan comply fixtures/descriptors/loyalty.*.yaml\n          witan comply products.jsonl --domain sales --format sarif > witan.sarif\n',
    )
    .action(async (files: string[], { policies, seed, domain, verbose = false, ...flags }: Flags) => {
      ended(await runComply({ files, policies, seed, domain, verbose, format: formatOf(flags) }, needs));
    });
}

function addDecide(program: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = FormatFlags<(typeof DECIDE_FORMATS)[number]> &
    MeshFlags &
    ServerFlags & { readonly now?: string };
  withFormat(
    withMesh(
      withServer(
        program
          .command('decide')
          .description('decide one evaluation (OpenID AuthZEN), offline or by a running service')
          .argument('<request>', 'file of the evaluation, or - for standard input'),
        'ask this service, which records the decision',
      )
        .option('--data-dir <folder>', 'where the demo tokens stand (WITAN_DATA_DIR)', dataDirOf(environment))
        .option('--now <time>', 'decide as of this time (RFC 3339); offline only'),
      environment,
    ),
    DECIDE_FORMATS,
  )
    .addHelpText(
      'after',
      '\nExamples: witan decide fixtures/requests/mask.json\n          witan decide fixtures/requests/mask.json --server http://127.0.0.1:8180\n',
    )
    .action(async (request: string, { policies, seed, now, ...flags }: Flags) => {
      const server = serverOf(flags, environment);
      ended(await runDecide({ request, policies, seed, server, now, format: formatOf(flags) }, needs));
    });
}

function addExplain(program: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = FormatFlags<(typeof EXPLAIN_FORMATS)[number]> &
    MeshFlags &
    SourceFlags & { readonly record?: string; readonly now?: string; readonly all?: boolean };
  withFormat(
    withMesh(
      withReplayPlace(
        program
          .command('explain')
          .description(
            'decide one evaluation offline, or a decision on record again, and say line by line why the answer is as it is',
          )
          .argument('[request]', 'file of the evaluation, or - for standard input')
          .option('--record <id>', 'explain this decision on record instead, by its own bundles'),
        environment,
      )
        .option('--now <time>', 'decide as of this time (RFC 3339)')
        .option('--all', 'show every policy line by line, also those that had nothing to say'),
      environment,
    ),
    EXPLAIN_FORMATS,
  )
    .addHelpText(
      'after',
      '\nExamples: witan explain fixtures/requests/global-refusal.json\n          witan explain request.json --now 2026-05-01T12:00:00Z --all\n          witan explain --record 0190a5d0-0000-7000-8000-000000000000 --data-dir ./data\n',
    )
    .action(async (request: string | undefined, { record, dataDir, ...given }: Flags) => {
      const { policies, seed, now, all = false, ...flags } = given;
      const server = serverOf({ dataDir, ...flags }, environment);
      if (request === undefined && record !== undefined) {
        ended(await runExplainRecord({ id: record, dataDir, server, all, format: formatOf(flags) }, needs));
        return;
      }
      if (request === undefined || record !== undefined) {
        throw new WitanError('invalid_request', 'give the file of an evaluation, or `--record <id>`');
      }
      ended(await runExplain({ request, policies, seed, now, all, format: formatOf(flags) }, needs));
    });
}
