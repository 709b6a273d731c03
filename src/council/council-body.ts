import type { Council } from './council.js';

/** Who decides a layer and by which rules, as it is told outside. */
export interface CouncilBody {
  /** The layer whose manifest says it. */
  readonly of: string;
  readonly seats: readonly { readonly id: string; readonly members: readonly string[] }[];
  readonly quorum: number;
  readonly threshold: number;
  readonly voting_period: string;
  readonly activation_period: string;
  readonly break_glass_period: string;
  readonly touched_domains_must_vote: boolean;
}

export function councilBody(council: Council): CouncilBody {
  const { of, seats, quorum, threshold } = council;
  return {
    of,
    seats,
    quorum,
    threshold,
    voting_period: council.votingPeriod,
    activation_period: council.activationPeriod,
    break_glass_period: council.breakGlassPeriod,
    touched_domains_must_vote: council.touchedDomainsMustVote,
  };
}
