import type { ImpactSummary, Proposal } from '../council/proposal.js';
import type { Waiver } from '../decision/waiver.js';
import type { ErrorCode } from '../errors.js';
import type { ComparedLayers } from './portable-policies.js';

/** What an impact is doing, in the order of its steps. What is counted: nothing, layers, records, distinct requests, products. */
export const IMPACT_STEPS = ['waiting', 'compiling', 'reading', 'evaluating', 'products'] as const;
export type ImpactStep = (typeof IMPACT_STEPS)[number];

export interface ImpactProgress {
  readonly done: number;
  readonly of: number;
  readonly step: ImpactStep;
}

/** Bounds of what an impact reads and holds. */
export interface ImpactLimits {
  /** Most records of the log that are looked at, newest first. */
  readonly recordsMax: number;
  /** Most distinct requests that are evaluated. */
  readonly distinctMax: number;
  /** Longest evaluation of requests, in milliseconds; what is left then is not evaluated, and the report says so. */
  readonly evaluationMsMax: number;
}

/** What the impact's thread is given. */
export interface ImpactTask {
  readonly logFile: string;
  /** The toolchain's reactor, for OPA's own built-ins. */
  readonly toolchainPath: string;
  readonly proposal: Pick<Proposal, 'id' | 'layer' | 'digest'>;
  /** `sha256:<hex>` of the layer's bundle in force; absent when it has none. */
  readonly currentDigest?: string;
  readonly layers: ComparedLayers;
  readonly waivers: readonly Waiver[];
  /** Unix time in milliseconds: the moment of all evaluations. */
  readonly nowMs: number;
  /** Draws the requests that are evaluated where there are too many. */
  readonly seed: string;
  readonly limits: ImpactLimits;
  /** How long it took before the thread began, in milliseconds. */
  readonly spentMs: number;
  /** Its only element is set when nobody wants the impact any more. */
  readonly stop: Int32Array;
}

/** What the thread says; the last but `progress` ends it. */
export type FromImpact =
  | { readonly kind: 'progress'; readonly progress: ImpactProgress }
  | {
      readonly kind: 'done';
      readonly summary: ImpactSummary;
      readonly words: string;
      /** An `ImpactReport` (`council/impact.ts`) as JSON text. */
      readonly body: string;
    }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };
