import { plain, type Style } from '../style.js';
import type { ShownProposal } from './answers.js';

/** How a proposal stands, in words: the service's own sentence, the votes, and all that is still needed. */
export function standingLines(proposal: ShownProposal): readonly string[] {
  const { summary, standing, tally, conflict, break_glass: glass } = proposal;
  const counted = standing ?? tally;
  const needs = standing?.outcome === 'open' ? standing.needs : [];
  return [
    summary,
    ...(counted === undefined
      ? []
      : [
          `${counted.approve} for, ${counted.reject} against, ${counted.abstain} abstained: ${counted.cast} of ${counted.seats} have voted, at least ${counted.quorum} must (council of ${counted.council})`,
        ]),
    // The first need stands in the sentence.
    ...(needs.length > 1 ? needs.map((need) => `needed: ${need}`) : []),
    ...(conflict === undefined ? [] : [conflict.message]),
    ...(glass === undefined ? [] : [`an emergency, says ${glass.operator}: ${glass.reason}`]),
  ].map(plain);
}

/** The commands that take a proposal on; none where it has ended or only time is awaited. */
export function nextCommands(proposal: ShownProposal): readonly string[] {
  const { id, state, break_glass: glass, activate_at } = proposal;
  switch (state) {
    case 'checking':
      return [`witan proposal ${id}`];
    case 'failed':
      return [`witan propose --edit ${id} <folder>`];
    case 'open':
      return glass === undefined
        ? [`witan vote ${id} approve`]
        : [`witan activate ${id}   (another operator)`];
    case 'approved':
      return activate_at === undefined ? [`witan activate ${id}`] : [];
    case 'shadow':
      return [`witan shadow ${id}`, `witan activate ${id}`];
    case 'active':
      return glass !== undefined && glass.ratified_at === undefined && glass.reverted_at === undefined
        ? [`witan vote ${id} approve   (ratifies it)`]
        : [];
    case 'superseded':
    case 'rejected':
    case 'expired':
    case 'withdrawn':
      return [];
  }
}

/** What to type next, as lines; nothing where there is nothing to do. */
export function nextText(proposal: ShownProposal, style: Style): string {
  return nextCommands(proposal)
    .map((command) => `${style.dim('next:')} ${plain(command)}\n`)
    .join('');
}
