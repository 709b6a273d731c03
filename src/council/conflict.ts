import type { Layer } from '../policy/layer.js';
import type { Proposal } from './proposal.js';
import { PENDING_STATES } from './proposals.js';

/** What stands in the way of a proposal, or may come to: another one of the same layer. */
export interface Conflict {
  /** Id of the other proposal; absent when what is in force came about without one. */
  readonly with?: string;
  readonly message: string;
}

/** Whether the layer has another bundle in force than the one that the proposal was made on. */
export function isBaseMoved(
  { base, layer }: Proposal,
  inForce: ReadonlyMap<Layer, { readonly digest: string }>,
): boolean {
  return inForce.get(layer)?.digest !== base.digest;
}

/**
 * The conflict of a proposal with others of its layer: with one that came into force since it was handed in, which has
 * to be taken up by an edit; or else with others that are on their way, which need not be.
 *
 * @param inForce the bundles in force
 * @param all every proposal
 */
export function conflictOf(
  proposal: Proposal,
  inForce: ReadonlyMap<Layer, { readonly digest: string }>,
  all: Iterable<Proposal>,
): Conflict | undefined {
  if (!PENDING_STATES.has(proposal.state)) return undefined;
  const others = [...all].filter(({ id, layer }) => id !== proposal.id && layer === proposal.layer);
  if (isBaseMoved(proposal, inForce)) {
    const last = others
      .filter(({ revision }) => revision !== undefined)
      .reduce<Proposal | undefined>(
        (latest, each) => ((each.revision ?? 0) > (latest?.revision ?? 0) ? each : latest),
        undefined,
      );
    const what = last === undefined ? 'another bundle' : `proposal ${last.id}`;
    return {
      ...(last !== undefined && { with: last.id }),
      message: `${what} changed what is in force in \`${proposal.layer}\` since this one was handed in: edit it to go on`,
    };
  }
  const pending = others.filter(({ state }) => PENDING_STATES.has(state) && state !== 'failed');
  const [first] = pending;
  if (first === undefined) return undefined;
  const ids = pending.map(({ id }) => id).join(', ');
  return {
    with: first.id,
    message: `${pending.length === 1 ? 'proposal' : 'the proposals'} ${ids} would change \`${proposal.layer}\` too: once one of them is in force, the others have to be edited`,
  };
}
