import type { KeptValue } from '../audit/masked-values.js';
import type { MaskedValue } from '../audit/log.js';
import { verifyCommitment } from '../audit/redaction.js';
import type { DecisionRecord } from '../audit/record.js';
import { isObject, readJson, replaceAt, writeJson } from '../document/json.js';
import type { PoliciesInForce } from '../policy/in-force.js';
import type { Kind } from '../policy/kind.js';
import { decisionEntry } from './decision-entry.js';
import { differencesOf, type Difference } from './differences.js';
import { judge, type Judged } from './judge.js';
import { quarantineOnRecord, waiversOnRecord } from './lifted-on-record.js';
import type { Evaluation } from './request.js';
import { matterOnRecord, metadataOnRecord } from './matter-on-record.js';

/** A decision as it stands in the log: the stored text, and what it says. */
export interface RecordedDecision {
  readonly text: string;
  readonly record: DecisionRecord;
}

/** What a record names and does not hold. */
export interface ReplayMaterial {
  /** Those of the record's own layers, by their digests. */
  readonly policies: PoliciesInForce;
  /** JSON text of the documents that the record names, by digest. */
  readonly documents: ReadonlyMap<string, string>;
  /** What is kept of the values that the record masks. */
  readonly maskedValues: readonly KeptValue[];
}

/** A record that cannot be evaluated again, and why. */
export interface NotReplayable {
  readonly replayable: false;
  /** `cannot be replayed: …` */
  readonly reason: string;
}

export interface Replayed extends Pick<Judged, 'decision' | 'question' | 'asked'> {
  readonly replayable: true;
  /** Whether the replay makes the very bytes that are stored. */
  readonly equal: boolean;
  /** Where the two differ; at most a hundred places. */
  readonly differences: readonly Difference[];
  /** What the replay would have recorded. */
  readonly record: DecisionRecord;
  /** The values that the record masks. */
  readonly masked: readonly MaskedValue[];
}

/**
 * Evaluates a decision on record again: with its own policies, documents and masked values, at its own moment. What
 * the registry, the waivers and the quarantine were then is taken from the record alone.
 */
export function replay(
  { text, record }: RecordedDecision,
  { policies, documents, maskedValues }: ReplayMaterial,
): Replayed | NotReplayable {
  const restored = restore(record, maskedValues);
  if (typeof restored === 'string') return notReplayable(restored);
  const evaluation = evaluationOf(restored.evaluation);
  if (evaluation === undefined) return notReplayable('its evaluation is none');
  const matter = matterOnRecord(record, evaluation, (digest) =>
    metadataOnRecord(digest, documents.get(digest)),
  );
  if (typeof matter === 'string') return notReplayable(matter);
  const nowMs = Date.parse(record.time);
  if (Number.isNaN(nowMs)) return notReplayable(`its time \`${record.time}\` is none`);

  const judged = judge(evaluation, matter, {
    policies,
    nowMs,
    waivers: waiversOnRecord(record),
    quarantine: (kind: Kind) => quarantineOnRecord(record, kind),
  });
  const { id, caller, correlation } = record;
  const salts = new Map(restored.masked.map(({ pointer, salt }) => [pointer, salt]));
  const replayed = decisionEntry(
    matter,
    judged,
    {
      id,
      caller,
      ...(correlation !== undefined && { correlation }),
      // What the record does not mask and its bundle does is a difference all the same.
      salt: (pointer) => salts.get(pointer) ?? NO_SALT,
    },
    policies,
  ).record;
  const { decision, question, asked } = judged;
  const equal = writeJson(replayed) === text;
  return {
    replayable: true,
    equal,
    differences: equal ? [] : differencesOf(record, replayed),
    record: replayed,
    decision,
    question,
    asked,
    masked: restored.masked,
  };
}

const NO_SALT = new Uint8Array(16);

/** Says that a record cannot be evaluated again. */
export function notReplayable(why: string): NotReplayable {
  return { replayable: false, reason: `cannot be replayed: ${why}` };
}

interface Restored {
  readonly evaluation: unknown;
  readonly masked: readonly MaskedValue[];
}

/** The evaluation with its masked values, each proven by its commitment; or why not. */
function restore({ evaluation, masked }: DecisionRecord, kept: readonly KeptValue[]): Restored | string {
  const values: MaskedValue[] = [];
  let result: unknown = evaluation;
  for (const pointer of masked) {
    const found = kept.find((each) => each.pointer === pointer);
    if (found === undefined) return `the masked value at \`${pointer}\` is not kept`;
    const { salt, value } = found;
    if (salt === undefined || value === undefined) return `the masked value at \`${pointer}\` was erased`;
    if (!verifyCommitment(evaluation, { pointer, salt, value })) {
      return `the value kept for \`${pointer}\` is not the one that the record commits to`;
    }
    values.push({ pointer, salt, value });
    result = replaceAt(result, pointer, () => readJson(value));
  }
  return { evaluation: result, masked: values };
}

/** What a record of a decision holds as its evaluation, with the members that every one has. */
export function evaluationOf(restored: unknown): Evaluation | undefined {
  if (!isObject(restored)) return undefined;
  const { subject, action, resource, context } = restored;
  const shaped =
    isEntity(subject) &&
    isObject(action) &&
    typeof action['name'] === 'string' &&
    hasProperties(action) &&
    isEntity(resource) &&
    typeof context === 'object' &&
    context !== null;
  return shaped ? (restored as unknown as Evaluation) : undefined;
}

function isEntity(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['type'] === 'string' &&
    typeof value['id'] === 'string' &&
    hasProperties(value)
  );
}

function hasProperties({ properties }: Readonly<Record<string, unknown>>): boolean {
  return typeof properties === 'object' && properties !== null;
}
