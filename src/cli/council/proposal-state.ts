import type { ProposalState } from '../../council/proposal.js';
import type { Style } from '../style.js';

type Paint = (style: Style) => (text: string) => string;

const PAINTS: Readonly<Record<ProposalState, Paint>> = {
  checking: (style) => style.yellow,
  failed: (style) => style.red,
  open: (style) => style.yellow,
  approved: (style) => style.green,
  shadow: (style) => style.yellow,
  active: (style) => style.green,
  superseded: (style) => style.dim,
  rejected: (style) => style.red,
  expired: (style) => style.red,
  withdrawn: (style) => style.dim,
};

/** Colours the state of a proposal, or a text in its place. */
export function paintState(state: ProposalState, style: Style, text: string = state): string {
  return PAINTS[state](style)(text);
}

/** The part of a digest that people compare. */
export function shortDigest(digest: string): string {
  return digest.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}
