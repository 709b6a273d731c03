import type { Command } from 'commander';
import type { ProgramOptions } from '../command-options.js';
import { showActedOn } from './act-on-proposal.js';
import { proposalPath } from './proposal-paths.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

/** Adds `withdraw`: a proposal is taken back by its author, or by an operator. */
export function addWithdraw(program: Command, options: ProgramOptions): void {
  withService(
    program
      .command('withdraw')
      .description('take a proposal back')
      .argument('<id>', 'id of the proposal')
      .requiredOption('--reason <text>', 'why; it goes on record'),
    options,
  )
    .addHelpText('after', "\nExample: witan withdraw 12 --reason 'better done in the domain'\n")
    .action(async (id: string, { reason, json = false, ...flags }: ServiceFlags & { reason: string }) => {
      const service = serviceOf(flags, options);
      const answer = await service.send('POST', proposalPath(id, 'withdrawal'), { reason });
      options.ended(showActedOn(answer, json, options.needs));
    });
}
