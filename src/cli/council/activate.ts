import type { Command } from 'commander';
import type { ProgramOptions } from '../command-options.js';
import { showActedOn } from './act-on-proposal.js';
import { proposalPath } from './proposal-paths.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';

/** Adds `activate`: an approved proposal comes into force now, later, or is run beside the law first. */
export function addActivate(program: Command, options: ProgramOptions): void {
  type Flags = ServiceFlags & {
    readonly at?: string;
    readonly shadow?: string | true;
    readonly reason?: string;
  };
  withService(
    program
      .command('activate')
      .description('put an approved proposal in force, or agree to an emergency as second operator')
      .argument('<id>', 'id of the proposal')
      .option('--at <time>', 'at this time (RFC 3339), by itself')
      .option(
        '--shadow [until]',
        'evaluate it beside the law first, without effect, until this time (RFC 3339)',
      )
      .option('--reason <text>', 'why; it goes on record'),
    options,
  )
    .addHelpText(
      'after',
      '\nExamples: witan activate 12\n          witan activate 12 --at 2027-01-01T00:00:00Z\n          witan activate 12 --shadow 2026-12-24T00:00:00Z\n',
    )
    .action(async (id: string, { at, shadow, reason, json = false, ...flags }: Flags) => {
      const answer = await serviceOf(flags, options).send('POST', proposalPath(id, 'activation'), {
        ...(at !== undefined && { at }),
        ...(shadow !== undefined && { shadow: shadow === true ? {} : { until: shadow } }),
        ...(reason !== undefined && { reason }),
      });
      options.ended(showActedOn(answer, json, options.needs));
    });
}
