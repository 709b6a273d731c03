import type { DecisionRecord } from '../audit/record.js';
import { isObject, readJson } from '../document/json.js';
import type { RequestRecord } from './matter-on-record.js';
import { notReplayable, type NotReplayable, type RecordedDecision } from './replay.js';
import { requestText } from './request-on-record.js';

/**
 * Reads a record that is to be evaluated again.
 *
 * @param text the stored bytes, as text
 * @returns why it cannot be, where it is no record of a decision
 */
export function recordedDecision(text: string): RecordedDecision | NotReplayable {
  const read = recordIn(text, DECISION_SHAPE);
  return 'record' in read ? { text, record: read.record as DecisionRecord } : read;
}

/**
 * Reads of a record of a decision what was asked; what came of it is not looked at.
 *
 * @param bytes the stored bytes
 * @returns why it cannot be evaluated again, where it is no record of a decision
 */
export function recordedRequest(bytes: Buffer): { readonly record: RequestRecord } | NotReplayable {
  const text = requestText(bytes);
  if (text === undefined) return notReplayable('the stored bytes are not those of a decision');
  const read = recordIn(text, REQUEST_SHAPE);
  return 'record' in read ? { record: read.record as RequestRecord } : read;
}

/** Members of a record, and whether a value is of the shape that records of decisions have there. */
type Shape = readonly (readonly [member: string, fits: (value: unknown) => boolean])[];

const REQUEST_SHAPE: Shape = Object.entries({
  id: isText,
  time: isText,
  evaluation: isObject,
  layers: listOf((item) => isText(item['layer']) && isTextOrAbsent(item['digest'])),
  unknown: (value: unknown) =>
    value === undefined || listOf((item) => isText(item['layer']) && isText(item['message']))(value),
  masked: (value: unknown) => Array.isArray(value) && value.every(isText),
  metadata: isTextOrAbsent,
  previous_metadata: isTextOrAbsent,
  domain: isTextOrAbsent,
  consumer_domain: isTextOrAbsent,
} satisfies Record<keyof RequestRecord, (value: unknown) => boolean>);

const DECISION_SHAPE: Shape = [
  ...REQUEST_SHAPE,
  ['revision', Number.isInteger],
  ['parameters', isObject],
  ['findings', listOf((item) => isText(item['layer']) && isTextOrAbsent(item['error']))],
];

/** The record that a text holds, as far as the shape says; or why it is not that of a decision. */
function recordIn(text: string, shape: Shape): { readonly record: unknown } | NotReplayable {
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
  for (const [member, fits] of shape) {
    if (!fits(record[member])) return notReplayable(`its \`${member}\` is not that of a decision`);
  }
  return { record };
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
