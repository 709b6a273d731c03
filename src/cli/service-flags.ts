import type { Command } from 'commander';
import type { ProgramOptions } from './command-options.js';
import { bearerOf, dataDirOf, withBearer, type BearerFlags } from './server-flags.js';
import { serviceAt, type Service } from './council/service.js';

/** Which service a command asks, as whom, and how it shows the answer. */
export interface ServiceFlags extends BearerFlags {
  readonly server: string;
  readonly json?: boolean;
}

type Environment = Pick<ProgramOptions, 'environment'>;

const DEFAULT_SERVER = 'http://127.0.0.1:8180';

/** Adds which service is asked, as whom, and `--json`. */
export function withService(command: Command, { environment }: Environment): Command {
  const given = environment['WITAN_SERVER'];
  return withBearer(
    command.option(
      '--server <url>',
      'the service to ask (WITAN_SERVER)',
      given === undefined || given === '' ? DEFAULT_SERVER : given,
    ),
  )
    .option(
      '--data-dir <folder>',
      'where the tokens of the demo stand (WITAN_DATA_DIR)',
      dataDirOf(environment),
    )
    .option('--json', "the service's answer as JSON");
}

/** @throws WitanError `invalid_request` for a token that is not there */
export function serviceOf(flags: ServiceFlags, { environment }: Environment): Service {
  return serviceAt({ url: flags.server, ...bearerOf(flags, environment) });
}
