import type { Command } from 'commander';
import type { ProgramOptions } from '../command-options.js';
import { serviceAt, type Service } from './service.js';

/** Which service a command asks, and how it shows the answer. */
export interface ServiceFlags {
  readonly server: string;
  readonly json?: boolean;
}

const DEFAULT_SERVER = 'http://127.0.0.1:8180';

/** Adds which service is asked, as whom, and `--json`. */
export function withService(command: Command, { environment }: Pick<ProgramOptions, 'environment'>): Command {
  const given = environment['WITAN_SERVER'];
  return command
    .option(
      '--server <url>',
      'the service to ask (WITAN_SERVER)',
      given === undefined || given === '' ? DEFAULT_SERVER : given,
    )
    .option('--json', "the service's answer as JSON");
}

export function serviceOf({ server }: ServiceFlags, _: Pick<ProgramOptions, 'environment'>): Service {
  return serviceAt(server);
}
