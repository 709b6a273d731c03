import { isKeyName } from './audit/note-key.js';
import { WitanError, type Fault } from './errors.js';
import { OIDC_SETTINGS, readOidcSettings, type OidcSettings } from './admission/oidc-settings.js';

/** How callers show who they are. */
const AUTH_MODES = ['development', 'token', 'oidc'] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

/** What the service runs with; see `SETTINGS` for the environment variable behind each member. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Processes that decide beside the one that holds the store; 0 for none. */
  readonly workers: number;
  readonly dataDir: string;
  readonly policies: string;
  /** Folder of domains, people and products for an empty store; absent for an empty mesh. */
  readonly seed?: string;
  readonly auth: AuthMode;
  /** Set while `auth` is `oidc`. */
  readonly oidc?: OidcSettings;
  readonly logLevel: string;
  readonly bodyBytesMax: number;
  readonly bundleBytesMax: number;
  readonly batchItemsMax: number;
  readonly toolchainMsMax: number;
  readonly evaluationMsMax: number;
  readonly auditQueueEntriesMax: number;
  /** Name of a new log; one that no other log has, unless given. */
  readonly logOrigin?: string;
  readonly stopMsMax: number;
}

interface Setting {
  readonly name: string;
  readonly default: string;
  readonly description: string;
}

/** Every setting, with its default; the table in the README is made of this. */
export const SETTINGS = [
  {
    name: 'WITAN_HOST',
    default: '127.0.0.1',
    description: 'address to listen on; only loopback while `WITAN_AUTH` is `development`',
  },
  { name: 'WITAN_PORT', default: '8180', description: 'port to listen on; 0 takes a free one' },
  {
    name: 'WITAN_WORKERS',
    default: '0',
    description: 'processes that decide beside the main one, on the same port; 0 decides in the main one',
  },
  { name: 'WITAN_DATA_DIR', default: './data', description: 'folder of the embedded store' },
  {
    name: 'WITAN_POLICIES',
    default: './policies',
    description: 'bundles that an empty store is seeded with',
  },
  {
    name: 'WITAN_SEED',
    default: './fixtures/mesh',
    description: 'domains, people and products that an empty store is seeded with; `none` for an empty mesh',
  },
  {
    name: 'WITAN_AUTH',
    default: 'development',
    description:
      'who may ask for decisions: `development` lets everyone on this machine, `token` those who have a token, `oidc` also those whom an identity provider knows; all else needs a token anyway',
  },
  ...OIDC_SETTINGS,
  {
    name: 'WITAN_LOG_LEVEL',
    default: 'info',
    description: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
  },
  { name: 'WITAN_BODY_BYTES_MAX', default: '1048576', description: 'largest request body, in bytes' },
  {
    name: 'WITAN_BUNDLE_BYTES_MAX',
    default: '20971520',
    description: 'largest request body that brings the files of a bundle, in bytes',
  },
  { name: 'WITAN_BATCH_ITEMS_MAX', default: '1000', description: 'most evaluations in one request' },
  {
    name: 'WITAN_TOOLCHAIN_MS_MAX',
    default: '60000',
    description: 'longest call of the toolchain, in milliseconds',
  },
  {
    name: 'WITAN_EVALUATION_MS_MAX',
    default: '2000',
    description:
      'longest evaluation of a bundle when it is measured before it comes into force, in milliseconds',
  },
  {
    name: 'WITAN_AUDIT_QUEUE_ENTRIES_MAX',
    default: '20000',
    description: 'most decisions that wait for the log; beyond it the answer is 503',
  },
  {
    name: 'WITAN_LOG_ORIGIN',
    default: 'none',
    description:
      'name of a new log, which its checkpoints begin with, such as `example.com/witan`; `none` makes one up',
  },
  {
    name: 'WITAN_STOP_MS_MAX',
    default: '10000',
    description: 'longest wait for requests in flight when stopping, in milliseconds',
  },
] as const satisfies readonly Setting[];

type SettingName = (typeof SETTINGS)[number]['name'];

/** What commands read from the environment when they ask a service. */
const OF_COMMANDS: ReadonlySet<string> = new Set(['WITAN_TOKEN', 'WITAN_SERVER']);

const WORKERS_MAX = 64;

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);
const LOG_LEVELS: ReadonlySet<string> = new Set([
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
  'silent',
]);

/**
 * Reads the settings of an environment.
 *
 * @throws WitanError `config_invalid` with every fault at once.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const faults: Fault[] = [];
  const fault = (name: SettingName, message: string): void => {
    faults.push({ pointer: name, message: `\`${name}\` ${message}` });
  };
  const text = (name: SettingName): string => {
    const given = environment[name];
    return given === undefined || given === '' ? defaultOf(name) : given;
  };
  const number = (name: SettingName, minimum: number, maximum: number): number => {
    const value = text(name);
    const parsed = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (parsed >= minimum && parsed <= maximum) return parsed;
    fault(name, `is \`${value}\`; expected a whole number from ${minimum} to ${maximum}`);
    return minimum;
  };

  const host = text('WITAN_HOST');
  const auth = authOf(text('WITAN_AUTH'), (message) => {
    fault('WITAN_AUTH', message);
  });
  if (auth === 'development' && !LOOPBACK.has(host)) {
    fault(
      'WITAN_HOST',
      `is \`${host}\`; while \`WITAN_AUTH\` is \`development\` only 127.0.0.1, ::1 or localhost are served`,
    );
  }
  const logLevel = text('WITAN_LOG_LEVEL');
  if (!LOG_LEVELS.has(logLevel)) {
    fault('WITAN_LOG_LEVEL', `is \`${logLevel}\`; expected one of ${[...LOG_LEVELS].join(', ')}`);
  }
  const known: ReadonlySet<string> = new Set(SETTINGS.map(({ name }) => name));
  for (const name of Object.keys(environment)) {
    if (name.startsWith('WITAN_') && !known.has(name) && !OF_COMMANDS.has(name)) {
      faults.push({
        pointer: name,
        message: `\`${name}\` is not a setting; known are ${[...known].join(', ')}`,
      });
    }
  }
  const logOrigin = text('WITAN_LOG_ORIGIN');
  if (!isKeyName(logOrigin)) {
    fault('WITAN_LOG_ORIGIN', `is \`${logOrigin}\`; expected up to 255 characters without spaces and \`+\``);
  }
  const oidc = auth === 'oidc' ? readOidcSettings({ text, fault }) : undefined;
  const seed = text('WITAN_SEED');
  const config: Config = Object.freeze({
    host,
    port: number('WITAN_PORT', 0, 65_535),
    workers: number('WITAN_WORKERS', 0, WORKERS_MAX),
    dataDir: text('WITAN_DATA_DIR'),
    policies: text('WITAN_POLICIES'),
    ...(seed !== 'none' && { seed }),
    auth,
    ...(oidc !== undefined && { oidc }),
    logLevel,
    bodyBytesMax: number('WITAN_BODY_BYTES_MAX', 1024, 1 << 30),
    bundleBytesMax: number('WITAN_BUNDLE_BYTES_MAX', 1024, 1 << 30),
    batchItemsMax: number('WITAN_BATCH_ITEMS_MAX', 1, 100_000),
    toolchainMsMax: number('WITAN_TOOLCHAIN_MS_MAX', 100, 3_600_000),
    evaluationMsMax: number('WITAN_EVALUATION_MS_MAX', 10, 600_000),
    auditQueueEntriesMax: number('WITAN_AUDIT_QUEUE_ENTRIES_MAX', 1, 10_000_000),
    ...(logOrigin !== 'none' && { logOrigin }),
    stopMsMax: number('WITAN_STOP_MS_MAX', 0, 600_000),
  });
  if (faults.length > 0) {
    throw new WitanError('config_invalid', faults.map(({ message }) => message).join('; '), { faults });
  }
  return config;
}

function authOf(value: string, fault: (message: string) => void): AuthMode {
  const mode = AUTH_MODES.find((each) => each === value);
  if (mode === undefined) fault(`is \`${value}\`; expected one of ${AUTH_MODES.join(', ')}`);
  return mode ?? 'development';
}

function defaultOf(name: SettingName): string {
  // INVARIANT: the name's type admits nothing else.
  return SETTINGS.find((setting) => setting.name === name)?.default ?? '';
}
