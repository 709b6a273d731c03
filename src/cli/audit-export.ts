import { Option, type Command } from 'commander';
import { open, rename, rm } from 'node:fs/promises';
import { EXPORT_FORMATS, type ExportFormat } from '../audit/export/export-format.js';
import { exportRecords, writeExport } from '../audit/export/export-records.js';
import type { RecordFilter } from '../audit/query.js';
import { writeFilter } from '../audit/record-filter.js';
import { messageOf, WitanError } from '../errors.js';
import { openStore } from '../store/sqlite/open-store.js';
import { streamFromServer, type Server } from './ask-server.js';
import type { ProgramOptions } from './command-options.js';
import type { CommandNeeds } from './command.js';
import { filterOf, withFilter, withSource, type SourceFlags } from './filter-flags.js';
import { serverOf } from './server-flags.js';
import { progressOn } from './progress.js';
import { EXIT, type ExitCode } from './terminal.js';

interface ExportOptions {
  readonly filter: RecordFilter;
  readonly format: ExportFormat;
  /** File that is written; standard output without it. */
  readonly out: string | undefined;
  readonly dataDir: string;
  readonly server: Server | undefined;
}

type Chunks = AsyncIterable<Buffer>;

/** `witan audit export`. */
export function addAuditExport(audit: Command, { needs, ended, ...options }: ProgramOptions): void {
  type Flags = SourceFlags & { readonly format: ExportFormat; readonly out?: string };
  const command = audit.command('export').description('export all records that match, with what proves them');
  withFilter(withSource(command, { needs, ended, ...options }))
    .addOption(new Option('--format <format>', 'as what').choices(EXPORT_FORMATS).default('ndjson'))
    .option('--out <file>', 'file to write; it is there when it is whole')
    .addHelpText(
      'after',
      '\nExample: witan audit export --decision false --format parquet --out refused.parquet\n',
    )
    .action(async ({ dataDir, format, out, ...flags }: Flags) => {
      const server = serverOf({ dataDir, ...flags }, options.environment);
      ended(await runAuditExport({ filter: filterOf(flags), format, out, dataDir, server }, needs));
    });
}

/**
 * Exports records from a store's folder or a running service, to a file or to standard output.
 *
 * @throws WitanError of the store, `invalid_request` for Parquet to a terminal or a file that cannot be written;
 * ServerError when the service cannot be reached or breaks off
 */
export async function runAuditExport(options: ExportOptions, needs: CommandNeeds): Promise<ExitCode> {
  const { filter, format, out, server } = options;
  const { terminal } = needs;
  if (out === undefined && format === 'parquet' && terminal.outIsTerminal) {
    throw new WitanError('invalid_request', 'Parquet is not for a terminal: name a file with `--out`');
  }
  const write = async (chunks: Chunks): Promise<void> => {
    const bytes = await (out === undefined ? writeOut(chunks, needs) : writeFile(out, chunks, needs));
    terminal.err(`exported ${bytes} bytes${out === undefined ? '' : ` to ${out}`}\n`);
  };
  if (server === undefined) await exportStore(options, needs, write);
  else {
    const query = writeFilter(filter);
    const parameters = `format=${format}${query === '' ? '' : `&${query}`}`;
    await write(streamFromServer(server, `v1/records/export?${parameters}`));
  }
  return EXIT.fine;
}

/** A folder that is only read is exported as far as its last checkpoint. */
async function exportStore(
  { filter, format, dataDir }: ExportOptions,
  { terminal, nowMs }: CommandNeeds,
  write: (chunks: Chunks) => Promise<void>,
): Promise<void> {
  const store = await openStore({ dataDir, queueEntriesMax: 1, readOnly: true });
  try {
    const checkpoint = await store.tree.checkpoint();
    if (checkpoint === undefined) {
      throw new WitanError(
        'store_unavailable',
        `the log in \`${dataDir}\` has no checkpoint yet: serve it once`,
      );
    }
    const unsealed = (await store.records.size()) - checkpoint.size;
    if (unsealed > 0) {
      terminal.err(
        `${unsealed} records after the last checkpoint are not exported; a running service seals them\n`,
      );
    }
    const extractedAt = new Date(nowMs()).toISOString();
    await write(writeExport(format, exportRecords(store, { filter, checkpoint, extractedAt })));
  } finally {
    await store.close();
  }
}

async function writeOut(chunks: Chunks, { terminal }: CommandNeeds): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    await terminal.outBytes(chunk);
    bytes += chunk.length;
  }
  return bytes;
}

/** Writes beside the file, and puts it in its place when it is whole and durable. */
async function writeFile(path: string, chunks: Chunks, { terminal }: CommandNeeds): Promise<number> {
  const part = `${path}.part`;
  const progress = progressOn(terminal);
  let bytes = 0;
  const file = await opened(part);
  try {
    for await (const chunk of chunks) {
      await file.appendFile(chunk);
      bytes += chunk.length;
      progress.say(`${Math.round(bytes / 1e6)} MB`);
    }
    await file.sync();
    await file.close();
    await rename(part, path);
    return bytes;
  } catch (thrown) {
    await file.close();
    await rm(part, { force: true });
    throw thrown;
  } finally {
    progress.end();
  }
}

async function opened(part: string): ReturnType<typeof open> {
  try {
    return await open(part, 'w', 0o600);
  } catch (thrown) {
    throw new WitanError('invalid_request', `\`${part}\` cannot be written: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}
