import { canonicalJson } from '../document/json.js';
import type { Decision, Finding, Outcome, Reason } from '../decision/decision.js';
import { BoundedSamples } from './bounded-samples.js';
import {
  DECISION_CHANGES,
  type DecisionChange,
  type DecisionCounts,
  type DecisionSample,
  type DomainDecisions,
  type PolicyDifference,
} from './impact.js';

/** A request on record that was evaluated twice at one moment, so that nothing but the proposal differs. */
export interface ComparedDecision {
  readonly record: string;
  readonly sequence: number;
  readonly time: string;
  /** How many records are of it, and how many of them were permitted. */
  readonly records: number;
  readonly permitted: number;
  readonly domain?: string;
  readonly consumerDomain?: string;
  readonly masked: boolean;
  /** By what is in force, now. */
  readonly was: Decision;
  /** By what would be in force. */
  readonly wouldBe: Decision;
}

type Counted = { -readonly [Name in keyof DecisionCounts]: number };

const SAMPLES = { each: 20, max: 4000 } as const;
/** What is quoted of one sample. */
const QUOTED_MAX = 10;
const MESSAGE_CHARS_MAX = 500;

/** Adds up what a proposal would change of recorded decisions. */
export class DecisionImpact {
  readonly #total = noDecisions();
  readonly #owning = new Map<string, Counted>();
  readonly #consuming = new Map<string, Counted>();
  readonly #samples = new BoundedSamples<DecisionSample>(SAMPLES);
  #movedSince = 0;

  add(compared: ComparedDecision): void {
    const { was, wouldBe, records, permitted, domain = '', consumerDomain } = compared;
    const change = changeOf(was, wouldBe);
    const inError = change === 'newly_denied' && wouldBe.code === 'policy_error';
    const rows = [this.#total, rowOf(this.#owning, domain)];
    if (consumerDomain !== undefined) rows.push(rowOf(this.#consuming, consumerDomain));
    for (const row of rows) {
      row.records += records;
      row[change] += records;
      if (inError) row.newly_denied_in_error += records;
    }
    this.#movedSince += was.decision ? records - permitted : permitted;
    if (change === 'unchanged') return;
    const groups = [`${change} owning ${domain}`];
    if (consumerDomain !== undefined) groups.push(`${change} consuming ${consumerDomain}`);
    this.#samples.offer(groups, () => sampleOf(change, compared));
  }

  /** Records that are decided otherwise now than they were then. */
  get movedSince(): number {
    return this.#movedSince;
  }

  get total(): DecisionCounts {
    return { ...this.#total };
  }

  /** In the order of the domains' names; what lies in none comes first. */
  byDomain(): readonly DomainDecisions[] {
    const domains = [...new Set([...this.#owning.keys(), ...this.#consuming.keys()])].sort();
    return domains.map((domain) => ({
      ...(domain !== '' && { domain }),
      owning: { ...(this.#owning.get(domain) ?? noDecisions()) },
      consuming: { ...(this.#consuming.get(domain) ?? noDecisions()) },
    }));
  }

  /** Domains of which a decision would change. */
  touched(): readonly string[] {
    const rows = [...this.#owning, ...this.#consuming];
    return rows.flatMap(([domain, { records, unchanged }]) =>
      domain !== '' && unchanged < records ? [domain] : [],
    );
  }

  samples(): { readonly each: number; readonly samples: readonly DecisionSample[] } {
    return { each: this.#samples.each, samples: this.#samples.all() };
  }
}

/** Swapping the two swaps `newly_denied` and `newly_permitted`, whatever the codes. */
export function changeOf(was: Decision, wouldBe: Decision): DecisionChange {
  if (was === wouldBe) return 'unchanged';
  if (was.decision !== wouldBe.decision) return was.decision ? 'newly_denied' : 'newly_permitted';
  if (wouldBe.decision) {
    const same = canonicalJson(was.obligations) === canonicalJson(wouldBe.obligations);
    return same ? 'unchanged' : 'obligations_changed';
  }
  const isNew = wouldBe.code === 'policy_error' && was.code !== 'policy_error';
  return isNew ? 'newly_in_error' : 'unchanged';
}

function sampleOf(change: DecisionSample['change'], compared: ComparedDecision): DecisionSample {
  const { record, sequence, time, records, domain, consumerDomain, masked, was, wouldBe } = compared;
  return {
    change,
    record,
    sequence,
    time,
    records,
    ...(domain !== undefined && { domain }),
    ...(consumerDomain !== undefined && { consumer_domain: consumerDomain }),
    was: { decision: was.decision, code: was.code },
    would_be: { decision: wouldBe.decision, code: wouldBe.code },
    reasons: quoted(wouldBe.reasons),
    reasons_total: wouldBe.reasons.length,
    ...(change === 'obligations_changed' && {
      obligations: {
        was: was.obligations.slice(0, QUOTED_MAX),
        would_be: wouldBe.obligations.slice(0, QUOTED_MAX),
      },
    }),
    policies: policiesThatDiffer(was.findings, wouldBe.findings).slice(0, QUOTED_MAX),
    ...(masked && { masked: true as const }),
  };
}

/** The first few of what is said, each cut to a length that a list can hold. */
export function quoted<T extends Pick<Reason, 'message'>>(said: readonly T[]): readonly T[] {
  return said
    .slice(0, QUOTED_MAX)
    .map((each) =>
      each.message.length <= MESSAGE_CHARS_MAX
        ? each
        : { ...each, message: `${each.message.slice(0, MESSAGE_CHARS_MAX)}…` },
    );
}

function policiesThatDiffer(
  was: readonly Finding[],
  wouldBe: readonly Finding[],
): readonly PolicyDifference[] {
  const before = byPolicy(was);
  const after = byPolicy(wouldBe);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [old, next] = [before.get(key), after.get(key)];
    const some = next ?? old;
    if (some === undefined || canonicalJson(old ?? null) === canonicalJson(next ?? null)) return [];
    const { layer, policy } = some;
    return {
      layer,
      ...(policy !== undefined && { policy }),
      was: outcomeOf(old),
      would_be: outcomeOf(next),
    };
  });
}

function byPolicy(findings: readonly Finding[]): ReadonlyMap<string, Finding> {
  return new Map(findings.map((each) => [`${each.kind} ${each.layer} ${each.policy ?? ''}`, each]));
}

/** A policy that only abstained has no finding. */
function outcomeOf(finding: Finding | undefined): Outcome {
  return finding?.outcome ?? 'abstain';
}

function rowOf(rows: Map<string, Counted>, domain: string): Counted {
  const row = rows.get(domain) ?? noDecisions();
  rows.set(domain, row);
  return row;
}

function noDecisions(): Counted {
  const none = Object.fromEntries(DECISION_CHANGES.map((change) => [change, 0])) as Record<
    DecisionChange,
    number
  >;
  return { records: 0, ...none, newly_denied_in_error: 0 };
}
