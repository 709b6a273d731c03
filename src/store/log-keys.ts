import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  readSigningKey,
  signingKeyOf,
  writeSigningKey,
  writeVerifierKey,
  type SigningKey,
} from '../audit/note-key.js';
import { WitanError } from '../errors.js';

/** The key that signs the log's checkpoints, for its owner alone, in the form of Go's `sumdb/note`. */
export const LOG_KEY_FILE = 'log-key';
/** The key that takes over, until a checkpoint that both have signed is durable. */
const NEXT_KEY_FILE = 'log-key.next';

const SEED_BYTES = 32;
const ORIGIN_BYTES = 8;

/** The keys that sign the next checkpoint. */
export interface LogKeys {
  /** The name of the log, which its checkpoints begin with. */
  readonly origin: string;
  /** Verifier key of the one that signs from now on. */
  readonly vkey: string;
  /** That one, and while it takes over the one before. */
  readonly signing: readonly SigningKey[];
}

export interface KeysWanted {
  /** Verifier keys that the log has on record, oldest first. */
  readonly recorded: readonly string[];
  /** Whether the log has never been signed. */
  readonly isNew: boolean;
  /** The name that the log should have. */
  readonly origin?: string;
  /** The name that it has: a key that is gone is replaced by one that is not on record yet. */
  readonly replaceLost?: string;
}

/**
 * The keys of a log; a new log gets one.
 *
 * @throws WitanError `store_unavailable` when the key is gone, is not the log's or may be read by others; `config_invalid`
 * when the log has another origin
 */
export function openLogKeys(dataDir: string, { recorded, isNew, origin, replaceLost }: KeysWanted): LogKeys {
  const current = readKey(dataDir, LOG_KEY_FILE) ?? (isNew ? createKey(dataDir, origin) : undefined);
  const next = readKey(dataDir, NEXT_KEY_FILE);
  const last = recorded.at(-1);
  const found = last === undefined ? current : [next, current].find((key) => isCalled(key, last));
  const newest = found ?? (replaceLost === undefined ? undefined : prepareNextKey(dataDir, replaceLost));
  if (newest === undefined) {
    throw new WitanError(
      'store_unavailable',
      `the key that signs the log is gone: restore \`${join(dataDir, LOG_KEY_FILE)}\`${last === undefined ? '' : ` of \`${last}\``}, or let another take its place (\`witan audit rotate-key --lost\`)`,
    );
  }
  if (origin !== undefined && newest.name !== origin) {
    throw new WitanError(
      'config_invalid',
      `the log was begun as \`${newest.name}\`: \`WITAN_LOG_ORIGIN\` cannot make it \`${origin}\``,
    );
  }
  return {
    origin: newest.name,
    vkey: writeVerifierKey(newest),
    // A key that takes over signs with the one before; a next key that is not on record yet has no say.
    signing: newest === next && current !== undefined ? [newest, current] : [newest],
  };
}

/** A key that is to take over; nothing changes until it is on record. The one that was begun before is gone on with. */
export function prepareNextKey(dataDir: string, origin: string): SigningKey {
  return readKey(dataDir, NEXT_KEY_FILE) ?? createKey(dataDir, origin, NEXT_KEY_FILE);
}

/** A checkpoint that both keys have signed is durable: the next key takes the place of the one before, which is gone then. */
export function promoteNextKey(dataDir: string, keys: LogKeys): LogKeys {
  const next = readKey(dataDir, NEXT_KEY_FILE);
  if (next === undefined || writeVerifierKey(next) !== keys.vkey) return keys;
  renameSync(join(dataDir, NEXT_KEY_FILE), join(dataDir, LOG_KEY_FILE));
  syncFolder(dataDir);
  return { ...keys, signing: [next] };
}

/** Writes a file that after a crash is either the old one or the new one, whole. */
export function replaceDurably(file: string, text: string, mode: number): void {
  const next = `${file}.tmp`;
  rmSync(next, { force: true });
  const written = openSync(next, 'wx', mode);
  try {
    // Unlike a single write it goes on when the disk took only a part.
    writeFileSync(written, text);
    fsyncSync(written);
  } finally {
    closeSync(written);
  }
  renameSync(next, file);
  syncFolder(dirname(file));
}

function isCalled(key: SigningKey | undefined, vkey: string): boolean {
  return key !== undefined && writeVerifierKey(key) === vkey;
}

function createKey(dataDir: string, origin?: string, file = LOG_KEY_FILE): SigningKey {
  const name = origin ?? `witan/${randomBytes(ORIGIN_BYTES).toString('hex')}`;
  const key = signingKeyOf(name, randomBytes(SEED_BYTES));
  replaceDurably(join(dataDir, file), `${writeSigningKey(key)}\n`, 0o600);
  return key;
}

function readKey(dataDir: string, name: string): SigningKey | undefined {
  const file = join(dataDir, name);
  if (!existsSync(file)) return undefined;
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new WitanError(
      'store_unavailable',
      `the signing key \`${file}\` is open to others (mode ${mode.toString(8)}): chmod 600 it`,
    );
  }
  try {
    return readSigningKey(readFileSync(file, 'utf8').trim());
  } catch (thrown) {
    throw new WitanError('store_unavailable', `\`${file}\` holds no signing key`, { cause: thrown });
  }
}

function syncFolder(folder: string): void {
  const open = openSync(folder, 'r');
  try {
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
}
