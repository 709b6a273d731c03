import type { Command } from 'commander';
import { writeJson } from '../../document/json.js';
import { WitanError } from '../../errors.js';
import type { CommandNeeds } from '../command.js';
import type { ProgramOptions } from '../command-options.js';
import { progressOn } from '../progress.js';
import { plain, styleOf } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { impactIn, impactSection, samplesSection } from './impact-text.js';
import { proposalPath } from './proposal-paths.js';
import type { Service } from './service.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';
import { followImpact, type ImpactEnd } from './watch-proposal.js';

interface ImpactOptions {
  readonly id: string;
  readonly again: boolean;
  readonly cancel: boolean;
  readonly json: boolean;
}

/** Adds `impact`. */
export function addImpact(program: Command, options: ProgramOptions): void {
  interface Flags extends ServiceFlags {
    readonly again?: boolean;
    readonly cancel?: boolean;
  }
  withService(
    program
      .command('impact')
      .description('say what a proposal would change in recorded decisions and registered products')
      .argument('<id>', 'id of the proposal')
      .option('--again', 'find it out again, by what is on record now')
      .option('--cancel', 'stop finding it out: every domain counts as touched then'),
    options,
  )
    .addHelpText('after', '\nExamples: witan impact 12\n          witan impact 12 --again\n')
    .action(async (id: string, flags: Flags) => {
      const { again = false, cancel = false, json = false } = flags;
      options.ended(await runImpact({ id, again, cancel, json }, serviceOf(flags, options), options.needs));
    });
}

/** @throws ServerError; WitanError `not_found` while there is no impact, or the code by which the service refuses */
async function runImpact(
  { id, again, cancel, json }: ImpactOptions,
  service: Service,
  { terminal }: Pick<CommandNeeds, 'terminal'>,
): Promise<ExitCode> {
  if (again && cancel) throw new WitanError('invalid_request', 'give `--again` or `--cancel`, not both');
  const path = proposalPath(id, 'impact');
  if (cancel) {
    await service.send('DELETE', path);
    terminal.err(`the impact of proposal ${plain(id)} is not found out any further\n`);
    return EXIT.fine;
  }
  if (again) await service.send('POST', path);
  const ended = await followed(id, service, terminal);
  if (again && (ended === 'cancelled' || ended === 'failed')) {
    terminal.err(
      `the impact could not be found out: it ${ended === 'failed' ? 'failed' : 'was cancelled'}\n`,
    );
    return ended === 'failed' ? EXIT.failed : EXIT.no;
  }
  const answer = await service.find(path);
  if (answer === undefined) throw new WitanError('not_found', `there is no impact of proposal \`${id}\` yet`);
  const impact = impactIn(answer);
  const style = styleOf(terminal);
  terminal.out(
    json
      ? `${writeJson(answer, 2)}\n`
      : `${impactSection(impact, style)}${samplesSection(impact, style)}`.slice(1),
  );
  return EXIT.fine;
}

async function followed(
  id: string,
  service: Service,
  terminal: CommandNeeds['terminal'],
): Promise<ImpactEnd | undefined> {
  const progress = progressOn(terminal);
  try {
    return await followImpact(id, service, progress);
  } finally {
    progress.end();
  }
}
