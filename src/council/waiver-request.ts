import type { Layer } from '../policy/layer.js';

export const WAIVER_STATES = ['requested', 'granted', 'refused', 'revoked'] as const;
export type WaiverState = (typeof WAIVER_STATES)[number];

/** `waiver`: the risk is accepted; `mitigated`: other measures meet it. */
export const WAIVER_CATEGORIES = ['waiver', 'mitigated'] as const;
export type WaiverCategory = (typeof WAIVER_CATEGORIES)[number];

/**
 * A time-bound exemption from a soft policy, asked for by a domain and decided by a member of the council that decides
 * the policy's layer. It is in force while it is `granted` and its end lies ahead. Immutable: a change makes the next version.
 */
export interface WaiverRequest {
  /** A whole number from 1, as text. */
  readonly id: string;
  /** From 1; grows by one with every change. */
  readonly version: number;
  readonly layer: Layer;
  readonly policy: string;
  /** The domain that asks. */
  readonly domain: string;
  readonly category: WaiverCategory;
  readonly reason: string;
  /** Ids of resources and of subjects that it covers; at least one of both is given, and what is absent covers all. */
  readonly resources?: readonly string[];
  readonly subjects?: readonly string[];
  /** RFC 3339: its end, exclusive. */
  readonly until: string;
  readonly state: WaiverState;
  readonly asked_by: string;
  readonly asked_at: string;
  readonly decided_by?: string;
  readonly decided_at?: string;
  /** Why it was granted or refused. */
  readonly decision_reason?: string;
  /** Why it was taken back, or given up. */
  readonly revocation_reason?: string;
  readonly revoked_by?: string;
  readonly revoked_at?: string;
}
