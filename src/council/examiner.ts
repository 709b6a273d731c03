import type { Bundle } from '../policy/bundle.js';
import type { CheckReport, ImpactSummary, Proposal } from './proposal.js';

/** What machines find out about a proposal before people vote on it. */
export interface Examiner {
  /** Checks a bundle against what is in force; faults of the bundle stand in the report. @throws WitanError when it could not be checked */
  check(bundle: Bundle): Promise<CheckReport>;
  /**
   * Finds out and keeps what the proposal would change.
   *
   * @returns `undefined` where that was cancelled or failed
   */
  impact(proposal: Proposal, bundle: Bundle): Promise<ImpactSummary | undefined>;
}
