import { InvalidArgumentError, Option, type Command } from 'commander';
import { CHECK_FORMATS, runCheck } from './check.js';
import {
  formatOf,
  policiesOf,
  withFormat,
  type FormatFlags,
  type ProgramOptions,
} from './command-options.js';
import { FORMAT_FORMATS, runFormat } from './format.js';
import { runTest, TEST_FORMATS } from './test.js';

const STRICT = 'warnings are an answer of no, too';

/** `witan check`. */
export function addCheck(program: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = FormatFlags<(typeof CHECK_FORMATS)[number]> & { readonly strict?: boolean };
  withFormat(
    program
      .command('check')
      .description('check every bundle: its files, types, parameters and delegations; and lint it')
      .argument('[policies-folder]', 'folder of bundles (WITAN_POLICIES)', policiesOf(environment))
      .option('--strict', STRICT),
    CHECK_FORMATS,
  )
    .addHelpText('after', '\nExample: witan check policies --strict --format github\n')
    .action(async (policies: string, { strict = false, ...flags }: Flags) => {
      ended(await runCheck({ policies, strict, format: formatOf(flags) }, needs));
    });
}

/** `witan format`. */
export function addFormat(program: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = FormatFlags<(typeof FORMAT_FORMATS)[number]> & {
    readonly check?: boolean;
    readonly write?: boolean;
  };
  withFormat(
    program
      .command('format')
      .description("show which Rego files differ from what OPA's formatter writes, and how")
      .argument('[paths...]', 'Rego files, or folders of them (WITAN_POLICIES)')
      .addOption(new Option('--check', 'a file that differs is an answer of no').conflicts('write'))
      .option('--write', 'format the files that differ'),
    FORMAT_FORMATS,
  )
    .addHelpText('after', '\nExamples: witan format\n          witan format --write policies/domains/sales\n')
    .action(async (paths: readonly string[], { check = false, write = false, ...flags }: Flags) => {
      const mode = write ? 'write' : check ? 'check' : 'show';
      const named = paths.length === 0 ? [policiesOf(environment)] : paths;
      ended(await runFormat({ paths: named, mode, format: formatOf(flags) }, needs));
    });
}

/** `witan test`. */
export function addTest(program: Command, { needs, environment, ended }: ProgramOptions): void {
  type Flags = FormatFlags<(typeof TEST_FORMATS)[number]> & {
    readonly filter?: string;
    readonly verbose?: boolean;
    readonly strict?: boolean;
    readonly coverage?: boolean;
    readonly coverageMin?: number;
  };
  withFormat(
    program
      .command('test')
      .description('run the tests of every bundle')
      .argument('[policies-folder]', 'folder of bundles (WITAN_POLICIES)', policiesOf(environment))
      .option('--filter <regex>', 'only tests whose `package.name` matches')
      .option('--coverage', 'show which lines of policies and libraries no test reaches')
      .option('--coverage-min <percent>', 'less coverage is an answer of no', percentOf)
      .option('--strict', STRICT)
      .option('--verbose', 'show tests that passed, too'),
    TEST_FORMATS,
  )
    .addHelpText(
      'after',
      "\nExamples: witan test policies --filter 'sales.*own_region'\n          witan test --coverage-min 90\n",
    )
    .action(async (policies: string, flags: Flags) => {
      const { filter, verbose = false, strict = false, coverage = false, coverageMin } = flags;
      const asked = coverage || coverageMin !== undefined;
      const options = { policies, filter, verbose, strict, coverage: asked, coverageMin };
      ended(await runTest({ ...options, format: formatOf(flags) }, needs));
    });
}

/** @throws InvalidArgumentError, which commander shows as wrong use. */
function percentOf(text: string): number {
  const percent = Number(text);
  if (text.trim() === '' || !(percent >= 0 && percent <= 100)) {
    throw new InvalidArgumentError('expected a number from 0 to 100');
  }
  return percent;
}
