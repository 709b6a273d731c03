import type { Fault } from '../errors.js';
import type { Layer } from '../policy/layer.js';
import type { Tally } from './tally.js';

/**
 * How far a proposal is on its way to becoming law:
 *
 * ```
 * checking ─▶ open ─▶ approved ─▶ (shadow) ─▶ active ─▶ superseded
 *     └─▶ failed └─▶ rejected | expired | withdrawn
 * ```
 */
export const PROPOSAL_STATES = [
  'checking',
  'failed',
  'open',
  'approved',
  'shadow',
  'active',
  'superseded',
  'rejected',
  'expired',
  'withdrawn',
] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

/** States that nothing leads out of. `failed` is not one: an edit is checked again. */
export const ENDED_STATES: ReadonlySet<ProposalState> = new Set<ProposalState>([
  'superseded',
  'rejected',
  'expired',
  'withdrawn',
]);

export const VOTES = ['approve', 'reject', 'abstain'] as const;
export type Vote = (typeof VOTES)[number];

/** One member's vote on one bundle. */
export interface Ballot {
  /** Id of the member who cast it. */
  readonly member: string;
  /** Whose vote it is: a domain for `global`, the member's own id for a domain. */
  readonly seat: string;
  /** `sha256:<hex>` of the bundle that it is for; of another bundle it says nothing. */
  readonly digest: string;
  readonly vote: Vote;
  readonly comment?: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface Comment {
  readonly author: string;
  readonly text: string;
  /** RFC 3339. */
  readonly at: string;
}

/** What happened to a proposal: each is a record too. */
export const PROPOSAL_EVENTS = [
  'opened', // handed in
  'edited', // another bundle stands in its place; ballots for the earlier one are void
  'commented',
  'checked', // all checks passed; members may vote
  'failed',
  'impact', // what it would change was found out
  'approved',
  'rejected',
  'expired',
  'withdrawn',
  'scheduled',
  'shadowing',
  'superseded',
  'seconded', // a second operator agrees to put it in force at once
  'ratified', // the council confirmed what two operators put in force
] as const;
export type ProposalEvent = (typeof PROPOSAL_EVENTS)[number];

/** One line of a proposal's history: its own events, and votes and activations. */
export interface TimelineEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly event: ProposalEvent | 'voted' | 'activated' | 'reverted';
  /** Id of who did it; `witan` where the service did, by the clock or by machine. */
  readonly by: string;
  readonly note?: string;
  /** Id of the record in the log. */
  readonly record: string;
}

/** What the checks by machine found in the proposed bundle, against the bundles that were in force then. */
export interface CheckReport {
  /** RFC 3339. */
  readonly at: string;
  /** The revision whose other layers it was checked against. */
  readonly revision: number;
  /** Empty when all is well. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
  readonly tests: { readonly passed: number; readonly failed: number };
  /** Share of the lines of policies and libraries that tests reach, from 0 to 1. */
  readonly coverage?: number;
}

/** What the impact that was found out last says in short; the whole is kept apart (`impact.ts`). */
export interface ImpactSummary {
  /** RFC 3339. */
  readonly at: string;
  readonly digest: string;
  /** Domains whose decisions or products the proposal would change, owning or consuming. */
  readonly touched: readonly string[];
  readonly newly_denied: number;
  readonly newly_permitted: number;
  readonly newly_non_compliant: number;
  readonly newly_compliant: number;
}

/** A change to one layer's bundle on its way to becoming law. Immutable: a change makes the next version of it. */
export interface Proposal {
  /** A whole number from 1, as text. */
  readonly id: string;
  /** From 1; grows by one with every change of the proposal. */
  readonly version: number;
  readonly layer: Layer;
  readonly title: string;
  readonly description?: string;
  /** Id of who handed it in. */
  readonly author: string;
  /** `sha256:<hex>` of the proposed bundle, which is kept by that name. */
  readonly digest: string;
  /** What was in force when it was handed in or last edited. */
  readonly base: {
    readonly revision: number;
    /** Of the layer's bundle; absent when the layer had none. */
    readonly digest?: string;
  };
  readonly state: ProposalState;
  /** RFC 3339. */
  readonly created_at: string;
  readonly checks?: CheckReport;
  readonly impact?: ImpactSummary;
  /** RFC 3339: when voting ends; once it is open. */
  readonly closes_at?: string;
  /** Every ballot in the order of casting; the last one of a seat for the present digest counts. */
  readonly ballots: readonly Ballot[];
  readonly comments: readonly Comment[];
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[];
  /** As it was decided, or ratified. */
  readonly tally?: Tally;
  /** RFC 3339: when it was decided. */
  readonly decided_at?: string;
  /** RFC 3339: when it comes into force by itself, once approved. */
  readonly activate_at?: string;
  /** RFC 3339: an approved proposal that is not in force by then is `expired`. */
  readonly activate_by?: string;
  /** The shadow run, once one began. */
  readonly shadow?: { readonly since: string; readonly until?: string };
  /** The revision that it came into force with. */
  readonly revision?: number;
  /** Handed in as an emergency by one operator, to be put in force by another. */
  readonly break_glass?: {
    readonly reason: string;
    readonly operator: string;
    readonly second_operator?: string;
    /** RFC 3339: it is taken back then unless it is ratified. */
    readonly reverts_at?: string;
    /** What it took the place of, and goes back to; absent when the layer had no bundle. */
    readonly previous_digest?: string;
    readonly ratified_at?: string;
    readonly reverted_at?: string;
  };
}
