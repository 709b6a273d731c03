import { GLOBAL, type Layer } from '../policy/layer.js';
import type { Council, Seat } from './council.js';
import { named, without } from './words.js';

/** What changes in who decides a layer and how, a sentence each. */
export function councilWords(layer: Layer, before: Council, after: Council): readonly string[] {
  return [...seatWords(layer, before, after), ...ruleWords(before, after)];
}

function seatWords(layer: Layer, before: Council, after: Council): readonly string[] {
  if (before.of !== after.of) {
    const whose =
      after.of === layer ? `its own council: ${named(membersOf(after.seats))}` : `the council of ${after.of}`;
    return [`${layer} is decided by ${whose}`];
  }
  // Above the layer nothing changes.
  if (after.of !== layer) return [];
  const old = new Map(before.seats.map((seat) => [seat.id, seat]));
  const young = new Map(after.seats.map((seat) => [seat.id, seat]));
  const ids = [...new Set([...old.keys(), ...young.keys()])].sort();
  return ids.flatMap((id) => {
    const [was, is] = [old.get(id)?.members ?? [], young.get(id)?.members ?? []];
    if (layer !== GLOBAL) {
      if (was.length === is.length) return [];
      return [
        is.length > 0
          ? `\`${id}\` joins the council of ${layer}`
          : `\`${id}\` leaves the council of ${layer}`,
      ];
    }
    if (was.length === 0)
      return [
        `${id} gets a seat on the council, for which ${named(is)} ${is.length === 1 ? 'votes' : 'vote'}`,
      ];
    if (is.length === 0) return [`${id} loses its seat on the council, for which ${named(was)} voted`];
    return [
      ...without(is, was).map((member) => `\`${member}\` votes for ${id} in the council`),
      ...without(was, is).map((member) => `\`${member}\` no longer votes for ${id} in the council`),
    ];
  });
}

function membersOf(seats: readonly Seat[]): readonly string[] {
  return [...new Set(seats.flatMap(({ members }) => members))];
}

/** Rules with their defaults: one that is written down and was in force unsaid is no change. */
function ruleWords(before: Council, after: Council): readonly string[] {
  const rules = [
    ['the quorum', before.quorum, after.quorum],
    ['the threshold', before.threshold, after.threshold],
    ['the voting period', before.votingPeriod, after.votingPeriod],
    ['the activation period', before.activationPeriod, after.activationPeriod],
    ['the break-glass period', before.breakGlassPeriod, after.breakGlassPeriod],
  ] as const;
  const words = rules.flatMap(([what, was, is]) => (was === is ? [] : [`${what} goes from ${was} to ${is}`]));
  if (before.touchedDomainsMustVote === after.touchedDomainsMustVote) return words;
  return [
    ...words,
    after.touchedDomainsMustVote
      ? 'every domain that a proposal touches must have voted from then on'
      : 'domains that a proposal touches no longer need to have voted',
  ];
}
