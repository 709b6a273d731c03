import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import { domainsOf, hasRole } from '../identity/grant.js';
import { GLOBAL, layerChain, type Layer } from '../policy/layer.js';
import type { Council } from './council.js';
import type { WaiverRequest } from './waiver-request.js';

type Sitting = Pick<Council, 'of' | 'seats'>;

/**
 * Refuses who may not decide a waiver, so that four eyes always see it. Whoever asked never decides, in whatever role.
 *
 * - Where the council of `global` decides: a member who sits for another domain than the one that asks, and not for that
 *   one too, with the role `representative` of the domain that they sit for.
 * - Where a domain's council decides: a member with the role `steward` of that domain.
 *
 * @param council the one that decides the policy's layer (`councilOf`)
 * @throws WitanError `forbidden`, which says what stands in the way
 */
export function requireMayDecide(
  { domain, asked_by: askedBy, id }: Pick<WaiverRequest, 'id' | 'domain' | 'asked_by'>,
  caller: Caller,
  council: Sitting,
): void {
  const refuse = (why: string): never => {
    throw new WitanError('forbidden', `\`${caller.id}\` may not decide the waiver \`${id}\`: ${why}`);
  };
  if (caller.id === askedBy) refuse('whoever asks for a waiver does not decide it');
  const seats = council.seats.filter(({ members }) => members.includes(caller.id));
  if (seats.length === 0) refuse(`only members of the council of \`${council.of}\` may`);
  if (council.of === GLOBAL && seats.some((seat) => seat.id === domain)) {
    refuse(`only who sits for another domain than \`${domain}\`, which asks for it, may`);
  }
  if (!seats.some((seat) => speaksFor(caller, council, seat.id))) {
    const role = council.of === GLOBAL ? `representative:${seats[0]?.id ?? ''}` : `steward:${council.of}`;
    refuse(`it needs the role \`${role}\``);
  }
}

/**
 * Refuses who may not end a waiver before its time: stewards of the domain that has it may give it up, and every member
 * of the council that decides its policy's layer, in the role that goes with it, may take it back.
 *
 * @throws WitanError `forbidden`
 */
export function requireMayRevoke(
  { domain, id }: Pick<WaiverRequest, 'id' | 'domain'>,
  caller: Caller,
  council: Sitting,
): void {
  if (hasRole(caller, 'steward', domain)) return;
  const sits = council.seats.some(
    (seat) => seat.members.includes(caller.id) && speaksFor(caller, council, seat.id),
  );
  if (sits) return;
  throw new WitanError(
    'forbidden',
    `\`${caller.id}\` may not revoke the waiver \`${id}\`: only stewards of \`${domain}\` and members of the council of \`${council.of}\` may`,
  );
}

const READERS = ['steward', 'representative', 'auditor', 'operator'] as const;

/** What of waivers a caller sees. */
export interface WaiverSight {
  /** Those of the own domains, and those that the own council decides. */
  waiver(waiver: Pick<WaiverRequest, 'layer' | 'domain'>): boolean;
  /** How often policies of a layer are waived, which names nobody: of every layer that the own domains lie under, too. */
  ratesOf(layer: Layer): boolean;
}

/**
 * Which waivers a caller sees: those of the own domains; those that the own council decides, for stewards and, where it
 * is that of `global`, for representatives; with a role of the whole mesh all.
 *
 * @param councilOf the council that decides a layer
 * @throws WitanError `forbidden` for who has no role that reads any
 */
export function waiverSight(caller: Caller, councilOf: (layer: Layer) => Pick<Council, 'of'>): WaiverSight {
  const own = domainsOf(caller, READERS);
  if (own === 'all') return { waiver: () => true, ratesOf: () => true };
  if (own.length === 0)
    throw new WitanError('forbidden', `\`${caller.id}\` is none of ${READERS.join(', ')}`);
  const isRepresentative = domainsOf(caller, 'representative').length > 0;
  const decided = new Map<Layer, boolean>();
  const decides = (layer: Layer): boolean => {
    const known = decided.get(layer);
    if (known !== undefined) return known;
    const { of } = councilOf(layer);
    const does = of === GLOBAL ? isRepresentative : hasRole(caller, 'steward', of);
    decided.set(layer, does);
    return does;
  };
  const above = new Set(own.flatMap(layerChain));
  return {
    waiver: ({ layer, domain }) => own.includes(domain) || decides(layer),
    ratesOf: (layer) => above.has(layer) || decides(layer),
  };
}

function speaksFor(caller: Caller, { of }: Sitting, seat: string): boolean {
  return of === GLOBAL ? hasRole(caller, 'representative', seat) : hasRole(caller, 'steward', of);
}
