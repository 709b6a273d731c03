import type { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { proveRecord } from '../audit/prove-record.js';
import { messageOf, WitanError } from '../errors.js';
import { openStore } from '../store/sqlite/open-store.js';
import { bytesFromServer, type Server } from './ask-server.js';
import type { ProgramOptions } from './command-options.js';
import type { CommandNeeds } from './command.js';
import { withSource, type SourceFlags } from './filter-flags.js';
import { serverOf } from './server-flags.js';
import { EXIT, type ExitCode } from './terminal.js';

interface ProofOptions {
  readonly id: string;
  /** File that is written; standard output without it. */
  readonly out: string | undefined;
  readonly dataDir: string;
  readonly server: Server | undefined;
}

/** `witan audit proof`. */
export function addAuditProof(audit: Command, options: ProgramOptions): void {
  type Flags = SourceFlags & { readonly out?: string };
  const command = audit.command('proof').description('a file that proves that the log has a record');
  withSource(command.argument('<id>', 'id of the record'), options)
    .option('--out <file>', 'file to write, such as decision.tlog-proof')
    .addHelpText(
      'after',
      '\nExample: witan audit proof 01979f2b-5d1c-7cc0-a2b1-6f9a3e0d4c55 --out decision.tlog-proof\n',
    )
    .action(async (id: string, { out, ...flags }: Flags) => {
      const { dataDir } = flags;
      const server = serverOf(flags, options.environment);
      options.ended(await runAuditProof({ id, out, dataDir, server }, options.needs));
    });
}

/**
 * Writes the proof of one record (C2SP tlog-proof).
 *
 * @throws WitanError `not_found`; `store_unavailable` when a folder that is only read has no checkpoint over the record yet;
 * ServerError
 */
export async function runAuditProof(options: ProofOptions, { terminal }: CommandNeeds): Promise<ExitCode> {
  const { out } = options;
  const proof = await proofOf(options);
  if (out === undefined) {
    terminal.out(proof);
    return EXIT.fine;
  }
  try {
    await writeFile(out, proof);
  } catch (cause) {
    throw new WitanError('invalid_request', `\`${out}\` cannot be written: ${messageOf(cause)}`, { cause });
  }
  terminal.err(`wrote ${out}: \`witan audit verify ${out} --vkey <key>\` verifies it\n`);
  return EXIT.fine;
}

async function proofOf({ id, dataDir, server }: ProofOptions): Promise<string> {
  if (server !== undefined) {
    const proof = await bytesFromServer(server, `v1/records/${encodeURIComponent(id)}/proof`);
    return proof.toString('utf8');
  }
  const store = await openStore({ dataDir, queueEntriesMax: 1, readOnly: true });
  try {
    const record = await store.records.byId(id);
    if (record === undefined) throw new WitanError('not_found', `there is no record \`${id}\``);
    return await proveRecord(store.tree, record);
  } finally {
    await store.close();
  }
}
