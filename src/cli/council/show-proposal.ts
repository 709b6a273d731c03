import type { Command } from 'commander';
import { writeJson } from '../../document/json.js';
import type { CommandNeeds } from '../command.js';
import type { ProgramOptions } from '../command-options.js';
import { faultLine } from '../fault-lines.js';
import { styleOf } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { proposalIn } from './answers.js';
import { diffIn, filesSection, meaningSection } from './diff-text.js';
import { impactIn, impactSection, samplesSection } from './impact-text.js';
import { proposalPath } from './proposal-paths.js';
import {
  ballotsSection,
  checksSection,
  commentsSection,
  proposalHead,
  standingSection,
  timelineSection,
} from './proposal-text.js';
import { section } from './sections.js';
import type { Service } from './service.js';
import { serviceOf, withService, type ServiceFlags } from '../service-flags.js';
import { nextText } from './standing-text.js';

interface ShowOptions {
  readonly id: string;
  /** Whether to show what changes in the files, line by line. */
  readonly diff: boolean;
  /** Whether to show samples of what would change. */
  readonly impact: boolean;
  readonly json: boolean;
}

/** Adds `proposal`. */
export function addProposal(program: Command, options: ProgramOptions): void {
  interface Flags extends ServiceFlags {
    readonly diff?: boolean;
    readonly impact?: boolean;
  }
  withService(
    program
      .command('proposal')
      .description('show a proposal: what it means, what it would change, and how it stands')
      .argument('<id>', 'id of the proposal')
      .option('--diff', 'show what changes in its files')
      .option('--impact', 'show decisions and products that would change'),
    options,
  )
    .addHelpText('after', '\nExample: witan proposal 12 --diff --impact\n')
    .action(async (id: string, flags: Flags) => {
      const { diff = false, impact = false, json = false } = flags;
      options.ended(await runProposal({ id, diff, impact, json }, serviceOf(flags, options), options.needs));
    });
}

/** @throws ServerError; WitanError `not_found`, or the code by which the service refuses */
async function runProposal(
  { id, diff, impact, json }: ShowOptions,
  service: Service,
  { terminal }: Pick<CommandNeeds, 'terminal'>,
): Promise<ExitCode> {
  const answer = await service.get(proposalPath(id));
  const proposal = proposalIn(answer);
  const [changes, found] = await Promise.all([
    service.get(proposalPath(id, 'diff')),
    service.find(proposalPath(id, 'impact')),
  ]);
  if (json) {
    const whole = { proposal: answer, diff: changes, ...(found !== undefined && { impact: found }) };
    terminal.out(`${writeJson(diff || impact ? whole : answer, 2)}\n`);
    return EXIT.fine;
  }
  const style = styleOf(terminal);
  const shownDiff = diffIn(changes);
  const shownImpact = found === undefined ? undefined : impactIn(found);
  const faults = proposal.checks?.faults ?? [];
  const next = nextText(proposal, style);
  terminal.out(
    [
      proposalHead(proposal, style),
      standingSection(proposal, style),
      meaningSection(shownDiff, style),
      diff ? filesSection(shownDiff, style) : '',
      shownImpact === undefined ? '' : impactSection(shownImpact, style),
      shownImpact === undefined || !impact ? '' : samplesSection(shownImpact, style),
      section('faults', faults.map(faultLine), style),
      checksSection(proposal, style),
      ballotsSection(proposal, style),
      commentsSection(proposal.comments, style),
      timelineSection(proposal.timeline, style),
      next === '' ? '' : `\n${next}`,
    ].join(''),
  );
  return EXIT.fine;
}
