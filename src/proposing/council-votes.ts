import { createCouncilsBefore, disputed } from './councils-before.js';
import { councilHead, take, type CouncilNeeds } from './council-needs.js';
import { councilOf, type Council } from '../council/council.js';
import type { Proposal } from '../council/proposal.js';
import { decided, isRatifiable, lapsed, ratified, touchedOf } from '../council/proposals.js';
import { tally, type Tally } from '../council/tally.js';
import { SERVICE_CALLER } from '../identity/caller.js';
import { afterTime } from '../policy/duration.js';
import type { Layer } from '../policy/layer.js';
import type { Manifest } from '../policy/manifest.js';

/** Counts votes, and decides those that are decided. */
export interface CouncilVotes {
  /** The council that decides a proposal by the manifests in force; an emergency by those before it. */
  councilFor(proposal: Proposal): Promise<Council>;
  /** How the vote on a proposal stands that is open, or may be ratified; `atMs` is Unix time in milliseconds. */
  count(proposal: Proposal, atMs: number): Promise<Tally>;
  /**
   * Decides the proposal if its vote is decided by then, and ends it if what was approved was not put in force in time.
   * MUST be called within the council's turn.
   *
   * @returns the proposal as it is then
   */
  settle(proposal: Proposal, atMs: number): Promise<Proposal>;
  /**
   * Refuses what the council of a layer would decide while it is one that an emergency chose: nobody ratified that, and what
   * it decided would stay when the emergency is taken back. Where nobody could decide before, an emergency may name some.
   *
   * @throws WitanError `forbidden`
   */
  readonly requireUndisputed: (layer: Layer) => Promise<void>;
  /** When the proposal has to be settled by the clock, in Unix milliseconds. */
  dueMs(proposal: Proposal): number | undefined;
}

/** What is scheduled for the very end of its time is left to its activation for so long. */
const ACTIVATION_GRACE_MS = 60_000;

type Needs = Pick<CouncilNeeds, 'bundles' | 'council' | 'commit' | 'tree' | 'current' | 'nowMs' | 'newId'>;

export function createCouncilVotes(needs: Needs): CouncilVotes {
  const { current } = needs;
  const { manifestsBefore, disputing } = createCouncilsBefore(needs);

  /** Two operators who changed the council itself must not have the new one ratify that. */
  const manifestsFor = async (proposal: Proposal): Promise<ReadonlyMap<Layer, Manifest>> =>
    isRatifiable(proposal) ? manifestsBefore([proposal]) : current.manifests;

  const councilFor = async (proposal: Proposal): Promise<Council> =>
    councilOf(proposal.layer, await manifestsFor(proposal));

  const count = async (proposal: Proposal, atMs: number): Promise<Tally> => {
    const closes = endOfVote(proposal);
    const { ballots, digest, author } = proposal;
    return tally({
      council: await councilFor(proposal),
      ballots,
      digest,
      author,
      ...touchedOf(proposal),
      closed: closes !== undefined && atMs >= closes,
    });
  };

  const settle = async (proposal: Proposal, atMs: number): Promise<Proposal> => {
    const head = () => councilHead(needs, { caller: SERVICE_CALLER });
    if (proposal.state === 'open') {
      if ((await disputing(proposal.layer)) !== undefined) return proposal;
      const counted = await count(proposal, atMs);
      if (counted.outcome === 'open') return proposal;
      const { activationPeriod } = await councilFor(proposal);
      const activateBy = new Date(afterTime(activationPeriod, atMs)).toISOString();
      return take(needs, decided(proposal, { tally: counted, activateBy }, head()));
    }
    if (isRatifiable(proposal)) {
      const counted = await count(proposal, atMs);
      return counted.outcome === 'approved' ? take(needs, ratified(proposal, counted, head())) : proposal;
    }
    const ends = endOfApproval(proposal);
    return ends !== undefined && atMs >= ends ? take(needs, lapsed(proposal, head())) : proposal;
  };

  return {
    councilFor,
    count,
    settle,
    requireUndisputed: async (layer) => {
      const emergency = await disputing(layer);
      if (emergency !== undefined) throw disputed(layer, emergency);
    },
    dueMs: (proposal) => endOfVote(proposal) ?? endOfApproval(proposal),
  };
}

/** When voting ends, in Unix milliseconds. */
export function endOfVote(proposal: Proposal): number | undefined {
  if (proposal.state === 'open') return millisecondsOf(proposal.closes_at);
  return isRatifiable(proposal) ? millisecondsOf(proposal.break_glass?.reverts_at) : undefined;
}

function endOfApproval({ state, activate_at, activate_by }: Proposal): number | undefined {
  if (state !== 'approved' && state !== 'shadow') return undefined;
  const ends = millisecondsOf(activate_by);
  return ends === undefined || activate_at === undefined ? ends : ends + ACTIVATION_GRACE_MS;
}

function millisecondsOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}
