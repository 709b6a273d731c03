/**
 * One entry of the audit log. The record is encoded to bytes once; those bytes are what is stored, hashed
 * and returned. Its place in the log (the sequence) is given by the log and stands beside the bytes, as
 * a leaf's index does in RFC 6962.
 */
export const RECORD_KINDS = ['decision', 'seed', 'quarantine'] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** What every record has. */
interface RecordHead {
  /** UUIDv7. */
  readonly id: string;
  /** RFC 3339 in UTC with milliseconds. */
  readonly time: string;
  /** Who asked or acted. */
  readonly caller: { readonly id: string; readonly roles: readonly string[] };
  readonly correlation?: { readonly request_id?: string; readonly traceparent?: string };
  readonly revision: number;
}

export interface LayerDigest {
  readonly layer: string;
  /** `sha256:<hex>` of the bundle; absent when the layer had no bundle. */
  readonly digest?: string;
}

/** A decision with all that led to it. */
export interface DecisionRecord extends RecordHead {
  readonly kind: 'decision';
  readonly decision_kind: 'publish' | 'access';
  /** As policies saw it: subject and resource with what the registry knows of them as `registered`. */
  readonly evaluation: {
    readonly subject: object;
    readonly action: object;
    readonly resource: object;
    readonly context: object;
  };
  /** The owning domain and, for an access across domains, the consuming one. */
  readonly domain?: string;
  readonly consumer_domain?: string;
  /** `sha256:<hex>` of the metadata that was evaluated, stored once by content. */
  readonly metadata?: string;
  readonly previous_metadata?: string;
  readonly parameters: object;
  readonly layers: readonly LayerDigest[];
  readonly findings: readonly object[];
  readonly decision: boolean;
  readonly code: string;
  readonly reasons: readonly object[];
  readonly obligations: readonly object[];
  readonly advice: readonly object[];
  /** JSON pointers of what was replaced before the record was hashed. */
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
export interface SeedRecord extends RecordHead {
  readonly kind: 'seed';
  readonly layers: readonly CompiledLayer[];
  readonly toolchain: ToolchainIdentity;
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

export type AuditRecord = DecisionRecord | SeedRecord | QuarantineRecord;
