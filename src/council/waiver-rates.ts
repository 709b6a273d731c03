import type { PoliciesInForce } from '../policy/in-force.js';
import { compareLayers, type Layer } from '../policy/layer.js';
import type { WaiverRequest } from './waiver-request.js';
import { fallsAway, isInForce, wasGranted } from './waivers.js';

/** How often a policy denied as a soft one, and how often that was waived. */
export interface DenialCounts {
  /** Decisions that it denied, or erred in. */
  readonly denied: number;
  /** Of these, decisions in which a waiver lifted that. */
  readonly waived: number;
}

/** How a policy and its waivers stand to each other. */
export interface WaiverRate extends DenialCounts {
  readonly layer: Layer;
  readonly policy: string;
  readonly asked: number;
  /** Those that were ever granted, also where they have ended since. */
  readonly granted: number;
  readonly refused: number;
  readonly in_force: number;
  /** Waived decisions of those that it denied, from 0 to 1. */
  readonly waived_share: number;
  /** Domains that have a waiver in force, of all that are registered, from 0 to 1. */
  readonly domains_share: number;
  /** What follows from it, in words, where more than a third is waived. */
  readonly note?: string;
}

/** One policy with all waivers that were ever asked for it. */
export interface WaivedPolicy {
  readonly layer: Layer;
  readonly policy: string;
  readonly waivers: readonly WaiverRequest[];
}

/** A rule that is waived more often than this is more likely wrong than its exceptions are. */
const NOTED_SHARE = 1 / 3;

/** The waivers by the policy that they are for. */
export function byPolicy(waivers: Iterable<WaiverRequest>): readonly WaivedPolicy[] {
  const groups = new Map<string, { layer: Layer; policy: string; waivers: WaiverRequest[] }>();
  for (const waiver of waivers) {
    const { layer, policy } = waiver;
    const key = `${layer} ${policy}`;
    const group = groups.get(key) ?? { layer, policy, waivers: [] };
    group.waivers.push(waiver);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** How one policy and its waivers stand to each other at a moment, in Unix milliseconds. */
export function waiverRate(
  { layer, policy, waivers }: WaivedPolicy,
  { denied, waived }: DenialCounts,
  { policies, domains, nowMs }: { policies: PoliciesInForce; domains: number; nowMs: number },
): WaiverRate {
  const inForce = waivers.filter((each) => isInForce(each, nowMs) && !fallsAway(each, policies));
  const holders = new Set(inForce.map(({ domain }) => domain)).size;
  const waivedShare = shareOf(waived, denied);
  return {
    layer,
    policy,
    asked: waivers.length,
    granted: waivers.filter(wasGranted).length,
    refused: waivers.filter(({ state }) => state === 'refused').length,
    in_force: inForce.length,
    denied,
    waived,
    waived_share: waivedShare,
    domains_share: shareOf(holders, domains),
    ...(waivedShare > NOTED_SHARE && {
      note: `\`${policy}\` is waived in ${Math.round(waivedShare * 100)} % of its denials: the rule may be the wrong one`,
    }),
  };
}

/** Those that are waived most often first; then where more was waived, then by place. */
export function compareRates(a: WaiverRate, b: WaiverRate): number {
  return (
    b.waived_share - a.waived_share ||
    b.waived - a.waived ||
    b.in_force - a.in_force ||
    compareLayers(a.layer, b.layer) ||
    (a.policy < b.policy ? -1 : a.policy > b.policy ? 1 : 0)
  );
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, part / whole);
}
