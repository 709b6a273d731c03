import { writeJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import type { Layer } from '../policy/layer.js';
import type { Manifest } from '../policy/manifest.js';
import { councilOf } from './council.js';
import type { Proposal } from './proposal.js';
import { isRatifiable } from './proposals.js';

/**
 * Refuses an emergency that changes who decides its layer, or by which rules: while it is in force those whom it names could
 * make law that stays when it is taken back. Where nobody could decide before, it may name some.
 *
 * @param manifests those in force
 * @throws WitanError `invalid_request`
 */
export function requireSameCouncil(manifest: Manifest, manifests: ReadonlyMap<Layer, Manifest>): void {
  const { layer } = manifest;
  const before = councilOf(layer, manifests);
  const after = councilOf(layer, new Map(manifests).set(layer, manifest));
  if (before.seats.length === 0 || writeJson(before) === writeJson(after)) return;
  const message = `an emergency cannot change the council that decides \`${layer}\`: leave \`council\` as it is in force`;
  throw new WitanError('invalid_request', message, {
    faults: [{ file: 'manifest.yaml', pointer: '/council', message }],
  });
}

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
