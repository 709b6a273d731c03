import { WitanError } from '../errors.js';
import type { Layer } from '../policy/layer.js';
import type { Proposal } from './proposal.js';
import { isRatifiable } from './proposals.js';

/**
 * Refuses an emergency on top of another one that was not ratified: it would be taken back to that one, which nobody but
 * operators ever decided and which would stay then.
 *
 * @param all every proposal
 * @throws WitanError `proposal_not_approved`
 */
export function requireNoOther(layer: Layer, all: Iterable<Proposal>): void {
  const other = [...all].find((each) => each.layer === layer && isRatifiable(each));
  if (other === undefined) return;
  throw new WitanError(
    'proposal_not_approved',
    `proposal ${other.id} is an emergency too, in force in \`${layer}\` and not ratified: it has to be ratified, taken back or replaced by the council first`,
  );
}
