import type { Advice, Obligation, Outcome, Reason } from '../decision/decision.js';
import type { Layer } from '../policy/layer.js';
import type { ImpactSummary } from './proposal.js';

/** What a proposal would change of a decision. Each evaluation is of exactly one class. */
export const DECISION_CHANGES = [
  /** Permitted by what is in force, denied by the proposal. */
  'newly_denied',
  /** The other way round. */
  'newly_permitted',
  /** Permitted by both, with other obligations. */
  'obligations_changed',
  /** Denied by both, and by the proposal since a policy is in error (`policy_error`). */
  'newly_in_error',
  'unchanged',
] as const;
export type DecisionChange = (typeof DECISION_CHANGES)[number];

/** Records by what would become of them; the classes sum up to `records`. */
export interface DecisionCounts extends Readonly<Record<DecisionChange, number>> {
  readonly records: number;
  /** How many of the newly denied would be denied since a policy is in error. */
  readonly newly_denied_in_error: number;
}

/** What a proposal would change of a product's compliance. Each product is of exactly one class. */
export const PRODUCT_CHANGES = [
  'newly_non_compliant',
  'newly_compliant',
  /** As compliant as before, with other advice. It touches nobody. */
  'advice_changed',
  'unchanged',
] as const;
export type ProductChange = (typeof PRODUCT_CHANGES)[number];

/** Products by what would become of them; the classes sum up to `products`. */
export interface ProductCounts extends Readonly<Record<ProductChange, number>> {
  readonly products: number;
}

/** An answer in short. */
export interface AnswerInShort {
  readonly decision: boolean;
  readonly code: string;
}

/** A policy that says something else, and what came of it; `abstain` also where it is not there. */
export interface PolicyDifference {
  readonly layer: Layer;
  /** Absent where the layer as a whole cannot vouch. */
  readonly policy?: string;
  readonly was: Outcome;
  readonly would_be: Outcome;
}

/** One request that the proposal would have answered differently. */
export interface DecisionSample {
  readonly change: Exclude<DecisionChange, 'unchanged'>;
  /** Id, place and time of the newest record of it. */
  readonly record: string;
  readonly sequence: number;
  readonly time: string;
  /** How many records are of the same request. */
  readonly records: number;
  readonly domain?: string;
  readonly consumer_domain?: string;
  /** By what is in force, now. */
  readonly was: AnswerInShort;
  readonly would_be: AnswerInShort;
  /** Under the proposal; at most ten, and how many there are. */
  readonly reasons: readonly Reason[];
  readonly reasons_total: number;
  /** Of `obligations_changed`. */
  readonly obligations?: { readonly was: readonly Obligation[]; readonly would_be: readonly Obligation[] };
  /** At most ten. */
  readonly policies: readonly PolicyDifference[];
  /** Whether something of the request is masked, so that a policy that reads it may say otherwise. */
  readonly masked?: true;
}

/** One product whose owner would get another answer. */
export interface ProductSample {
  readonly change: Exclude<ProductChange, 'unchanged'>;
  readonly product: string;
  readonly domain?: string;
  /** What binds, under the proposal; at most ten, and how many there are. */
  readonly reasons: readonly Reason[];
  readonly reasons_total: number;
  /** What does not bind, under the proposal; likewise. */
  readonly advice: readonly Advice[];
  readonly advice_total: number;
}

export interface DomainDecisions {
  /** Absent for what lies in no domain. */
  readonly domain?: string;
  /** Of its own products and resources. */
  readonly owning: DecisionCounts;
  /** Of its own people at others'. */
  readonly consuming: DecisionCounts;
}

export interface DomainProducts extends ProductCounts {
  readonly domain?: string;
}

/** Records that could not be evaluated, by the reason; names in it are left out. */
export interface Unreadable {
  readonly reason: string;
  readonly records: number;
}

/** What an impact was made from: how old it is, and how complete. */
export interface ImpactMaterial {
  /** The records that were looked at: `from_sequence` ≤ sequence < `to_sequence`. */
  readonly from_sequence: number;
  readonly to_sequence: number;
  /** RFC 3339: of the oldest and the newest decision of them; absent where there is none. */
  readonly from_time?: string;
  readonly to_time?: string;
  /** Most records that are looked at; older ones are left out. */
  readonly records_max: number;
  /** Decisions among them. */
  readonly records: number;
  /** Records of the log that are older than what was looked at, and those that were pruned. */
  readonly older: number;
  readonly pruned: number;
  /** Distinct requests of the decisions; an estimate where they are sampled. */
  readonly distinct: number;
  /** Whether only some of the distinct requests were evaluated: those that the seed draws. */
  readonly sampled: boolean;
  readonly seed: string;
  readonly evaluated: {
    readonly distinct: number;
    readonly records: number;
    /** Of `records`, from 0 to 1. */
    readonly share: number;
  };
  /** Evaluated, although a value of theirs is masked: policies that read it could not be evaluated truly. */
  readonly masked: { readonly distinct: number; readonly records: number };
  /** Evaluated records that are decided otherwise by what is in force now than they were then. */
  readonly moved_since: number;
  readonly unreadable: readonly Unreadable[];
  readonly products: number;
}

/** What a proposal would change, before it is law. */
export interface ImpactReport {
  readonly proposal: string;
  readonly layer: Layer;
  /** `sha256:<hex>` of the proposed bundle. */
  readonly digest: string;
  /** RFC 3339: the moment at which everything was evaluated. */
  readonly at: string;
  /** What was in force then. */
  readonly compared_with: { readonly revision: number; readonly digest?: string };
  readonly seconds: number;
  readonly material: ImpactMaterial;
  /** Domains whose decisions or whose products' compliance would change, owning or consuming. */
  readonly touched: readonly string[];
  readonly decisions: {
    readonly total: DecisionCounts;
    readonly by_domain: readonly DomainDecisions[];
    /** Most samples of each class and domain. */
    readonly samples_each: number;
    readonly samples: readonly DecisionSample[];
  };
  readonly products: {
    readonly total: ProductCounts;
    readonly by_domain: readonly DomainProducts[];
    readonly samples_each: number;
    readonly samples: readonly ProductSample[];
  };
}

/** What of an impact stands with its proposal. */
export function summaryOf({ at, digest, touched, decisions, products }: ImpactReport): ImpactSummary {
  return {
    at,
    digest,
    touched,
    newly_denied: decisions.total.newly_denied,
    newly_permitted: decisions.total.newly_permitted,
    newly_non_compliant: products.total.newly_non_compliant,
    newly_compliant: products.total.newly_compliant,
  };
}

/** What an impact says in one sentence. */
export function impactInWords({ decisions, products, material, touched }: ImpactReport): string {
  const { newly_denied, newly_permitted, obligations_changed, newly_in_error } = decisions.total;
  const { newly_non_compliant, newly_compliant } = products.total;
  return (
    `of ${material.evaluated.records} recorded decisions ${newly_denied} would be denied, ${newly_permitted} permitted, ` +
    `${obligations_changed} have other obligations and ${newly_in_error} be in error; of ${material.products} products ` +
    `${newly_non_compliant} would no longer comply and ${newly_compliant} comply; touched: ` +
    (touched.length === 0 ? 'no domain' : touched.join(', '))
  );
}

/** What of an impact concerns one domain: its own rows, and samples that it owns or consumes. Totals stay those of the mesh. */
export function narrowedTo(report: ImpactReport, domain: string): ImpactReport {
  return {
    ...withSamplesOf(report, [domain]),
    decisions: {
      ...withSamplesOf(report, [domain]).decisions,
      by_domain: report.decisions.by_domain.filter((row) => row.domain === domain),
    },
    products: {
      ...withSamplesOf(report, [domain]).products,
      by_domain: report.products.by_domain.filter((row) => row.domain === domain),
    },
  };
}

/** An impact with the samples of some domains alone: they quote records and products, which others may not read. */
export function withSamplesOf(report: ImpactReport, domains: readonly string[]): ImpactReport {
  const has = (domain: string | undefined): boolean => domain !== undefined && domains.includes(domain);
  const { decisions, products } = report;
  return {
    ...report,
    decisions: {
      ...decisions,
      samples: decisions.samples.filter((sample) => has(sample.domain) || has(sample.consumer_domain)),
    },
    products: { ...products, samples: products.samples.filter((sample) => has(sample.domain)) },
  };
}
