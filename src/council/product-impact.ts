import { canonicalJson } from '../document/json.js';
import type { Decision } from '../decision/decision.js';
import { BoundedSamples } from './bounded-samples.js';
import { quoted } from './decision-impact.js';
import {
  PRODUCT_CHANGES,
  type DomainProducts,
  type ProductChange,
  type ProductCounts,
  type ProductSample,
} from './impact.js';

/** A registered product that was asked to `publish` twice at one moment. */
export interface ComparedProduct {
  readonly product: string;
  readonly domain?: string;
  /** By what is in force, now. */
  readonly was: Decision;
  /** By what would be in force. */
  readonly wouldBe: Decision;
}

type Counted = { -readonly [Name in keyof ProductCounts]: number };

const SAMPLES = { each: 50, max: 4000 } as const;

/** Adds up what a proposal would change of registered products. */
export class ProductImpact {
  readonly #total = noProducts();
  readonly #domains = new Map<string, Counted>();
  readonly #samples = new BoundedSamples<ProductSample>(SAMPLES);

  add({ product, domain, was, wouldBe }: ComparedProduct): void {
    const change = changeOf(was, wouldBe);
    const row = this.#domains.get(domain ?? '') ?? noProducts();
    this.#domains.set(domain ?? '', row);
    for (const counted of [this.#total, row]) {
      counted.products += 1;
      counted[change] += 1;
    }
    if (change === 'unchanged') return;
    this.#samples.offer([`${change} ${domain ?? ''}`], () => ({
      change,
      product,
      ...(domain !== undefined && { domain }),
      reasons: quoted(wouldBe.reasons),
      reasons_total: wouldBe.reasons.length,
      advice: quoted(wouldBe.advice),
      advice_total: wouldBe.advice.length,
    }));
  }

  get total(): ProductCounts {
    return { ...this.#total };
  }

  /** In the order of the domains' names; products without one come first. */
  byDomain(): readonly DomainProducts[] {
    return [...this.#domains]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([domain, counted]) => ({ ...(domain !== '' && { domain }), ...counted }));
  }

  /** Domains of which a product would comply or no longer comply. */
  touched(): readonly string[] {
    return [...this.#domains].flatMap(([domain, { newly_non_compliant, newly_compliant }]) =>
      domain !== '' && newly_non_compliant + newly_compliant > 0 ? [domain] : [],
    );
  }

  samples(): { readonly each: number; readonly samples: readonly ProductSample[] } {
    return { each: this.#samples.each, samples: this.#samples.all() };
  }
}

function changeOf(was: Decision, wouldBe: Decision): ProductChange {
  if (was.decision !== wouldBe.decision) return was.decision ? 'newly_non_compliant' : 'newly_compliant';
  return canonicalJson(was.advice) === canonicalJson(wouldBe.advice) ? 'unchanged' : 'advice_changed';
}

function noProducts(): Counted {
  const none = Object.fromEntries(PRODUCT_CHANGES.map((change) => [change, 0])) as Record<
    ProductChange,
    number
  >;
  return { products: 0, ...none };
}
