import type { RecordReader } from '../audit/query.js';
import type { ShadowRecord } from '../audit/record.js';
import type { AuditLog } from '../audit/log.js';
import type { InMemoryCouncil } from '../council/in-memory-council.js';
import type { Proposal } from '../council/proposal.js';
import type { Observed, Observer } from '../decision/decision-point.js';
import { divergence, shadowLaw, type ShadowLaw, type WouldBe } from '../decision/shadow.js';
import { messageOf, WitanError } from '../errors.js';
import { SERVICE_CALLER } from '../identity/caller.js';
import { keptBundle } from '../law/bundle-on-record.js';
import { nextLaw, type MeshNeeds } from '../law/mesh.js';
import type { CurrentPolicies } from '../policy/current-policies.js';
import type { Registry } from '../registry/registry.js';
import { reportOf, type ShadowCounters, type ShadowReport } from './shadow-report.js';
import type { BundleReader } from '../store/store.js';

/** Proposed bundles that are evaluated beside the one in force, without effect. */
export interface ShadowRuns extends Observer {
  /** Notes a decision that was answered; looks at it later, or skips it when too many wait. Never throws. */
  readonly observe: (observed: Observed) => void;
  /** Loads the proposed bundles of all shadow runs on what is in force now. */
  reload(): Promise<void>;
  /** @throws WitanError `not_found` for a proposal without a shadow run */
  reportOf(proposal: Proposal): Promise<ShadowReport>;
  /** Waits for what is being loaded. */
  stop(): Promise<void>;
}

interface Needs {
  readonly council: Pick<InMemoryCouncil, 'proposal' | 'proposals'>;
  readonly current: Pick<CurrentPolicies, 'law'>;
  readonly bundles: Pick<BundleReader, 'byDigest'>;
  readonly records: RecordReader;
  readonly audit: AuditLog;
  readonly registry: Registry;
  readonly mesh: MeshNeeds;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly warn: (message: string) => void;
}

interface Run extends ShadowCounters {
  readonly id: string;
  readonly layer: string;
  readonly evaluated: Map<string, number>;
  skipped: number;
  /** Absent while it is being loaded. */
  law?: ShadowLaw;
  fault?: string;
}

/** Decisions that wait to be looked at; those over it are skipped and counted. */
const WAITING_MAX = 1000;
/** How long one turn of the event loop is used at most, in milliseconds; one evaluation may take longer. */
const TURN_MS_MAX = 2;
const DOMAINS_MAX = 1000;

export function createShadowRuns(needs: Needs): ShadowRuns {
  const runs = new Map<string, Run>();
  let waiting: { readonly run: Run; readonly observed: Observed }[] = [];
  let scheduled = false;
  let loading: Promise<void> = Promise.resolve();

  const work = (): void => {
    scheduled = false;
    const untilMs = performance.now() + TURN_MS_MAX;
    let done = 0;
    for (const { run, observed } of waiting) {
      done += 1;
      if (isRunning(needs.council, run)) lookAt(needs, run, observed);
      else runs.delete(run.id);
      if (performance.now() >= untilMs) break;
    }
    waiting = waiting.slice(done);
    schedule();
  };
  const schedule = (): void => {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(work);
  };
  return {
    get active() {
      return runs.size > 0;
    },
    observe: (observed) => {
      for (const run of runs.values()) {
        if (!observed.decided.asked.some(({ layer }) => layer === run.layer)) continue;
        if (waiting.length < WAITING_MAX) waiting.push({ run, observed });
        else run.skipped += 1;
      }
      schedule();
    },
    reload: () => {
      loading = loading.then(() => reloadAll(needs, runs));
      return loading;
    },
    reportOf: (proposal) => reportOf(needs.records, proposal, runs.get(proposal.id)),
    stop: () => loading,
  };
}

/** Evaluates the proposed bundle for a decision, and has it recorded where it would have been another. */
function lookAt(needs: Needs, run: Run, observed: Observed): void {
  const { law } = run;
  // A decision by another law than the one that the bundle was loaded on says nothing of it.
  if (law?.policies.revision !== observed.decided.revision) {
    run.skipped += 1;
    return;
  }
  const domain = observed.decided.matter.domain ?? 'global';
  const key = run.evaluated.has(domain) || run.evaluated.size < DOMAINS_MAX ? domain : 'others';
  run.evaluated.set(key, (run.evaluated.get(key) ?? 0) + 1);
  const wouldBe = divergence(observed, law);
  if (wouldBe === undefined) return;
  needs.audit.append({ record: shadowRecord(needs, run, observed, wouldBe) }).catch((thrown: unknown) => {
    run.skipped += 1;
    needs.warn(`a divergence of proposal ${run.id} could not be recorded: ${messageOf(thrown)}`);
  });
}

/** Loads the proposed bundles of all shadow runs on what is in force now. */
async function reloadAll(needs: Needs, runs: Map<string, Run>): Promise<void> {
  const { council, current, registry, mesh, nowMs, warn } = needs;
  for (const proposal of council.proposals()) {
    if (proposal.state !== 'shadow') continue;
    const known = runs.get(proposal.id);
    const run = known?.digest === proposal.digest ? known : newRun(proposal, nowMs());
    runs.set(proposal.id, run);
    delete run.law;
    delete run.fault;
    try {
      const bundle = await keptBundle(needs.bundles, run.digest);
      const { policies } = await nextLaw(current.law, { layer: run.layer, bundle }, registry, mesh);
      // INVARIANT: the shadow is one of the law in force, whose revision its decisions carry.
      run.law = shadowLaw({ ...policies, revision: policies.revision - 1 }, run.digest);
    } catch (thrown) {
      if (!(thrown instanceof WitanError)) throw thrown;
      run.fault = thrown.message;
      warn(`proposal ${run.id} cannot run in shadow on what is in force now: ${thrown.message}`);
    }
  }
}

function isRunning(council: Needs['council'], { id, digest }: Run): boolean {
  const proposal = council.proposal(id);
  return proposal?.state === 'shadow' && proposal.digest === digest;
}

function newRun({ id, layer, digest }: Proposal, nowMs: number): Run {
  const countedSince = new Date(nowMs).toISOString();
  return { id, layer, digest, countedSince, evaluated: new Map(), skipped: 0 };
}

/** Its domain is that of the decision, since that is what it tells of. */
function shadowRecord(
  { newId, nowMs }: Needs,
  { id, layer, digest }: Run,
  { decided }: Observed,
  wouldBe: WouldBe,
): ShadowRecord {
  const { domain } = decided.matter;
  return {
    id: newId(),
    time: new Date(nowMs()).toISOString(),
    kind: 'shadow',
    caller: SERVICE_CALLER,
    revision: decided.revision,
    proposal: id,
    layer,
    ...(domain !== undefined && { domain }),
    digest,
    of: decided.entry.record.id,
    ...wouldBe,
  };
}
