import { writeJson } from '../../document/json.js';
import type { Fault } from '../../errors.js';
import type { CommandNeeds } from '../command.js';
import { faultLine, warningLine } from '../fault-lines.js';
import { styleOf, type Style } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { proposalIn, type ShownProposal } from './answers.js';
import { diffIn, meaningSection, type ShownDiff } from './diff-text.js';
import type { ImpactReport } from '../../council/impact.js';
import { impactIn, impactSection } from './impact-text.js';
import { placedAt } from './layers-at-hand.js';
import { proposalPath } from './proposal-paths.js';
import { proposalHead, standingSection } from './proposal-text.js';
import { section } from './sections.js';
import type { Service } from './service.js';
import { nextText } from './standing-text.js';
import { whenChecked } from './watch-proposal.js';

/** A proposal that was handed in or edited, with what the service found out about it since. */
export interface Proposed {
  readonly proposal: ShownProposal;
  readonly diff: ShownDiff;
  readonly impact?: ImpactReport;
  /** With paths from where the command runs, where it was read from a folder. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

/**
 * Waits until what was handed in is checked, unless that is not wanted, and asks what it means.
 *
 * @param answer the service's own to what was handed in
 * @param folder where the files of its bundle stand, if they do
 * @throws ServerError; WitanError with the code by which the service refuses
 */
export async function examined(
  answer: unknown,
  { folder, wait }: { readonly folder?: string; readonly wait: boolean },
  service: Service,
  { terminal }: Pick<CommandNeeds, 'terminal'>,
): Promise<Proposed> {
  const { id } = proposalIn(answer);
  const proposal = wait ? await whenChecked(id, service, terminal) : proposalIn(answer);
  const { faults = [], warnings = [] } = proposal.checks ?? {};
  const placed = folder === undefined ? (fault: Fault) => fault : placedAt({ folder });
  const impact = proposal.impact === undefined ? undefined : await service.find(proposalPath(id, 'impact'));
  return {
    proposal,
    diff: diffIn(await service.get(proposalPath(id, 'diff'))),
    ...(impact !== undefined && { impact: impactIn(impact) }),
    faults: faults.map(placed),
    warnings: warnings.map(placed),
  };
}

/** A proposal whose checks failed is an answer of no. */
export function exitCodeOf({ proposal }: Proposed): ExitCode {
  return proposal.state === 'failed' ? EXIT.no : EXIT.fine;
}

/** Shows what was proposed: as JSON whole, or as pages. */
export function showProposed(
  proposed: readonly Proposed[],
  json: boolean,
  { terminal }: Pick<CommandNeeds, 'terminal'>,
): void {
  if (json) {
    terminal.out(`${writeJson({ proposals: proposed.map(({ proposal }) => proposal) }, 2)}\n`);
    return;
  }
  const style = styleOf(terminal);
  terminal.out(proposed.map((each) => proposedText(each, style)).join('\n'));
}

function proposedText({ proposal, diff, impact, faults, warnings }: Proposed, style: Style): string {
  const next = nextText(proposal, style);
  return [
    ...faults.map((fault) => `${faultLine(fault)}\n`),
    faults.length > 0 ? '\n' : '',
    proposalHead(proposal, style),
    meaningSection(diff, style),
    impact === undefined ? '' : impactSection(impact, style),
    section('warnings', warnings.map(warningLine), style),
    standingSection(proposal, style),
    next === '' ? '' : `\n${next}`,
  ].join('');
}

/** Bundles that could not even be read, as `witan check` shows them. */
export function showUnread(
  faults: readonly Fault[],
  json: boolean,
  { terminal }: Pick<CommandNeeds, 'terminal'>,
): ExitCode {
  terminal.out(
    json
      ? `${writeJson({ proposals: [], faults }, 2)}\n`
      : faults.map((fault) => `${faultLine(fault)}\n`).join(''),
  );
  terminal.err('nothing is proposed: a bundle cannot be read\n');
  return EXIT.no;
}
