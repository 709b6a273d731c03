import type { DecisionRecord } from '../audit/record.js';
import { isObject, readJson } from '../document/json.js';
import { notReplayable, type NotReplayable, type RecordedDecision } from './replay.js';

/**
 * Reads a record that is to be evaluated again.
 *
 * @param text the stored bytes, as text
 * @returns why it cannot be, where it is no record of a decision
 */
export function recordedDecision(text: string): RecordedDecision | NotReplayable {
  let record: unknown;
  try {
    record = readJson(text);
  } catch {
    return notReplayable('the stored bytes are not JSON');
  }
  if (!isObject(record)) return notReplayable('the stored bytes are no record');
  const { kind } = record;
  if (kind !== 'decision') {
    return notReplayable(`it is no decision but a record of kind \`${String(kind)}\``);
  }
  const wrong = wrongMember(record);
  if (wrong !== undefined) return notReplayable(`its \`${wrong}\` is not that of a decision`);
  return { text, record: record as unknown as DecisionRecord };
}

/** Which member that a replay reads is of another shape than records of decisions have. */
function wrongMember(record: Readonly<Record<string, unknown>>): string | undefined {
  const is = {
    id: isText,
    time: isText,
    revision: Number.isInteger,
    evaluation: isObject,
    parameters: isObject,
    layers: listOf((item) => isText(item['layer']) && isTextOrAbsent(item['digest'])),
    findings: listOf((item) => isText(item['layer']) && isTextOrAbsent(item['error'])),
    unknown: (value: unknown) =>
      value === undefined || listOf((item) => isText(item['layer']) && isText(item['message']))(value),
    masked: (value: unknown) => Array.isArray(value) && value.every(isText),
    metadata: isTextOrAbsent,
    previous_metadata: isTextOrAbsent,
    domain: isTextOrAbsent,
    consumer_domain: isTextOrAbsent,
  };
  return Object.entries(is).find(([member, fits]) => !fits(record[member]))?.[0];
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function listOf(fits: (item: Readonly<Record<string, unknown>>) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every((item) => isObject(item) && fits(item));
}
