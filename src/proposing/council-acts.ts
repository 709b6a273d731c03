import type { Acting } from '../audit/act.js';
import { castBallot, type NewBallot } from './cast-ballot.js';
import { CheckingRun } from './checking-run.js';
import { councilHead, take, visibleProposal, type CouncilNeeds } from './council-needs.js';
import { createCouncilVotes, type CouncilVotes } from './council-votes.js';
import { conflictOf } from '../council/conflict.js';
import type { Examiner } from '../council/examiner.js';
import { PROPOSAL_LIMITS } from '../council/proposal-limits.js';
import { closed, requireAuthorOrOperator, requirePending, requireShort } from '../council/proposal-rules.js';
import { ENDED_STATES, type Proposal } from '../council/proposal.js';
import { commented, isRatifiable, withdrawn } from '../council/proposals.js';
import { listProposals, type ProposalFilter, type ProposalPage } from '../council/proposal-list.js';
import { showProposal, type ShownProposal } from '../council/shown-proposal.js';
import { SPEAKERS, visibleTo } from '../council/visible.js';
import { WitanError } from '../errors.js';
import { editProposal, handInProposal, type NewProposal } from './hand-in-proposal.js';
import type { Caller } from '../identity/caller.js';
import type { BundleFile } from '../policy/bundle.js';
import type { Layer } from '../policy/layer.js';

/** Acts on proposals. They come one after the other, and each is on record before it is answered. */
export interface CouncilActs {
  /** @throws WitanError `forbidden`, `invalid_request`, `too_many_items`, and for the files what `proposedBundle` throws */
  open(request: NewProposal, acting: Acting): Promise<Proposal>;
  /** @throws WitanError as `open`, and `not_found`, `proposal_closed` */
  edit(id: string, files: readonly BundleFile[], acting: Acting): Promise<Proposal>;
  /** @throws WitanError `not_found`, `forbidden`, `proposal_closed`, `invalid_request`, `too_many_items` */
  comment(id: string, text: string, acting: Acting): Promise<Proposal>;
  /** @throws WitanError `not_found`, `forbidden`, `proposal_closed`, `ballot_outdated`, `revision_moved`, `too_many_items` */
  vote(id: string, ballot: NewBallot, acting: Acting): Promise<Proposal>;
  /** @throws WitanError `not_found`, `forbidden`, `proposal_closed` */
  withdraw(id: string, reason: string, acting: Acting): Promise<Proposal>;
  /** A proposal that the caller may read. @throws WitanError `not_found`, `forbidden` */
  find(id: string, caller: Caller): Proposal;
  /** Those that the caller may read, the newest first. @throws WitanError `forbidden` */
  list(filter: ProposalFilter, caller: Caller): ProposalPage;
  /** A proposal with what follows from it. */
  shown(proposal: Proposal): Promise<ShownProposal>;
  /** @throws WitanError `forbidden` while an emergency that is not ratified chose the council that decides the layer */
  readonly requireUndisputed: (layer: Layer) => Promise<void>;
  /**
   * Does all that is due: decides votes that ended, ends approvals whose time is over, checks what is not checked. What
   * fails keeps nothing else from being done; the first failure is thrown then.
   */
  readonly tick: (nowMs: number) => Promise<void>;
  /** When a tick is due next, in Unix milliseconds; `undefined` for no time that is known. */
  readonly nextDueMs: () => number | undefined;
  /** Resolves when no proposal is being checked. */
  settled(): Promise<void>;
  /** Checks nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

type Needs = CouncilNeeds & { readonly votes: CouncilVotes; readonly checking: CheckingRun };

export function createCouncilActs(given: CouncilNeeds & { readonly examiner: Examiner }): CouncilActs {
  const needs: Needs = { ...given, votes: createCouncilVotes(given), checking: new CheckingRun(given) };
  const { council, councilTurn, current, checking } = needs;
  const checked = async (handedIn: Promise<Proposal>): Promise<Proposal> => {
    const proposal = await handedIn;
    checking.begin();
    return proposal;
  };
  return {
    open: (request, acting) => checked(handInProposal(needs, request, acting)),
    edit: async (id, files, acting) => checked(editProposal(needs, council.existing(id), files, acting)),
    comment: (id, text, acting) => councilTurn(() => comment(needs, id, text, acting)),
    vote: (id, ballot, acting) => councilTurn(() => castBallot(needs, id, ballot, acting)),
    withdraw: (id, reason, acting) => councilTurn(() => withdraw(needs, id, reason, acting)),
    find: (id, caller) => visibleProposal(needs, id, caller),
    list: (filter, caller) =>
      listProposals(council.proposals(), filter, visibleTo(caller, current.manifests)),
    shown: (proposal) => shown(needs, proposal),
    requireUndisputed: needs.votes.requireUndisputed,
    tick: (nowMs) => tick(needs, nowMs),
    nextDueMs: () => nextDueMs(needs),
    settled: () => checking.settled(),
    stop: () => checking.stop(),
  };
}

async function comment(needs: Needs, id: string, text: string, acting: Acting): Promise<Proposal> {
  const { caller } = acting;
  const now = visibleProposal(needs, id, caller);
  if (!visibleTo(caller, needs.current.manifests, SPEAKERS)(now.layer)) {
    throw new WitanError('forbidden', `\`${caller.id}\` has no say in what concerns \`${now.layer}\``);
  }
  requireShort('text', text, PROPOSAL_LIMITS.commentBytes);
  if (ENDED_STATES.has(now.state)) throw closed(now, 'commented on');
  if (now.comments.length >= PROPOSAL_LIMITS.comments) {
    throw new WitanError('too_many_items', `proposal ${id} has ${now.comments.length} comments already`);
  }
  return take(needs, commented(now, text, councilHead(needs, acting)));
}

async function withdraw(needs: Needs, id: string, reason: string, acting: Acting): Promise<Proposal> {
  const now = needs.council.existing(id);
  requireAuthorOrOperator(now, acting.caller);
  requireShort('reason', reason, PROPOSAL_LIMITS.commentBytes);
  return take(needs, withdrawn(requirePending(now, 'withdrawn'), reason, councilHead(needs, acting)));
}

async function shown({ council, current, votes, nowMs }: Needs, proposal: Proposal): Promise<ShownProposal> {
  const votable = proposal.state === 'open' || isRatifiable(proposal);
  return showProposal(proposal, {
    standing: votable ? await votes.count(proposal, nowMs()) : undefined,
    conflict: conflictOf(proposal, current.law.bundles, council.proposals()),
  });
}

async function tick({ council, councilTurn, votes, checking }: Needs, nowMs: number): Promise<void> {
  const failures: unknown[] = [];
  const maybeDue = [...council.proposals()].filter((each) => votes.dueMs(each) !== undefined);
  for (const { id } of maybeDue) {
    try {
      await councilTurn(() => votes.settle(council.existing(id), nowMs));
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  checking.retry();
  if (failures.length > 0) throw failures[0];
}

function nextDueMs({ council, votes }: Needs): number | undefined {
  let next: number | undefined;
  for (const proposal of council.proposals()) {
    const due = votes.dueMs(proposal);
    if (due !== undefined && (next === undefined || due < next)) next = due;
  }
  return next;
}
