import type { Layer } from '../policy/layer.js';
import { isInForce } from './waivers.js';
import type { PolicyChange } from './policy-changes.js';
import type { WaiverRequest } from './waiver-request.js';

/** A waiver in force that exempts from nothing any more once a change is law. */
export interface FallingWaiver {
  readonly waiver: string;
  readonly policy: string;
  /** The domain that asked for it. */
  readonly domain: string;
  readonly words: string;
}

/** The waivers in force whose policy is removed, or binds so that it cannot be waived. */
export function fallingWaivers(
  layer: Layer,
  policies: readonly PolicyChange[],
  waivers: Iterable<WaiverRequest>,
  nowMs: number,
): readonly FallingWaiver[] {
  const standing = [...waivers].filter((waiver) => waiver.layer === layer && isInForce(waiver, nowMs));
  return standing.flatMap(({ id, policy, domain }) => {
    const change = policies.find((each) => each.policy === policy);
    const why = change === undefined ? undefined : causeOf(change);
    if (why === undefined) return [];
    const words = `the waiver ${id} of ${domain} for \`${policy}\` falls away, since ${why}`;
    return [{ waiver: id, policy, domain, words }];
  });
}

function causeOf({ before, after }: PolicyChange): string | undefined {
  if (after === undefined) return 'the policy is removed';
  if (after.enforcement !== 'hard' || before?.enforcement === 'hard') return undefined;
  const from = after.level === 'hard' ? '' : ` from ${after.enforced_from ?? ''} on`;
  return `the policy is hard${from}`;
}
