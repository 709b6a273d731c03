import { Option, type Command } from 'commander';
import type { CommandNeeds } from './command.js';
import type { ExitCode } from './terminal.js';

/** What the commands of the program are made with. */
export interface ProgramOptions {
  readonly needs: CommandNeeds;
  /** The toolchain's reactor. */
  readonly toolchainPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resolves when the process is asked to stop; called once a command waits for it. */
  readonly stopped: () => Promise<string>;
  /** Told how the command ended. */
  readonly ended: (code: ExitCode) => void;
}

type Environment = ProgramOptions['environment'];

export function policiesOf(environment: Environment): string {
  return given(environment['WITAN_POLICIES']) ?? './policies';
}

/** An empty variable says nothing. */
function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

export interface MeshFlags {
  readonly policies: string;
  readonly seed?: string;
}

export function withMesh(command: Command, environment: Environment): Command {
  return command
    .option('--policies <folder>', 'folder of bundles (WITAN_POLICIES)', policiesOf(environment))
    .option(
      '--seed <folder>',
      'domains, people and products; `none` for an empty mesh (WITAN_SEED; default: ./fixtures/mesh where it stands)',
      given(environment['WITAN_SEED']),
    );
}

export interface FormatFlags<Format extends string> {
  readonly format: Format;
  readonly json?: true;
}

export function withFormat(command: Command, formats: readonly string[]): Command {
  return command
    .addOption(new Option('--format <format>', 'how to show it').choices(formats).default(formats[0]))
    .option('--json', 'short for --format json');
}

export function formatOf<Format extends string>({ format, json }: FormatFlags<Format>): Format | 'json' {
  return json === true ? 'json' : format;
}
