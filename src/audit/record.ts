/**
 * One entry of the audit log. The record is encoded to bytes once; those bytes are what is stored, hashed
 * and returned. Its place in the log (the sequence) is given by the log and stands beside the bytes, as
 * a leaf's index does in RFC 6962.
 */
export const RECORD_KINDS = [
  // what was decided
  'decision',
  'quarantine',
  'shadow',
  // how rules became law
  'seed',
  'proposal',
  'ballot',
  'activation',
  'waiver',
  // who may do what, and what was refused to them
  'access_change',
  'refusal',
  // what was done to the log itself
  'key',
  'erasure',
  'hold',
  'pruning',
  'sample',
  'saved_query',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** What every record has. */
export interface RecordHead {
  /** UUIDv7. */
  readonly id: string;
  /** RFC 3339 in UTC with milliseconds. */
  readonly time: string;
  /** Who asked or acted. */
  readonly caller: { readonly id: string; readonly roles: readonly string[] };
  readonly correlation?: { readonly request_id?: string; readonly traceparent?: string } | undefined;
  /** The policies in force; 0 before there were any. */
  readonly revision: number;
}

/** The bundles that are in force from a revision on. */
export interface LawInForce {
  readonly layers: readonly CompiledLayer[];
  readonly toolchain: ToolchainIdentity;
}

/** One layer that was asked. */
export interface AskedLayerDigest {
  readonly layer: string;
  /** Set where it was asked for the consuming domain; otherwise it was asked as the decision's kind. */
  readonly kind?: 'consume';
  /** `sha256:<hex>` of the bundle; absent when the layer had no bundle. */
  readonly digest?: string;
  /** Why the bundle could not be asked, although it was there. */
  readonly fault?: string;
}

/** What was not known when the evaluation was gathered: an error of the layer that it would have stood under. */
export interface UnknownOfLayer {
  readonly layer: string;
  readonly kind: 'publish' | 'access' | 'consume';
  readonly message: string;
}

/** A decision with all that led to it. */
export interface DecisionRecord extends RecordHead {
  readonly kind: 'decision';
  readonly decision_kind: 'publish' | 'access';
  /**
   * As policies saw it: subject and resource with what the registry knows of them as `registered`. What is masked is
   * replaced by `{"masked": "sha256:<hex>"}`, a commitment (see `redaction.ts`).
   */
  readonly evaluation: {
    readonly subject: object;
    readonly action: object;
    readonly resource: object;
    readonly context: object;
  };
  /** The owning domain and, for an access across domains, the consuming one. */
  readonly domain?: string | undefined;
  readonly consumer_domain?: string | undefined;
  /** `sha256:<hex>` of the metadata that was evaluated, stored once by content. */
  readonly metadata?: string | undefined;
  readonly previous_metadata?: string | undefined;
  readonly parameters: object;
  /** In the order in which they were asked. */
  readonly layers: readonly AskedLayerDigest[];
  /** Absent when everything was known. */
  readonly unknown?: readonly UnknownOfLayer[] | undefined;
  readonly findings: readonly object[];
  readonly decision: boolean;
  readonly code: string;
  readonly reasons: readonly object[];
  readonly obligations: readonly object[];
  readonly advice: readonly object[];
  /** JSON pointers of what was replaced in the evaluation before the record was hashed. */
  readonly masked: readonly string[];
}

/** A layer's bundle as it came into force. */
export interface CompiledLayer {
  readonly layer: string;
  /** `sha256:<hex>` of the bundle. */
  readonly digest: string;
  /** `sha256:<hex>` of the module that was made of it; absent for a bundle without policies. */
  readonly module?: string;
}

/** What compiled the modules: the same toolchain makes the same module of the same bundle. */
export interface ToolchainIdentity {
  /** Version of OPA. */
  readonly opa: string;
  /** `sha256:<hex>` of the toolchain itself. */
  readonly digest: string;
}

/** The first revision of an empty store: the bundles that it was seeded with. */
export interface SeedRecord extends RecordHead, LawInForce {
  readonly kind: 'seed';
}

/** A policy that took more than an evaluation may is in error, without being asked, for a while. */
export interface QuarantineRecord extends RecordHead {
  readonly kind: 'quarantine';
  /** The decision that it came up in. */
  readonly triggered_by: string;
  readonly layer: string;
  /** The layer as a domain; absent for `global`. */
  readonly domain?: string;
  /** `sha256:<hex>` of the bundle. */
  readonly digest: string;
  readonly policy: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly until: string;
}

/** A decision that a proposed bundle would have made differently, while it ran beside the one in force. */
export interface ShadowRecord extends RecordHead {
  readonly kind: 'shadow';
  readonly proposal: string;
  readonly layer: string;
  readonly domain?: string;
  /** `sha256:<hex>` of the proposed bundle. */
  readonly digest: string;
  /** Id of the decision's record. */
  readonly of: string;
  readonly decision: boolean;
  readonly code: string;
  readonly reasons: readonly object[];
  readonly obligations: readonly object[];
}

/** What became of a proposal. */
export interface ProposalRecord extends RecordHead {
  readonly kind: 'proposal';
  readonly event:
    | 'opened'
    | 'edited'
    | 'commented'
    | 'checked'
    | 'failed'
    | 'impact'
    | 'approved'
    | 'rejected'
    | 'expired'
    | 'withdrawn'
    | 'scheduled'
    | 'shadowing'
    | 'superseded'
    | 'seconded'
    | 'ratified';
  readonly proposal: string;
  readonly layer: string;
  readonly domain?: string;
  /** `sha256:<hex>` of the proposed bundle. */
  readonly digest: string;
  /** The revision that it was based on. */
  readonly base: number;
  /** Who handed it in, whose own approval is not enough. */
  readonly author: string;
  /** Of `impact`, `approved`, `rejected`, `expired` and `ratified`: the domains that it touches, where that is known. */
  readonly touched?: readonly string[];
  /** Of `approved`, `rejected`, `expired` and `ratified`: how the vote stood. */
  readonly tally?: object;
  /** Of `scheduled`: when it comes into force. RFC 3339. */
  readonly activate_at?: string;
  readonly reason?: string;
}

/** One member's vote, for the digest of the bundle that it names. */
export interface BallotRecord extends RecordHead {
  readonly kind: 'ballot';
  readonly proposal: string;
  readonly layer: string;
  readonly domain?: string;
  readonly digest: string;
  /** Whose vote it is: a domain for `global`, the member for a domain. */
  readonly seat: string;
  readonly vote: 'approve' | 'reject' | 'abstain';
  readonly reason?: string;
}

/** A later revision comes into force. */
export interface ActivationRecord extends RecordHead, LawInForce {
  readonly kind: 'activation';
  /** By the council's vote, by two operators at once, or back when those were not ratified. */
  readonly by: 'council' | 'break_glass' | 'reversion';
  /** The layer that changed. */
  readonly layer: string;
  readonly domain?: string;
  /** `sha256:<hex>` of its bundle from now on; absent where it has none any more. */
  readonly digest?: string;
  /** `sha256:<hex>` of its bundle before; absent when it had none. */
  readonly previous?: string;
  /** Of `break_glass`: the operator who asked for it, who is not the one who acts, and when it is taken back unless it is ratified (RFC 3339). */
  readonly first_operator?: string;
  readonly reverts_at?: string;
  readonly proposal?: string;
  readonly reason?: string;
}

/** A time-bound exemption from a soft policy. */
export interface WaiverRecord extends RecordHead {
  readonly kind: 'waiver';
  readonly event: 'requested' | 'granted' | 'refused' | 'revoked';
  readonly waiver: string;
  readonly layer: string;
  readonly policy: string;
  /** The domain that asked. */
  readonly domain: string;
  readonly category: 'waiver' | 'mitigated';
  readonly reason: string;
  readonly resources?: readonly string[];
  readonly subjects?: readonly string[];
  /** RFC 3339. */
  readonly until: string;
}

/** A token, a person or a role was given or taken away. */
export interface AccessChangeRecord extends RecordHead {
  readonly kind: 'access_change';
  readonly event: 'created' | 'changed' | 'revoked';
  /** What it is about: a `token`, a `user`, … */
  readonly entity: { readonly type: string; readonly id: string };
  readonly domain?: string;
  /** Of a token: whom it speaks for, with which grants, until when (RFC 3339). */
  readonly bearer?: string;
  readonly grants?: readonly string[];
  readonly expires_at?: string;
  readonly reason?: string;
}

/** An attempt that was refused to its caller. */
export interface RefusalRecord extends RecordHead {
  readonly kind: 'refusal';
  /** What was attempted, such as `POST /v1/proposals`. */
  readonly attempt: string;
  readonly code: string;
  readonly domain?: string;
  readonly reason: string;
  /** How often it was attempted, where several stand in one record. */
  readonly attempts?: number;
  /**
   * Of a start that found records behind the last checkpoint: their sequences, `from` ≤ sequence < `before`. Who wrote them
   * cannot be proven, so nothing that they decide counts (`law-evidence.ts`).
   */
  readonly unsealed?: { readonly from: number; readonly before: number };
}

/** A key came to sign the log's checkpoints, from the next checkpoint on. */
export interface KeyRecord extends RecordHead {
  readonly kind: 'key';
  /** Verifier key of a signed note (C2SP signed-note). */
  readonly vkey: string;
  /** The key that it takes over from, which signs the first checkpoint with this record too. */
  readonly previous?: string;
}

/** Masked values of records were erased for good; their commitments stay. */
export interface ErasureRecord extends RecordHead {
  readonly kind: 'erasure';
  readonly records: readonly {
    readonly id: string;
    readonly sequence: number;
    /** JSON pointers into the evaluation. */
    readonly pointers: readonly string[];
  }[];
  readonly domain?: string;
  readonly reason: string;
}

/** A legal hold: while it stands, what it covers is neither pruned nor erased. */
export interface HoldRecord extends RecordHead {
  readonly kind: 'hold';
  readonly event: 'placed' | 'released';
  readonly hold: string;
  /** Which records, in the grammar of record queries. */
  readonly query: string;
  readonly domain?: string;
  readonly reason: string;
}

/** Records at the front of the log were deleted, since their time had ended. What stood then is said here again. */
export interface PruningRecord extends RecordHead, LawInForce {
  readonly kind: 'pruning';
  /** The first sequence that is kept (C2SP tlog-tiles, minimum index). */
  readonly minimum_index: number;
  /** The first sequence that was kept before. */
  readonly previous_minimum_index: number;
  /** The legal holds that stand: the records that placed them may be gone. */
  readonly holds: readonly { readonly hold: string; readonly query: string; readonly reason: string }[];
  readonly reason: string;
}

/** A sample was drawn; the same seed, query and size of the log draw it again. */
export interface SampleRecord extends RecordHead {
  readonly kind: 'sample';
  readonly query: string;
  readonly seed: string;
  /** How many records were drawn, of how many that the query matched. */
  readonly size: number;
  readonly population: number;
  /** Records of the log that were looked through: those before this sequence. */
  readonly log_size: number;
}

/** A query was kept under a name, or no longer is. */
export interface SavedQueryRecord extends RecordHead {
  readonly kind: 'saved_query';
  readonly event: 'saved' | 'deleted';
  readonly name: string;
  readonly query?: string;
}

export type AuditRecord =
  | DecisionRecord
  | QuarantineRecord
  | ShadowRecord
  | SeedRecord
  | ProposalRecord
  | BallotRecord
  | ActivationRecord
  | WaiverRecord
  | AccessChangeRecord
  | RefusalRecord
  | KeyRecord
  | ErasureRecord
  | HoldRecord
  | PruningRecord
  | SampleRecord
  | SavedQueryRecord;
