import type { Command } from 'commander';
import { uuidv7 } from '../ids.js';
import { rotateLogKey } from '../rotate-log-key.js';
import type { ProgramOptions } from './command-options.js';
import { EXIT } from './terminal.js';

/** `witan audit rotate-key`. */
export function addAuditRotateKey(audit: Command, { needs, environment, ended }: ProgramOptions): void {
  audit
    .command('rotate-key')
    .description(
      'let another key sign the log of a store that is not served; the old one signs the handing over',
    )
    .option(
      '--data-dir <folder>',
      'folder of the embedded store (WITAN_DATA_DIR)',
      environment['WITAN_DATA_DIR'] ?? './data',
    )
    .option('--lost', 'the old key is gone: nothing but this record vouches for the new one')
    .addHelpText('after', '\nExample: witan audit rotate-key --data-dir ./data\n')
    .action(async ({ dataDir, lost = false }: { readonly dataDir: string; readonly lost?: boolean }) => {
      const { terminal, nowMs } = needs;
      const { vkey, previous } = await rotateLogKey({ dataDir, lost, nowMs, newId: uuidv7(nowMs) });
      terminal.err(
        previous === undefined
          ? 'the log is signed by a new key; the one before is lost\n'
          : `the log is signed by a new key, which took over from ${previous}\n`,
      );
      terminal.out(`${vkey}\n`);
      ended(EXIT.fine);
    });
}
