import { Command, Option } from 'commander';
import { CHECK_FORMATS, runCheck } from './check.js';
import type { CommandNeeds } from './command.js';
import { COMPLY_FORMATS, runComply } from './comply.js';
import { DECIDE_FORMATS, runDecide } from './decide.js';
import { EXPLAIN_FORMATS, runExplain } from './explain.js';
import { runServe } from './serve.js';
import type { ExitCode } from './terminal.js';
import { runTest, TEST_FORMATS } from './test.js';

interface ProgramOptions {
  readonly needs: CommandNeeds;
  /** The toolchain's reactor. */
  readonly toolchainPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resolves when the process is asked to stop; called once a command waits for it. */
  readonly stopped: () => Promise<string>;
  /** Told how the command ended. */
  readonly ended: (code: ExitCode) => void;
}

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
  addTest(program, options);
  addComply(program, options);
  addDecide(program, options);
  addExplain(program, options);
  return program;
}

function addServe(
  program: Command,
  { needs, toolchainPath, environment, stopped, ended }: ProgramOptions,
): void {
  interface Flags {
    readonly host?: string;
    readonly port?: string;
    readonly dataDir?: string;
  }
  program
    .command('serve')
    .description('serve decisions over HTTP until it is stopped')
    .option('--host <address>', 'address to listen on (WITAN_HOST)')
    .option('--port <number>', 'port to listen on; 0 takes a free one (WITAN_PORT)')
    .option('--data-dir <folder>', 'folder of the embedded store (WITAN_DATA_DIR)')
    .addHelpText('after', '\nExample: witan serve --port 8180 --data-dir ./data\n')
    .action(async ({ host, port, dataDir }: Flags) => {
      const flags = { WITAN_HOST: host, WITAN_PORT: port, WITAN_DATA_DIR: dataDir };
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

function addCheck(program: Command, { needs, environment, ended }: ProgramOptions): void {
  withFormat(
    program
      .command('check')
      .description('check every bundle: its files, types, parameters and delegations')
      .argument('[policies-folder]', 'folder of bundles (WITAN_POLICIES)', policiesOf(environment)),
    CHECK_FORMATS,
  )
    .addHelpText('after', '\nExample: witan check policies --format github\n')
    .action(async (policies: string, flags: FormatFlags<(typeof CHECK_FORMATS)[number]>) => {
      ended(await runCheck({ policies, format: formatOf(flags) }, needs));
    });
}

function addTest(program: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = FormatFlags<(typeof TEST_FORMATS)[number]> & {
    readonly filter?: string;
    readonly verbose?: boolean;
  };
  withFormat(
    program
      .command('test')
      .description('run the tests of every bundle')
      .argument('[policies-folder]', 'folder of bundles (WITAN_POLICIES)', policiesOf(environment))
      .option('--filter <regex>', 'only tests whose `package.name` matches')
      .option('--verbose', 'show tests that passed, too'),
    TEST_FORMATS,
  )
    .addHelpText('after', "\nExample: witan test policies --filter 'sales.*own_region'\n")
    .action(async (policies: string, { filter, verbose = false, ...flags }: Flags) => {
      ended(await runTest({ policies, format: formatOf(flags), filter, verbose }, needs));
    });
}

interface MeshFlags {
  readonly policies: string;
  readonly seed?: string;
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
    MeshFlags & { readonly server?: string; readonly now?: string };
  withFormat(
    withMesh(
      program
        .command('decide')
        .description('decide one evaluation (OpenID AuthZEN), offline or by a running service')
        .argument('<request>', 'file of the evaluation, or - for standard input')
        .option('--server <url>', 'ask this service, which records the decision')
        .option('--now <time>', 'decide as of this time (RFC 3339); offline only'),
      environment,
    ),
    DECIDE_FORMATS,
  )
    .addHelpText(
      'after',
      '\nExamples: witan decide fixtures/requests/mask.json\n          witan decide fixtures/requests/mask.json --server http://127.0.0.1:8180\n',
    )
    .action(async (request: string, { policies, seed, server, now, ...flags }: Flags) => {
      ended(await runDecide({ request, policies, seed, server, now, format: formatOf(flags) }, needs));
    });
}

function addExplain(program: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = FormatFlags<(typeof EXPLAIN_FORMATS)[number]> &
    MeshFlags & { readonly now?: string; readonly all?: boolean };
  withFormat(
    withMesh(
      program
        .command('explain')
        .description('decide one evaluation offline, and say line by line why the answer is as it is')
        .argument('<request>', 'file of the evaluation, or - for standard input')
        .option('--now <time>', 'decide as of this time (RFC 3339)')
        .option('--all', 'show every policy line by line, also those that had nothing to say'),
      environment,
    ),
    EXPLAIN_FORMATS,
  )
    .addHelpText(
      'after',
      '\nExamples: witan explain fixtures/requests/global-refusal.json\n          witan explain request.json --now 2026-05-01T12:00:00Z --all\n',
    )
    .action(async (request: string, { policies, seed, now, all = false, ...flags }: Flags) => {
      ended(await runExplain({ request, policies, seed, now, all, format: formatOf(flags) }, needs));
    });
}

type Environment = ProgramOptions['environment'];

function policiesOf(environment: Environment): string {
  return given(environment['WITAN_POLICIES']) ?? './policies';
}

/** An empty variable says nothing. */
function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function withMesh(command: Command, environment: Environment): Command {
  return command
    .option('--policies <folder>', 'folder of bundles (WITAN_POLICIES)', policiesOf(environment))
    .option(
      '--seed <folder>',
      'domains, people and products; `none` for an empty mesh (WITAN_SEED; default: ./fixtures/mesh where it stands)',
      given(environment['WITAN_SEED']),
    );
}

interface FormatFlags<Format extends string> {
  readonly format: Format;
  readonly json?: true;
}

function withFormat(command: Command, formats: readonly string[]): Command {
  return command
    .addOption(new Option('--format <format>', 'how to show it').choices(formats).default(formats[0]))
    .option('--json', 'short for --format json');
}

function formatOf<Format extends string>({ format, json }: FormatFlags<Format>): Format | 'json' {
  return json === true ? 'json' : format;
}
