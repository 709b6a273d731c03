import { headOf, type Acting } from '../audit/act.js';
import type { RecordHead } from '../audit/record.js';
import type { LogTree } from '../audit/tree.js';
import type { Commit } from '../commit.js';
import type { InMemoryCouncil } from '../council/in-memory-council.js';
import type { Proposal } from '../council/proposal.js';
import { visibleTo } from '../council/visible.js';
import { WitanError } from '../errors.js';
import type { Caller } from '../identity/caller.js';
import type { Step } from '../council/proposals.js';
import type { InTurn } from '../in-turn.js';
import type { CurrentPolicies } from '../policy/current-policies.js';
import type { Registry } from '../registry/registry.js';
import type { BundleReader, Change } from '../store/store.js';

/** What acts of the council are made with. */
export interface CouncilNeeds {
  readonly council: InMemoryCouncil;
  readonly registry: Pick<Registry, 'domain'>;
  readonly current: CurrentPolicies;
  readonly bundles: Pick<BundleReader, 'byDigest'>;
  readonly commit: Commit;
  readonly tree: Pick<LogTree, 'seal'>;
  readonly councilTurn: InTurn;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  /** UUIDv7. */
  readonly newId: () => string;
  /** Told what an operator should know of, in words. */
  readonly warn: (message: string) => void;
}

/** What the record of an act of the council begins with. */
export function councilHead(
  { newId, nowMs, current }: Pick<CouncilNeeds, 'newId' | 'nowMs' | 'current'>,
  acting: Acting,
): RecordHead {
  return headOf({ newId, nowMs, law: () => current.policies }, acting);
}

/** A proposal that the caller may read. @throws WitanError `not_found`, `forbidden` for who has no role that reads any */
export function visibleProposal(
  { council, current }: Pick<CouncilNeeds, 'council' | 'current'>,
  id: string,
  caller: Caller,
): Proposal {
  const sees = visibleTo(caller, current.manifests);
  const proposal = council.existing(id);
  // Who may not see a proposal is not told that there is one.
  if (!sees(proposal.layer)) throw new WitanError('not_found', `there is no proposal \`${id}\``);
  return proposal;
}

/**
 * Commits a step of a proposal, and answers the proposal as it is then, when a signed checkpoint covers it: what lies behind
 * the last checkpoint at a start counts for no law (`unsealed-acts.ts`). MUST be called within the council's turn.
 */
export async function take(
  { commit, tree }: Pick<CouncilNeeds, 'commit' | 'tree'>,
  { proposal, record }: Step,
  changes: readonly Change[] = [],
): Promise<Step['proposal']> {
  const { sequence } = await commit({ record, changes: [...changes, { kind: 'put_proposal', proposal }] });
  await tree.seal(sequence + 1);
  return proposal;
}
