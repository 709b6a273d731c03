import type { Acting } from '../audit/act.js';
import { advance, proposalRecord, timelineEntry } from '../council/advance.js';
import type { LogTree } from '../audit/tree.js';
import type { Commit } from '../commit.js';
import { councilOf } from '../council/council.js';
import type { ImpactReport } from '../council/impact.js';
import type { InMemoryCouncil } from '../council/in-memory-council.js';
import type { ImpactSummary, Proposal, ProposalState } from '../council/proposal.js';
import { votingSeat } from '../council/visible.js';
import { readJson } from '../document/json.js';
import { WitanError } from '../errors.js';
import { SERVICE_CALLER, type Caller } from '../identity/caller.js';
import { hasRole } from '../identity/grant.js';
import type { ImpactProgress } from './impact-protocol.js';
import type { ImpactEnd, ImpactFound, Impacts } from './impacts.js';
import type { InTurn } from '../in-turn.js';
import { keptBundle } from '../law/bundle-on-record.js';
import type { Bundle } from '../policy/bundle.js';
import { councilHead, take, visibleProposal } from '../proposing/council-needs.js';
import type { CurrentPolicies } from '../policy/current-policies.js';
import type { Store } from '../store/store.js';

/** The impacts of proposals: found out, kept with a record, shown. */
export interface ProposalImpacts {
  /**
   * Finds out and keeps what a proposal would change, for the service itself.
   *
   * @returns `undefined` where that was cancelled or failed
   */
  impact(proposal: Proposal, bundle: Bundle): Promise<ImpactSummary | undefined>;
  /**
   * Begins to find it out again. One that is under way goes on.
   *
   * @throws WitanError `not_found`; `forbidden` unless the caller is the author, votes on it or is an operator;
   * `proposal_closed` where nothing is decided any more
   */
  again(id: string, acting: Acting): Promise<void>;
  /** Cancels one that waits or runs. @throws WitanError as `again`, and `not_found` where there is none */
  cancel(id: string, caller: Caller): void;
  /** What was found out last. @throws WitanError `not_found`, `forbidden` */
  report(id: string, caller: Caller): Promise<ImpactReport>;
  /** How one goes on, and how it ended. @throws WitanError `not_found` where there was none lately, `forbidden` */
  follow(id: string, caller: Caller): AsyncGenerator<ImpactProgress | ImpactEnd, void, undefined>;
  /** Cancels all; resolves when nothing is under way any more. */
  close(): Promise<void>;
}

interface Needs {
  readonly impacts: Impacts;
  readonly council: InMemoryCouncil;
  readonly current: CurrentPolicies;
  readonly store: Pick<Store, 'bundles' | 'council'>;
  readonly commit: Commit;
  readonly tree: Pick<LogTree, 'seal'>;
  readonly councilTurn: InTurn;
  readonly nowMs: () => number;
  /** UUIDv7. */
  readonly newId: () => string;
}

/** States in which what would change matters still. */
const PENDING: ReadonlySet<ProposalState> = new Set<ProposalState>([
  'checking',
  'open',
  'approved',
  'shadow',
]);

export function createProposalImpacts(needs: Needs): ProposalImpacts {
  const { impacts, current, store } = needs;
  const underWay = new Set<Promise<unknown>>();

  const visible = (id: string, caller: Caller): Proposal => visibleProposal(needs, id, caller);
  const findAndKeep = async (
    proposal: Proposal,
    bundle: Bundle,
    acting: Acting,
  ): Promise<ImpactSummary | undefined> => {
    const found = await impacts.run(proposal, bundle, {
      keep: (whole) => keep(needs, proposal, whole, acting),
    });
    return found?.summary;
  };

  return {
    impact: (proposal, bundle) => findAndKeep(proposal, bundle, { caller: SERVICE_CALLER }),
    async again(id, acting) {
      const proposal = visible(id, acting.caller);
      requireConcerned(proposal, acting.caller, current);
      if (!PENDING.has(proposal.state)) {
        throw new WitanError(
          'proposal_closed',
          `proposal ${id} is ${proposal.state}: what it would change is found out while it is decided`,
        );
      }
      // While it is checked, its impact follows the checks.
      if (proposal.state === 'checking' || impacts.progressOf(id) !== undefined) return;
      const bundle = await keptBundle(store.bundles, proposal.digest);
      const finding = findAndKeep(proposal, bundle, acting);
      underWay.add(finding);
      void finding.finally(() => underWay.delete(finding));
    },
    cancel(id, caller) {
      requireConcerned(visible(id, caller), caller, current);
      if (impacts.cancel(id)) return;
      throw new WitanError('not_found', `no impact of proposal ${id} is being found out`);
    },
    async report(id, caller) {
      visible(id, caller);
      const kept = await store.council.impactOf(id);
      if (kept === undefined) throw new WitanError('not_found', `proposal ${id} has no impact yet`);
      // INVARIANT: what is kept is a report as it was found out.
      return readJson(kept.body) as ImpactReport;
    },
    follow(id, caller) {
      visible(id, caller);
      const progress = impacts.follow(id);
      if (progress !== undefined) return progress;
      throw new WitanError('not_found', `no impact of proposal ${id} is being found out`);
    },
    async close() {
      await impacts.close();
      await Promise.all(underWay);
    },
  };
}

/** @throws WitanError `forbidden` unless the caller is the author, votes on the proposal or is an operator */
function requireConcerned(
  { id, author, layer }: Proposal,
  caller: Caller,
  { manifests }: CurrentPolicies,
): void {
  const votes = votingSeat(caller, councilOf(layer, manifests)) !== undefined;
  if (caller.id === author || votes || hasRole(caller, 'operator')) return;
  throw new WitanError(
    'forbidden',
    `\`${caller.id}\` is neither the author of proposal ${id} nor an operator, and does not vote on it`,
  );
}

/** Keeps an impact, unless the bundle that it is of was edited meanwhile or nothing is to be decided any more. */
function keep(
  needs: Needs,
  { id, digest }: Proposal,
  { summary, words, body }: ImpactFound,
  acting: Acting,
): Promise<void> {
  const { council, councilTurn } = needs;
  return councilTurn(async () => {
    const now = council.proposal(id);
    if (now === undefined || now.digest !== digest || !PENDING.has(now.state)) return;
    const head = councilHead(needs, acting);
    const proposal = advance(now, { impact: summary }, timelineEntry(head, 'impact', words));
    const { touched } = summary;
    const record = proposalRecord(head, 'impact', proposal, { touched, reason: words });
    await take(needs, { proposal, record }, [{ kind: 'put_impact', proposal: id, digest, body }]);
  });
}
