import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportVerification } from '../audit/export/verify-export.js';
import { readVerifierKey, writeVerifierKey, type VerifierKey } from '../audit/note-key.js';
import { NOTE_BYTES_MAX } from '../audit/signed-note.js';
import { verifyLog, type LogVerification, type VerifyLogOptions } from '../audit/verify-log.js';
import { messageOf, WitanError } from '../errors.js';
import { openLogSource } from '../store/sqlite/log/open-log-source.js';
import { bytesFromServer, type Server } from './ask-server.js';
import type { CommandNeeds } from './command.js';
import { progressOn } from './progress.js';
import { readText } from './read-text.js';
import { recompileModules, type Recompiled } from './recompile-modules.js';
import { EXIT, type ExitCode } from './terminal.js';
import { verificationText } from './verification-text.js';
import { verifyExportFile } from './verify-export-file.js';
import { requireKeys, verifyProofFile, type ProofVerification } from './verify-proof-file.js';
import { faultsOfServer, verifyServer, type ServerVerification } from './verify-server.js';

export const VERIFY_FORMATS = ['pretty', 'json'] as const;

interface VerifyOptions {
  /** A store's folder, a copy of its database, an export or a proof file. */
  readonly target: string;
  /** A service whose log is verified instead. */
  readonly server?: Server | undefined;
  /** Verifier keys, or files with one a line. */
  readonly vkeys: readonly string[];
  /** Files of checkpoints that were kept elsewhere. */
  readonly against: readonly string[];
  /** Whether modules are compiled again, too. */
  readonly recompile: boolean;
  readonly format: (typeof VERIFY_FORMATS)[number];
}

/** What came of it; what was not looked at is absent. */
export interface Verification {
  readonly verified: boolean;
  /** Whether the keys came from the auditor, and not from what is verified. */
  readonly keys_given: boolean;
  readonly log?: LogVerification;
  readonly modules?: readonly Recompiled[];
  readonly proof?: ProofVerification;
  readonly export?: ExportVerification;
  readonly server?: ServerVerification;
}

const DATABASE_FILE = 'witan.db';
const CHECKPOINT_FILE = 'checkpoint';
/** What NDJSON, CSV and Parquet begin with. */
const EXPORT_HEADS = ['{"', 'sequence,', 'PAR1'];
const HEAD_BYTES = 64;

/**
 * Derives a log again, without the service, or verifies the proof of a record; says what does not hold, and where.
 *
 * @throws WitanError `not_found`, `invalid_request`, `note_invalid`, `store_unavailable`, `store_corrupt`
 */
export async function runAuditVerify(options: VerifyOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { terminal } = needs;
  const verification = await verifyTarget(options, needs);
  if (options.format === 'json') terminal.out(`${JSON.stringify(verification, undefined, 2)}\n`);
  else terminal.out(verificationText(verification, terminal));
  return verification.verified ? EXIT.fine : EXIT.no;
}

async function verifyTarget(options: VerifyOptions, needs: CommandNeeds): Promise<Verification> {
  const { target, server } = options;
  if (server !== undefined) return verifyService(server, options, needs);
  if (!existsSync(target)) throw new WitanError('not_found', `\`${target}\` does not exist`);
  const keys = await trustedKeys(options.vkeys);
  const older = await notesIn(options.against);
  const stats = statSync(target);
  if (stats.isDirectory()) return verifyFolder(keys, older, options, needs);
  if (!stats.isFile())
    throw new WitanError('invalid_request', `\`${target}\` is neither a file nor a folder`);
  const head = headOf(target);
  if (options.recompile) {
    throw new WitanError('invalid_request', `\`--recompile\` needs a store's folder, not \`${target}\``);
  }
  if (head.startsWith('SQLite format 3')) {
    const log = verifyDatabase(target, { trusted: keys, older }, needs);
    return { verified: log.faults_total === 0, keys_given: keys.length > 0, log };
  }
  if (head.startsWith('c2sp.org/tlog-proof@')) {
    if (older.length > 0) {
      throw new WitanError(
        'invalid_request',
        `\`--against\` needs a log: the proof \`${target}\` says nothing of how it grew`,
      );
    }
    const proof = await verifyProofFile(target, keys);
    return { verified: proof.fault === undefined, keys_given: true, proof };
  }
  if (EXPORT_HEADS.some((start) => head.startsWith(start))) {
    requireKeys(keys, 'an export');
    const verification = await verifyExportFile(target, keys.map(writeVerifierKey));
    return { verified: verification.ok, keys_given: true, export: verification };
  }
  throw new WitanError(
    'invalid_request',
    `\`${target}\` is nothing that can be verified; expected a store's folder, its database, an export or a proof of a record`,
  );
}

/** Without a key of the auditor's, the service's own is trusted, and that is said. */
async function verifyService(
  server: Server,
  { vkeys, against, recompile }: VerifyOptions,
  needs: CommandNeeds,
): Promise<Verification> {
  if (recompile) throw new WitanError('invalid_request', '`--recompile` needs a store, not a service');
  const given = await trustedKeys(vkeys);
  const keys = given.length > 0 ? given : await keysOfServer(server);
  const verification = await verifyServer(server, keys, await notesIn(against), needs);
  return {
    verified: faultsOfServer(verification).length === 0,
    keys_given: given.length > 0,
    server: verification,
  };
}

async function keysOfServer(server: Server): Promise<readonly VerifierKey[]> {
  const lines = (await bytesFromServer(server, 'log/keys')).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => readKey(line, server.url));
}

async function verifyFolder(
  keys: readonly VerifierKey[],
  older: readonly Note[],
  { target, recompile }: VerifyOptions,
  needs: CommandNeeds,
): Promise<Verification> {
  const database = join(target, DATABASE_FILE);
  if (!existsSync(database)) throw new WitanError('store_unavailable', `there is no store in \`${target}\``);
  // Before the database: a service that runs publishes what the database has already.
  const published = publishedIn(target);
  const log = verifyDatabase(
    database,
    { trusted: keys, older, ...(published !== undefined && { published }) },
    needs,
  );
  const modules = recompile ? await recompileModules(target, needs) : undefined;
  return {
    verified: log.faults_total === 0 && (modules ?? []).every(({ same }) => same),
    keys_given: keys.length > 0,
    log,
    ...(modules !== undefined && { modules }),
  };
}

/** The checkpoint that a log published; what can be none is read as an empty text, which does not hold. */
function publishedIn(folder: string): string | undefined {
  const file = join(folder, CHECKPOINT_FILE);
  if (!existsSync(file)) return undefined;
  const stats = statSync(file);
  return stats.isFile() && stats.size <= NOTE_BYTES_MAX ? readFileSync(file, 'utf8') : '';
}

function verifyDatabase(
  file: string,
  options: Pick<VerifyLogOptions, 'trusted' | 'older' | 'published'>,
  { terminal }: CommandNeeds,
): LogVerification {
  const source = openLogSource(file);
  const progress = progressOn(terminal);
  try {
    return verifyLog(source, {
      ...options,
      progress: (done, of) => {
        progress.say('verifying records', done, of);
      },
    });
  } finally {
    progress.end();
    source.close();
  }
}

interface Note {
  readonly name: string;
  readonly note: string;
}

function notesIn(files: readonly string[]): Promise<readonly Note[]> {
  return Promise.all(files.map(async (name) => ({ name, note: await readText(name, 'note_invalid') })));
}

/** Keys that were named: each a verifier key itself, or a file with some. */
async function trustedKeys(named: readonly string[]): Promise<readonly VerifierKey[]> {
  const keys = await Promise.all(
    named.map(async (text) => {
      if (!existsSync(text)) return [readKey(text, text)];
      const lines = (await readText(text, 'note_invalid')).split('\n').map((line) => line.trim());
      const read = lines.filter((line) => line !== '').map((line) => readKey(line, text));
      // Without a key the log's own would be trusted, which is not what was asked for.
      if (read.length === 0) throw new WitanError('note_invalid', `\`${text}\` holds no verifier key`);
      return read;
    }),
  );
  return keys.flat();
}

function readKey(text: string, named: string): VerifierKey {
  try {
    return readVerifierKey(text);
  } catch (thrown) {
    const what = text === named ? 'is no file, and no verifier key' : 'holds what is no verifier key';
    throw new WitanError('note_invalid', `\`${named}\` ${what}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function headOf(file: string): string {
  const opened = openSync(file, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.toString('latin1', 0, readSync(opened, head));
  } finally {
    closeSync(opened);
  }
}
