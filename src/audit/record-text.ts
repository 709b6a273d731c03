import { writeJson } from '../document/json.js';
import { keptBeside } from '../document/kept-beside.js';
import { recurs } from '../document/recurring.js';
import type { AuditRecord, DecisionRecord } from './record.js';

/** JSON text of a record, in two parts that stand one after the other. */
export interface RecordText {
  readonly start: string;
  /** In UTF-8; empty where the start is all of it. */
  readonly end: Uint8Array;
}

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

const NOTHING = new Uint8Array();

/**
 * Ends of records, by their findings. INVARIANT: findings that recur are those of one decision, whose other members never
 * change.
 */
const ends = new WeakMap<
  DecisionRecord['findings'],
  Pick<Judged, 'parameters' | 'layers'> & { readonly end: Uint8Array }
>();

/**
 * JSON text of a record, its members in their order. What recurs is written once: the end of a record for all decisions that
 * came to the same in the same layers, and in its start what is known of who asks, and of what.
 */
export function recordText(record: AuditRecord): RecordText {
  if (record.kind !== 'decision' || !recurs(record.findings))
    return { start: writeJson(record), end: NOTHING };
  return { start: startOf(record), end: endOf(record) };
}

function startOf(record: DecisionRecord): string {
  const { id, time, caller, correlation, revision, decision_kind, evaluation } = record;
  const { domain, consumer_domain, metadata, previous_metadata } = record;
  const { subject, action, resource, context } = evaluation;
  return (
    `{"id":${writeJson(id)},"time":${writeJson(time)},"kind":"decision","caller":${textAgain(caller)}` +
    `${member('correlation', correlation)},"revision":${revision},"decision_kind":"${decision_kind}"` +
    `,"evaluation":{"subject":${entityText(subject)},"action":${entityText(action)}` +
    `,"resource":${entityText(resource)},"context":${writeJson(context)}}` +
    `${member('domain', domain)}${member('consumer_domain', consumer_domain)}` +
    `${member('metadata', metadata)}${member('previous_metadata', previous_metadata)},`
  );
}

function member(name: string, value: unknown): string {
  return value === undefined ? '' : `,"${name}":${writeJson(value)}`;
}

/** Names of what an entity or an action has, with their colons. */
const LABELS: ReadonlyMap<string, string> = new Map(
  ['type', 'id', 'name', 'properties', 'registered'].map((name) => [name, `"${name}":`]),
);

/** An object whose members may recur: what the registry knows of a subject or a resource. */
function entityText(entity: object): string {
  let text = '{';
  for (const name in entity) {
    const value = (entity as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) continue;
    if (text.length > 1) text += ',';
    text += LABELS.get(name) ?? `${writeJson(name)}:`;
    text += typeof value === 'object' && value !== null ? textAgain(value) : writeJson(value);
  }
  return `${text}}`;
}

const texts = new WeakMap<object, string>();

/** JSON text, written once of an object that recurs. */
function textAgain(value: object): string {
  return recurs(value) ? keptBeside(texts, value, () => writeJson(value)) : writeJson(value);
}

function endOf(record: DecisionRecord): Uint8Array {
  const { parameters, layers, unknown, findings, masked } = record;
  const before = ends.get(findings);
  const isPlain = unknown === undefined && masked.length === 0;
  if (isPlain && before?.parameters === parameters && before.layers === layers) return before.end;
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
  const end = Buffer.from(writeJson(judged).slice(1));
  if (isPlain) ends.set(findings, { parameters, layers, end });
  return end;
}
