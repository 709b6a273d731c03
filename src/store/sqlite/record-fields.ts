import { isObject } from '../../document/json.js';

/** What of a record is indexed, in the order of the columns after `sequence`. */
export const INDEXED_FIELDS = [
  'time',
  'kind',
  'subject',
  'resource',
  'action',
  'domain',
  'consumer_domain',
  'decision',
  'code',
  'caller',
  'revision',
] as const;

export type IndexedField = (typeof INDEXED_FIELDS)[number];
export type RecordFields = Readonly<Record<IndexedField, string | number | null>>;

/** Reads the indexed fields of a record's bytes. A field that a kind of record lacks, or has otherwise, is null: the index never stops at one. */
export function fieldsOf(bytes: Buffer): RecordFields {
  const parsed: unknown = JSON.parse(bytes.toString('utf8'));
  const record = isObject(parsed) ? parsed : {};
  const { evaluation, caller, time, decision } = record;
  const asked = isObject(evaluation) ? evaluation : {};
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return {
    time: Number.isNaN(ms) ? null : ms,
    kind: text(record['kind']),
    subject: member(asked['subject'], 'id'),
    resource: member(asked['resource'], 'id'),
    action: member(asked['action'], 'name'),
    domain: text(record['domain']),
    consumer_domain: text(record['consumer_domain']),
    decision: typeof decision === 'boolean' ? Number(decision) : null,
    code: text(record['code']),
    caller: member(caller, 'id'),
    revision: Number.isSafeInteger(record['revision']) ? (record['revision'] as number) : null,
  };
}

function member(value: unknown, name: string): string | null {
  return isObject(value) ? text(value[name]) : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
