import type { RecordReader, StoredRecord } from '../audit/query.js';
import type { DecisionRecord, ShadowRecord } from '../audit/record.js';
import type { Proposal } from '../council/proposal.js';
import { readJson } from '../document/json.js';
import { WitanError } from '../errors.js';

/** What a shadow run is counted by in the memory of this process. */
export interface ShadowCounters {
  /** `sha256:<hex>` of the proposed bundle. */
  readonly digest: string;
  /** RFC 3339. */
  readonly countedSince: string;
  /** Decisions that were looked at, by owning domain. */
  readonly evaluated: ReadonlyMap<string, number>;
  readonly skipped: number;
  readonly fault?: string;
}

export interface ShadowReport {
  /** RFC 3339. */
  readonly since: string;
  readonly until?: string;
  /** Decisions that were looked at, and that were not since too many waited or the bundle was being loaded. */
  readonly evaluated: number;
  readonly skipped: number;
  /** RFC 3339: since when those two are counted: the start of the service, where that came later. */
  readonly counted_since: string;
  /** Decisions on record that would have been others, since the run began. */
  readonly divergent: number;
  /** By owning domain; those without one under `global`. */
  readonly by_domain: Readonly<Record<string, { readonly evaluated: number; readonly divergent: number }>>;
  /** The last ones. */
  readonly samples: readonly ShadowSample[];
  /** Why the bundle cannot be evaluated on what is in force now. */
  readonly fault?: string;
}

export interface ShadowSample {
  /** Ids of the records. */
  readonly decision: string;
  readonly shadow: string;
  /** Absent when the decision's record was pruned. */
  readonly was?: Pick<DecisionRecord, 'decision' | 'code' | 'reasons' | 'obligations'>;
  readonly would_be: Pick<ShadowRecord, 'decision' | 'code' | 'reasons' | 'obligations'>;
}

const SAMPLES = 20;

/**
 * What a shadow run found: divergences are counted in the log, and what was looked at in memory.
 *
 * @throws WitanError `not_found` for a proposal that has not run in shadow
 */
export async function reportOf(
  records: RecordReader,
  { id, shadow, digest }: Proposal,
  run: ShadowCounters | undefined,
): Promise<ShadowReport> {
  if (shadow === undefined) throw new WitanError('not_found', `proposal ${id} has not run in shadow`);
  const filter = { kind: 'shadow', proposal: id, from: shadow.since } as const;
  const counts = await records.count(filter, 'domain');
  const divergent = new Map((counts.by?.values ?? []).map(({ value, count }) => [value, count]));
  const named = [...divergent.values()].reduce((sum, count) => sum + count, 0);
  if (counts.total > named) divergent.set('global', (divergent.get('global') ?? 0) + counts.total - named);
  const evaluated = run?.digest === digest ? run.evaluated : new Map<string, number>();
  const domains = [...new Set([...divergent.keys(), ...evaluated.keys()])].sort();
  const page = await records.query({ ...filter, order: 'newest', limit: SAMPLES });
  return {
    ...shadow,
    evaluated: [...evaluated.values()].reduce((sum, count) => sum + count, 0),
    skipped: run?.skipped ?? 0,
    counted_since: run?.countedSince ?? shadow.since,
    divergent: counts.total,
    by_domain: Object.fromEntries(
      domains.map((domain) => [
        domain,
        { evaluated: evaluated.get(domain) ?? 0, divergent: divergent.get(domain) ?? 0 },
      ]),
    ),
    samples: await Promise.all(page.records.map((stored) => sampleOf(records, stored))),
    ...(run?.fault !== undefined && { fault: run.fault }),
  };
}

async function sampleOf(records: RecordReader, stored: StoredRecord): Promise<ShadowSample> {
  // INVARIANT: the filter asked for shadows, and a shadow names the record of a decision.
  const shadow = parsed(stored) as ShadowRecord;
  const found = await records.byId(shadow.of);
  return {
    decision: shadow.of,
    shadow: shadow.id,
    ...(found !== undefined && { was: answerIn(parsed(found) as DecisionRecord) }),
    would_be: answerIn(shadow),
  };
}

function answerIn({
  decision,
  code,
  reasons,
  obligations,
}: ShadowSample['would_be']): ShadowSample['would_be'] {
  return { decision, code, reasons, obligations };
}

function parsed({ bytes }: StoredRecord): unknown {
  return readJson(bytes.toString('utf8'));
}
