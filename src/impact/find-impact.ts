import { compareProducts } from './compare-products.js';
import { compareRecords, type Comparison } from './compare-records.js';
import type { ImpactMaterial, ImpactReport } from '../council/impact.js';
import type { ImpactTask } from './impact-protocol.js';
import { readRecords } from './read-records.js';

type About = Pick<ImpactTask, 'proposal' | 'currentDigest' | 'nowMs' | 'seed' | 'limits' | 'spentMs'> & {
  /** That with which the proposal is compared. */
  readonly revision: number;
};

/**
 * Finds out what a proposal would change: evaluates what was asked for and what is registered by both laws, at the
 * present moment, so that nothing but the proposal differs.
 *
 * @throws Stopped when nobody wants it any more; SqliteError
 */
export function findImpact(comparison: Comparison, about: About): ImpactReport {
  const { proposal, currentDigest, revision, nowMs, seed, limits, spentMs } = about;
  const started = performance.now();
  const read = readRecords(comparison, { seed, ...limits });
  const compared = compareRecords(comparison, read, limits);
  const products = compareProducts(comparison);
  const { impact } = compared;
  const decisionSamples = impact.samples();
  const productSamples = products.samples();
  return {
    proposal: proposal.id,
    layer: proposal.layer,
    digest: proposal.digest,
    at: new Date(nowMs).toISOString(),
    compared_with: {
      revision,
      ...(currentDigest !== undefined && { digest: currentDigest }),
    },
    seconds: Math.round(performance.now() - started + spentMs) / 1000,
    material: materialOf(read, compared, about, products.total.products),
    touched: [...new Set([...impact.touched(), ...products.touched()])].sort(),
    decisions: {
      total: impact.total,
      by_domain: impact.byDomain(),
      samples_each: decisionSamples.each,
      samples: decisionSamples.samples,
    },
    products: {
      total: products.total,
      by_domain: products.byDomain(),
      samples_each: productSamples.each,
      samples: productSamples.samples,
    },
  };
}

function materialOf(
  read: ReturnType<typeof readRecords>,
  { impact, evaluated, masked, unreadable }: ReturnType<typeof compareRecords>,
  { seed, limits }: About,
  products: number,
): ImpactMaterial {
  const { sample, records, fromSequence, toSequence, minimumIndex, fromTime, toTime } = read;
  const left = unreadable.reduce((sum, each) => sum + each.records, 0);
  return {
    from_sequence: fromSequence,
    to_sequence: toSequence,
    ...(fromTime !== undefined && { from_time: fromTime }),
    ...(toTime !== undefined && { to_time: toTime }),
    records_max: limits.recordsMax,
    records,
    older: fromSequence - minimumIndex,
    pruned: minimumIndex,
    distinct: sample.distinct,
    sampled: evaluated.records + left < records,
    seed,
    evaluated: { ...evaluated, share: records === 0 ? 1 : evaluated.records / records },
    masked,
    moved_since: impact.movedSince,
    unreadable,
    products,
  };
}
