import type { Manifest } from '../policy/manifest.js';
import { GLOBAL, outerLayers, type Layer } from '../policy/layer.js';

/** Those who decide a layer, and by which rules: the manifests in force say so, so it changes as they do. */
export interface Council {
  /** The layer whose manifest says it: the layer itself, or the nearest above it that has members. */
  readonly of: Layer;
  /** In the order of their ids. For `global` one for each domain, for a domain one for each member. */
  readonly seats: readonly Seat[];
  /** Share of the seats that must vote. */
  readonly quorum: number;
  /** Share of the votes for or against that must approve. */
  readonly threshold: number;
  /** ISO 8601 durations. */
  readonly votingPeriod: string;
  readonly activationPeriod: string;
  readonly breakGlassPeriod: string;
  /** Whether the vote of every domain that the impact touches is needed. */
  readonly touchedDomainsMustVote: boolean;
}

export interface Seat {
  readonly id: string;
  /** Ids of users, any of whom casts the seat's vote. */
  readonly members: readonly string[];
}

/**
 * The council that decides a layer under the manifests in force.
 *
 * @returns one without seats where neither the layer nor any above it names members: nothing can be decided there
 */
export function councilOf(layer: Layer, manifests: ReadonlyMap<Layer, Manifest>): Council {
  const chain = [...outerLayers(layer), layer];
  const of = chain.findLast((each) => seatsOf(each, manifests.get(each)).length > 0) ?? GLOBAL;
  const rules = manifests.get(of)?.council ?? {};
  return {
    of,
    seats: seatsOf(of, manifests.get(of)),
    quorum: rules.quorum ?? 0.5,
    threshold: rules.threshold ?? 0.5,
    votingPeriod: rules.voting_period ?? 'P7D',
    activationPeriod: rules.activation_period ?? 'P30D',
    breakGlassPeriod: rules.break_glass_period ?? 'P1D',
    touchedDomainsMustVote: of === GLOBAL && (rules.touched_domains_must_vote ?? false),
  };
}

/** The seat that a user votes for; `undefined` for who has none. A user of two domains votes for the first by id. */
export function seatOf({ seats }: Pick<Council, 'seats'>, user: string): Seat | undefined {
  return seats.find(({ members }) => members.includes(user));
}

function seatsOf(layer: Layer, manifest: Manifest | undefined): readonly Seat[] {
  // INVARIANT: `readManifest` lets only `global` have members by domain.
  const members = manifest?.council?.members as
    readonly string[] | Readonly<Record<string, readonly string[]>> | undefined;
  if (members === undefined) return [];
  const seats =
    layer === GLOBAL
      ? Object.entries(members as Readonly<Record<string, readonly string[]>>).map(([id, ids]) => ({
          id,
          members: ids,
        }))
      : (members as readonly string[]).map((id) => ({ id, members: [id] }));
  return seats.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
