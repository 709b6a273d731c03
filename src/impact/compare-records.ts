import { DecisionImpact } from '../council/decision-impact.js';
import type { DistinctRequest } from '../council/distinct-requests.js';
import type { Unreadable } from '../council/impact.js';
import { matterOnRecord, metadataOnRecord, type RequestRecord } from '../decision/matter-on-record.js';
import { recordedRequest } from '../decision/recorded-decision.js';
import { evaluationOf } from '../decision/replay.js';
import { recurringMetadata, type DigestedMetadata } from '../decision/subject-matter.js';
import { isObject, replaceAt, valueAt } from '../document/json.js';
import type { MaterialReader } from '../store/sqlite/material-reader.js';
import type { ImpactLimits, ImpactProgress } from './impact-protocol.js';
import type { JudgeTwice } from './judge-twice.js';
import type { RecordsRead } from './read-records.js';

/** What everything of an impact is evaluated with. */
export interface Comparison {
  readonly reader: MaterialReader;
  readonly judgeTwice: JudgeTwice;
  readonly progress: (progress: ImpactProgress) => void;
  /** Whether nobody wants the impact any more; asked often. */
  readonly stopped: () => boolean;
}

/** Thrown where nobody wants the impact any more. */
export class Stopped extends Error {}

/** What came of the evaluation of requests. */
export interface RecordsCompared {
  readonly impact: DecisionImpact;
  readonly evaluated: { readonly distinct: number; readonly records: number };
  readonly masked: { readonly distinct: number; readonly records: number };
  readonly unreadable: readonly Unreadable[];
}

/** Requests whose records are read at once, between two looks at the clock. */
const READ_AT_ONCE = 64;

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
  for (let from = 0; from < requests.length; from += READ_AT_ONCE) {
    if (stopped()) throw new Stopped();
    progress({ done: from, of: requests.length, step: 'evaluating' });
    if (performance.now() - started > evaluationMsMax) break;
    const some = requests.slice(from, from + READ_AT_ONCE);
    const stored = comparison.reader.records(some.map(({ sequence }) => sequence));
    for (const [at, request] of some.entries()) {
      const compared = compareRequest(comparison, request, stored[at], metadataOf, impact);
      if (typeof compared === 'string') {
        unreadable.add(compared, request.records);
        continue;
      }
      for (const counts of compared.masked ? [evaluated, masked] : [evaluated]) {
        counts.distinct += 1;
        counts.records += request.records;
      }
    }
  }
  return { impact, evaluated, masked, unreadable: unreadable.all() };
}

type MetadataOf = (digest: string) => DigestedMetadata | string;

/** Evaluates one request; answers why it cannot be. */
function compareRequest(
  comparison: Comparison,
  { sequence, records, permitted }: DistinctRequest,
  stored: Buffer | undefined,
  metadataOf: MetadataOf,
  impact: DecisionImpact,
): { readonly masked: boolean } | string {
  if (stored === undefined) return 'it was pruned meanwhile';
  const recorded = recordedRequest(stored);
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
    ...comparison.judgeTwice(evaluation, matter),
  });
  return { masked };
}

/** What must be a text for an evaluation to be one: a masked one is its commitment. Whatever else is masked stays as it stands. */
const TEXTS = ['/subject/type', '/subject/id', '/action/name', '/resource/type', '/resource/id'];

function withMaskedTexts({ evaluation, masked }: RequestRecord): unknown {
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
    const read = metadataOnRecord(digest, text);
    const metadata = typeof read === 'string' ? read : recurringMetadata(read);
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
