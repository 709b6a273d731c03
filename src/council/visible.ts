import { WitanError } from '../errors.js';
import type { Caller, Role } from '../identity/caller.js';
import { domainsOf, hasRole } from '../identity/grant.js';
import { GLOBAL, type Layer } from '../policy/layer.js';
import type { Manifest } from '../policy/manifest.js';
import { councilOf, type Council, type Seat } from './council.js';

/** Roles that see what is before the council; of these an auditor alone has no say in it. */
export const READERS = [
  'steward',
  'representative',
  'auditor',
  'operator',
] as const satisfies readonly Role[];
export const SPEAKERS = ['steward', 'representative', 'operator'] as const satisfies readonly Role[];

/**
 * Which layers' affairs a caller sees: those of `global` and of the own domains, and of every layer that the caller
 * votes on; for a role of the whole mesh, those of all.
 *
 * @param roles that let see it
 * @returns a predicate that is cheap to ask often
 * @throws WitanError `forbidden` for who has no role that reads any
 */
export function visibleTo(
  caller: Caller,
  manifests: ReadonlyMap<Layer, Manifest>,
  roles: readonly Role[] = READERS,
): (layer: Layer) => boolean {
  const domains = domainsOf(caller, roles);
  if (domains === 'all') return () => true;
  if (domains.length === 0) {
    throw new WitanError('forbidden', `\`${caller.id}\` is none of ${roles.join(', ')}`);
  }
  const own = new Set<Layer>([GLOBAL, ...domains]);
  return (layer) => own.has(layer) || votingSeat(caller, councilOf(layer, manifests)) !== undefined;
}

/** The seat that a caller votes for: the first by id of those whose member the caller is, with the role that goes with it. */
export function votingSeat(caller: Caller, { of, seats }: Pick<Council, 'of' | 'seats'>): Seat | undefined {
  return seats.find(
    ({ id, members }) =>
      members.includes(caller.id) &&
      (of === GLOBAL ? hasRole(caller, 'representative', id) : hasRole(caller, 'steward', of)),
  );
}
