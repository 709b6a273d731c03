import { writeJson } from '../document/json.js';
import { recurs } from '../document/recurring.js';
import type { AuditRecord, DecisionRecord } from './record.js';

/** The members that a decision's record ends with: what was asked of whom, and what it came to. */
type Judged = Pick<
  DecisionRecord,
  | 'parameters'
  | 'layers'
  | 'unknown'
  | 'findings'
  | 'decision'
  | 'code'
  | 'reasons'
  | 'obligations'
  | 'advice'
  | 'masked'
>;

/**
 * Ends of records, by their findings. INVARIANT: findings that recur are those of one decision, whose other members never
 * change.
 */
const ends = new WeakMap<
  DecisionRecord['findings'],
  Pick<Judged, 'parameters' | 'layers'> & { readonly text: string }
>();

/**
 * JSON text of a record, its members in their order. The end of a decision's record is written once for all decisions that
 * came to the same in the same layers.
 */
export function recordText(record: AuditRecord): string {
  if (record.kind !== 'decision' || !recurs(record.findings)) return writeJson(record);
  const { id, time, kind, caller, correlation, revision, decision_kind, evaluation } = record;
  const { domain, consumer_domain, metadata, previous_metadata } = record;
  const asked: { readonly [Member in Exclude<keyof DecisionRecord, keyof Judged>]: unknown } = {
    id,
    time,
    kind,
    caller,
    correlation,
    revision,
    decision_kind,
    evaluation,
    domain,
    consumer_domain,
    metadata,
    previous_metadata,
  };
  return `${writeJson(asked).slice(0, -1)},${endOf(record)}`;
}

function endOf(record: DecisionRecord): string {
  const { parameters, layers, unknown, findings, masked } = record;
  const before = ends.get(findings);
  const isPlain = unknown === undefined && masked.length === 0;
  if (isPlain && before?.parameters === parameters && before.layers === layers) return before.text;
  const { decision, code, reasons, obligations, advice } = record;
  const judged: { readonly [Member in keyof Judged]-?: unknown } = {
    parameters,
    layers,
    unknown,
    findings,
    decision,
    code,
    reasons,
    obligations,
    advice,
    masked,
  };
  const text = writeJson(judged).slice(1);
  if (isPlain) ends.set(findings, { parameters, layers, text });
  return text;
}
