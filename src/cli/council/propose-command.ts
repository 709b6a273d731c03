import type { Command } from 'commander';
import type { ProgramOptions } from '../command-options.js';
import { runEdit } from './edit-proposal.js';
import { runPropose } from './propose.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

/** Adds `propose`. */
export function addPropose(program: Command, options: ProgramOptions): void {
  interface Flags extends ServiceFlags {
    readonly title?: string;
    readonly descriptionFile?: string;
    readonly breakGlass?: boolean;
    readonly reason?: string;
    readonly edit?: string;
    readonly wait: boolean;
  }
  withService(
    program
      .command('propose')
      .description('propose what changed in a policies folder, one proposal for each layer')
      .argument('<folder>', 'policies folder, or the folder of one layer')
      .option('--title <text>', 'what it is about, in one line; made of what changed unless given')
      .option('--description-file <file>', 'why, at length; - for standard input')
      .option('--break-glass', 'an emergency: an operator proposes, another one puts it in force')
      .option('--reason <text>', 'why it is an emergency')
      .option('--edit <id>', 'put the bundle in the place of that of this proposal; ballots are void then')
      .option('--wait', 'wait until it is checked and its impact is known', true)
      .option('--no-wait', 'do not wait for that'),
    options,
  )
    .addHelpText(
      'after',
      "\nExamples: witan propose policies --title 'Keep customer data for 90 days'\n          witan propose policies/domains/sales\n          witan propose --edit 12 policies/domains/sales\n",
    )
    .action(async (folder: string, flags: Flags) => {
      const { title, descriptionFile, breakGlass = false, reason, edit, wait, json = false } = flags;
      const asked = { folder, title, descriptionFile, breakGlass, reason, wait, json };
      const service = serviceOf(flags, options);
      options.ended(
        edit === undefined
          ? await runPropose(asked, service, options.needs)
          : await runEdit({ ...asked, id: edit }, service, options.needs),
      );
    });
}
