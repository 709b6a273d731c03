import type { Layer } from '../policy/layer.js';

/** A policy that is not evaluated for a while, since it took more than an evaluation may. */
export interface Quarantined {
  readonly layer: Layer;
  /** The bundle's digest: another bundle of the layer starts afresh. */
  readonly digest: string;
  readonly policy: string;
  readonly reason: string;
  /** Unix time in milliseconds from when on it is evaluated again. */
  readonly untilMs: number;
}

export interface Quarantine {
  /** Whether any policy of the bundle is in quarantine; asked at every decision. */
  holdsAny(digest: string, nowMs: number): boolean;
  find(digest: string, policy: string, nowMs: number): Quarantined | undefined;
  /** Puts a policy into quarantine; twice as long each time that it comes back. */
  put(offender: Omit<Quarantined, 'untilMs'>, nowMs: number): Quarantined;
  list(nowMs: number): readonly Quarantined[];
  /** Those that were put since the last call, for the record. */
  takeNew(): readonly Quarantined[];
}

/** A quarantine that several processes have in common. */
export interface SharedQuarantine extends Quarantine {
  /** Takes over what another process put and recorded. */
  adopt(quarantined: Quarantined): void;
}

/** What is said of a policy that is not asked. */
export function heldMessage({ untilMs, reason }: Pick<Quarantined, 'untilMs' | 'reason'>): string {
  return `the policy is in quarantine until ${new Date(untilMs).toISOString()}: ${reason}`;
}

const HELD = /^the policy is in quarantine until (\S+): (.*)$/s;

/** Reads what {@link heldMessage} says; nothing when it is said otherwise. */
export function readHeldMessage(message: string): Pick<Quarantined, 'untilMs' | 'reason'> | undefined {
  const [, until = '', reason = ''] = HELD.exec(message) ?? [];
  const untilMs = Date.parse(until);
  return Number.isNaN(untilMs) ? undefined : { untilMs, reason };
}

const FIRST_MS = 60_000;
const LONGEST_MS = 60 * 60_000;
const NONE: readonly Quarantined[] = [];
/** Bundles that are remembered; past it the oldest are forgotten. */
const BUNDLES_MAX = 10_000;

/**
 * Which policies are in quarantine, in the memory of this process. A flood of requests that exhaust a policy's budget
 * would keep the decision thread from all others, so after the first the policy is in error without being asked. It
 * is asked again after a minute, then after two, four, … up to an hour, so that a single odd request does not take
 * it out of service for good.
 *
 * @param told what is told of each policy that is put here
 */
export function createQuarantine(
  told: (quarantined: Quarantined) => void = () => undefined,
): SharedQuarantine {
  const bundles = new Map<string, Map<string, Quarantined & { readonly times: number }>>();
  let fresh: Quarantined[] = [];
  const set = (quarantined: Quarantined & { readonly times: number }): void => {
    const { digest, policy } = quarantined;
    bundles.set(digest, new Map([...(bundles.get(digest) ?? []), [policy, quarantined]]));
    const [oldest] = bundles.keys();
    if (bundles.size > BUNDLES_MAX && oldest !== undefined) bundles.delete(oldest);
  };
  const timesOf = (digest: string, policy: string): number => bundles.get(digest)?.get(policy)?.times ?? 0;
  const find = (digest: string, policy: string, nowMs: number): Quarantined | undefined => {
    const found = bundles.get(digest)?.get(policy);
    return found !== undefined && found.untilMs > nowMs ? found : undefined;
  };
  const list = (nowMs: number): readonly Quarantined[] =>
    [...bundles.values()].flatMap((policies) =>
      [...policies.values()].filter(({ untilMs }) => untilMs > nowMs),
    );
  return {
    find,
    list,
    holdsAny(digest, nowMs) {
      const policies = bundles.get(digest);
      if (policies === undefined) return false;
      for (const { untilMs } of policies.values()) if (untilMs > nowMs) return true;
      return false;
    },
    put(offender, nowMs) {
      const { layer, digest, policy, reason } = offender;
      const times = timesOf(digest, policy) + 1;
      const untilMs = nowMs + Math.min(FIRST_MS * 2 ** (times - 1), LONGEST_MS);
      const quarantined = { layer, digest, policy, reason, untilMs, times };
      set(quarantined);
      fresh.push(quarantined);
      told(quarantined);
      return quarantined;
    },
    adopt({ layer, digest, policy, reason, untilMs }) {
      set({ layer, digest, policy, reason, untilMs, times: timesOf(digest, policy) + 1 });
    },
    takeNew() {
      if (fresh.length === 0) return NONE;
      const taken = fresh;
      fresh = [];
      return taken;
    },
  };
}
