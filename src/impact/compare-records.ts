import type { DecisionRecord } from '../audit/record.js';
import type { Unreadable } from '../council/impact.js';
import { DecisionImpact } from '../council/decision-impact.js';
import { DistinctRequests, type DistinctRequest, type RequestSample } from '../council/distinct-requests.js';
import type { Decision } from '../decision/decision.js';
import { judge } from '../decision/judge.js';
import { matterOnRecord, metadataOnRecord } from '../decision/matter-on-record.js';
import type { Quarantine } from '../decision/quarantine.js';
import { recordedDecision } from '../decision/recorded-decision.js';
import { evaluationOf } from '../decision/replay.js';
import { RequestReader } from '../decision/request-on-record.js';
import type { Waivers } from '../decision/waiver.js';
import type { Evaluation } from '../decision/request.js';
import type { DigestedMetadata, SubjectMatter } from '../decision/subject-matter.js';
import { isObject, replaceAt, valueAt } from '../document/json.js';
import type { ImpactLimits, ImpactProgress } from './impact-protocol.js';
import type { PoliciesInForce } from '../policy/in-force.js';
import { GLOBAL } from '../policy/layer.js';
import type { ComparedPolicies } from './portable-policies.js';
import type { MaterialReader } from '../store/sqlite/material-reader.js';

/** What everything of an impact is evaluated with. */
export interface Comparison extends ComparedPolicies {
  readonly reader: MaterialReader;
  readonly current: PoliciesInForce;
  readonly proposed: PoliciesInForce;
  readonly waivers: Waivers;
  readonly nowMs: number;
  readonly progress: (progress: ImpactProgress) => void;
  /** Whether nobody wants the impact any more; asked often. */
  readonly stopped: () => boolean;
}

/** Thrown where nobody wants the impact any more. */
export class Stopped extends Error {}

/** No policy is spared: of each request it is to be known what it says. */
const NOBODY_HELD: Quarantine = {
  holdsAny: () => false,
  find: () => undefined,
  put: (offender, nowMs) => ({ ...offender, untilMs: nowMs }),
  list: () => [],
  takeNew: () => [],
};

/** Judges by what is in force and by what is proposed, at one moment. */
export function judgeTwice(
  { current, proposed, replaced, waivers, nowMs }: Comparison,
  evaluation: Evaluation,
  matter: SubjectMatter,
): { readonly was: Decision; readonly wouldBe: Decision } {
  const by = (policies: PoliciesInForce): Decision =>
    judge(evaluation, matter, { policies, nowMs, waivers, quarantine: () => NOBODY_HELD }).decision;
  const was = by(current);
  // Both ask the same layers, and only those and `global` set parameters for them.
  const asked = [GLOBAL, ...matter.owningLayers, ...matter.consumingLayers];
  return { was, wouldBe: asked.some((layer) => replaced.has(layer)) ? by(proposed) : was };
}

/** What was read of the log. */
interface RecordsRead {
  readonly sample: RequestSample;
  /** Decisions. */
  readonly records: number;
  readonly malformed: number;
  readonly fromSequence: number;
  readonly toSequence: number;
  readonly minimumIndex: number;
  readonly fromTime?: string;
  readonly toTime?: string;
}

/** Reads the newest records of the log, and counts them by their requests. */
export function readRecords(
  { reader, progress, stopped }: Pick<Comparison, 'reader' | 'progress' | 'stopped'>,
  { seed, recordsMax, distinctMax }: { readonly seed: string } & ImpactLimits,
): RecordsRead {
  const toSequence = reader.size();
  const minimumIndex = reader.minimumIndex();
  const fromSequence = Math.max(minimumIndex, toSequence - recordsMax);
  const of = toSequence - fromSequence;
  const requests = new DistinctRequests(distinctMax);
  const requestReader = new RequestReader(seed);
  let [records, malformed] = [0, 0];
  let newest: Buffer | undefined;
  let oldest: Buffer | undefined;
  progress({ done: 0, of, step: 'reading' });
  for (const batch of reader.newestFirst(fromSequence, toSequence)) {
    if (stopped()) throw new Stopped();
    for (const { sequence, bytes } of batch) {
      const request = requestReader.read(bytes);
      if (request === 'other') continue;
      records += 1;
      if (request === 'malformed') {
        malformed += 1;
        continue;
      }
      newest ??= bytes;
      oldest = bytes;
      requests.add(request.key, sequence, request.permitted);
    }
    progress({ done: toSequence - (batch.at(-1)?.sequence ?? 0), of, step: 'reading' });
  }
  const fromTime = timeOf(oldest);
  const toTime = timeOf(newest);
  return {
    sample: requests.sample(),
    records,
    malformed,
    fromSequence,
    toSequence,
    minimumIndex,
    ...(fromTime !== undefined && { fromTime }),
    ...(toTime !== undefined && { toTime }),
  };
}

function timeOf(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const record = recordedDecision(bytes.toString('utf8'));
  return 'record' in record ? record.record.time : undefined;
}

/** What came of the evaluation of requests. */
export interface RecordsCompared {
  readonly impact: DecisionImpact;
  readonly evaluated: { readonly distinct: number; readonly records: number };
  readonly masked: { readonly distinct: number; readonly records: number };
  readonly unreadable: readonly Unreadable[];
}

/** Requests between two looks at the clock. */
const LOOK_EVERY = 64;

/** Evaluates each distinct request twice, those first that would be a sample if time ran out. */
export function compareRecords(
  comparison: Comparison,
  { sample: { requests }, malformed }: Pick<RecordsRead, 'sample' | 'malformed'>,
  { evaluationMsMax }: Pick<ImpactLimits, 'evaluationMsMax'>,
): RecordsCompared {
  const { progress, stopped } = comparison;
  const impact = new DecisionImpact();
  const unreadable = new Reasons();
  const evaluated = { distinct: 0, records: 0 };
  const masked = { distinct: 0, records: 0 };
  const metadataOf = keptMetadata(comparison.reader);
  unreadable.add('the stored bytes are not those of a decision', malformed);
  const started = performance.now();
  for (const [at, request] of requests.entries()) {
    if (at % LOOK_EVERY === 0) {
      if (stopped()) throw new Stopped();
      progress({ done: at, of: requests.length, step: 'evaluating' });
      if (performance.now() - started > evaluationMsMax) break;
    }
    const compared = compareRequest(comparison, request, metadataOf, impact);
    if (typeof compared === 'string') {
      unreadable.add(compared, request.records);
      continue;
    }
    for (const counts of compared.masked ? [evaluated, masked] : [evaluated]) {
      counts.distinct += 1;
      counts.records += request.records;
    }
  }
  return { impact, evaluated, masked, unreadable: unreadable.all() };
}

type MetadataOf = (digest: string) => DigestedMetadata | string;

/** Evaluates one request; answers why it cannot be. */
function compareRequest(
  comparison: Comparison,
  { sequence, records, permitted }: DistinctRequest,
  metadataOf: MetadataOf,
  impact: DecisionImpact,
): { readonly masked: boolean } | string {
  const bytes = comparison.reader.record(sequence);
  if (bytes === undefined) return 'it was pruned meanwhile';
  const recorded = recordedDecision(bytes.toString('utf8'));
  if ('replayable' in recorded) return recorded.reason;
  const { record } = recorded;
  const evaluation = evaluationOf(withMaskedTexts(record));
  if (evaluation === undefined) return 'its evaluation is none, or masked as a whole';
  const matter = matterOnRecord(record, evaluation, metadataOf);
  if (typeof matter === 'string') return matter;
  const masked = record.masked.length > 0;
  const { domain, consumerDomain } = matter;
  impact.add({
    record: record.id,
    sequence,
    time: record.time,
    records,
    permitted,
    ...(domain !== undefined && { domain }),
    ...(consumerDomain !== undefined && { consumerDomain }),
    masked,
    ...judgeTwice(comparison, evaluation, matter),
  });
  return { masked };
}

/** What must be a text for an evaluation to be one: a masked one is its commitment. Whatever else is masked stays as it stands. */
const TEXTS = ['/subject/type', '/subject/id', '/action/name', '/resource/type', '/resource/id'];

function withMaskedTexts({ evaluation, masked }: DecisionRecord): unknown {
  return masked
    .filter((pointer) => TEXTS.includes(pointer))
    .reduce<unknown>((document, pointer) => {
      const found = valueAt(document, pointer);
      const commitment = isObject(found) ? found['masked'] : undefined;
      return typeof commitment === 'string' ? replaceAt(document, pointer, () => commitment) : document;
    }, evaluation);
}

/** Of the documents that were read, so many characters are kept. */
const DOCUMENTS_CHARS_MAX = 32 * 1024 * 1024;

/** Reads metadata by their digests, each once as long as there is room. */
function keptMetadata(reader: MaterialReader): MetadataOf {
  const kept = new Map<string, DigestedMetadata | string>();
  let chars = 0;
  return (digest) => {
    const known = kept.get(digest);
    if (known !== undefined) return known;
    const text = reader.document(digest);
    const metadata = metadataOnRecord(digest, text);
    if (chars > DOCUMENTS_CHARS_MAX) {
      kept.clear();
      chars = 0;
    }
    kept.set(digest, metadata);
    chars += text?.length ?? 0;
    return metadata;
  };
}

const REASONS_MAX = 20;

/** Counts records by why they could not be evaluated. */
class Reasons {
  readonly #counts = new Map<string, number>();

  /** What stands in backticks is left out, so that like reasons are one. */
  add(reason: string, records: number): void {
    if (records === 0) return;
    const like = reason.replace(/`[^`]*`/g, '`…`');
    const known = this.#counts.has(like) || this.#counts.size < REASONS_MAX ? like : 'other reasons';
    this.#counts.set(known, (this.#counts.get(known) ?? 0) + records);
  }

  all(): readonly Unreadable[] {
    return [...this.#counts].map(([reason, records]) => ({ reason, records }));
  }
}
