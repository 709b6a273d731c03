import { writeJson } from '../../document/json.js';
import type { CommandNeeds } from '../command.js';
import { styleOf } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { proposalIn, type ShownProposal } from './answers.js';
import { proposalHead, standingSection } from './proposal-text.js';
import { nextText } from './standing-text.js';

/** Shows what became of a proposal by an act: whole as JSON, or where it stands now and what is next. */
export function showActedOn(
  answer: unknown,
  json: boolean,
  { terminal }: Pick<CommandNeeds, 'terminal'>,
): ExitCode {
  const proposal = proposalIn(answer);
  if (json) terminal.out(`${writeJson(answer, 2)}\n`);
  else terminal.out(actedOnText(proposal, styleOf(terminal)));
  return EXIT.fine;
}

function actedOnText(proposal: ShownProposal, style: ReturnType<typeof styleOf>): string {
  const next = nextText(proposal, style);
  return `${proposalHead(withoutDescription(proposal), style)}${standingSection(proposal, style)}${next === '' ? '' : `\n${next}`}`;
}

/** Whoever acts on a proposal has read it. */
function withoutDescription({ description: _, ...proposal }: ShownProposal): ShownProposal {
  return proposal;
}
