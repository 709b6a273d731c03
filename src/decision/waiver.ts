/** A time-bound exemption from a soft policy, as it stands when a decision is made. */
export interface Waiver {
  readonly id: string;
  readonly layer: string;
  readonly policy: string;
  /** Ids of resources that it covers; every resource when absent. */
  readonly resources?: readonly string[];
  /** Ids of subjects that it covers; every subject when absent. */
  readonly subjects?: readonly string[];
  /** Unix time in milliseconds, half-open: `fromMs` ≤ now < `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** The waiver in force now that covers this policy, subject and resource; the first by id when several do. */
export function findWaiver(
  waivers: readonly Waiver[],
  sought: { layer: string; policy: string; subject: string; resource: string; nowMs: number },
): Waiver | undefined {
  let found: Waiver | undefined;
  for (const waiver of waivers) {
    if (waiver.policy !== sought.policy || waiver.layer !== sought.layer) continue;
    if (sought.nowMs < waiver.fromMs || sought.nowMs >= waiver.toMs) continue;
    if (waiver.resources !== undefined && !waiver.resources.includes(sought.resource)) continue;
    if (waiver.subjects !== undefined && !waiver.subjects.includes(sought.subject)) continue;
    if (found === undefined || waiver.id < found.id) found = waiver;
  }
  return found;
}
