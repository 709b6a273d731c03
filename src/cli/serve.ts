import pino from 'pino';
import { readConfig, type Config } from '../config.js';
import { serve, type Service } from '../serve.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

interface ServeOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly toolchainPath: string;
  readonly terminal: Terminal;
  /** Resolves when the service is asked to stop. */
  readonly stopped: Promise<string>;
}

/** Serves until it is asked to stop. Throws WitanError when it cannot start; nothing is left open then. */
export async function runServe({
  environment,
  toolchainPath,
  terminal,
  stopped,
}: ServeOptions): Promise<ExitCode> {
  const config = readConfig(environment);
  const logger = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: false }));
  const service = await serve(config, toolchainPath, logger);
  terminal.out(greeting(service, config.auth));
  const signal = await stopped;
  logger.info(`${signal}: finishing what is in flight`);
  await service.stop();
  return EXIT.fine;
}

function greeting(service: Service, auth: Config['auth']): string {
  const { url, logKey } = service;
  return `Witan serves the mesh on ${url}. ${auth === 'development' ? thingsToTry(service) : WITH_A_TOKEN}
Its log is signed; keep this key to verify it by (also at ${url}/log/keys):

  ${logKey}

Ctrl+C stops it.
`;
}

const WITH_A_TOKEN = `Every caller needs a token; an operator makes them:

  witan token create --help
`;

function thingsToTry({ url, demo }: Service): string {
  const header =
    demo && ` -H "Authorization: Bearer $(node -p 'require("${demo.file}")["${demo.auditor}"].token')"`;
  return `Three things to try:

  # may Hana read the journals of finance?
  curl -s ${url}/access/v1/evaluation -H 'Content-Type: application/json' -d @fixtures/requests/permit.json

  # a mask comes with the permit: Bob may read the orders, but not see who ordered
  curl -s ${url}/access/v1/evaluation -H 'Content-Type: application/json' -d @fixtures/requests/mask.json

  # what was decided, and why: for those who have the role
  curl -s '${url}/v1/records?limit=2'${header ?? ''}
`;
}
