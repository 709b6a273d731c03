import { isObject } from '../../document/json.js';

/** What of a record stands in columns for people, beside the record itself. A value that a record lacks is null. */
export interface RecordColumns {
  readonly id: string | null;
  /** As the record has it. */
  readonly time: string | null;
  readonly kind: string | null;
  readonly decision: boolean | null;
  readonly code: string | null;
  /** Ids of the evaluation's subject and resource, and the action's name. */
  readonly subject: string | null;
  readonly action: string | null;
  readonly resource: string | null;
  readonly domain: string | null;
  readonly consumer_domain: string | null;
  /** The caller's id. */
  readonly caller: string | null;
  readonly revision: number | null;
  /** The texts of the reasons, joined by `; `. */
  readonly reasons: string | null;
}

export const COLUMN_NAMES = [
  'id',
  'time',
  'kind',
  'decision',
  'code',
  'subject',
  'action',
  'resource',
  'domain',
  'consumer_domain',
  'caller',
  'revision',
  'reasons',
] as const satisfies readonly (keyof RecordColumns)[];

export type ColumnName = (typeof COLUMN_NAMES)[number];

/** Reads the columns of a record that was parsed. What a record has otherwise than its kind should is left out. */
export function columnsOf(record: unknown): RecordColumns {
  const { id, time, kind, decision, code, evaluation, domain, consumer_domain, caller, revision, ...rest } =
    objectOf(record);
  const { subject, action, resource } = objectOf(evaluation);
  return {
    id: textOf(id),
    time: textOf(time),
    kind: textOf(kind),
    decision: typeof decision === 'boolean' ? decision : null,
    code: textOf(code),
    subject: textOf(objectOf(subject)['id']),
    action: textOf(objectOf(action)['name']),
    resource: textOf(objectOf(resource)['id']),
    domain: textOf(domain),
    consumer_domain: textOf(consumer_domain),
    caller: textOf(objectOf(caller)['id']),
    revision: Number.isSafeInteger(revision) ? (revision as number) : null,
    reasons: reasonsOf(rest),
  };
}

/** Decisions have reasons, acts one. */
function reasonsOf({ reasons, reason }: Readonly<Record<string, unknown>>): string | null {
  const messages = Array.isArray(reasons) ? reasons.map((each) => objectOf(each)['message']) : [];
  const texts = [...messages, reason].map(textOf).filter((text) => text !== null);
  return texts.length === 0 ? null : texts.join('; ');
}

const NONE: Readonly<Record<string, unknown>> = {};

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : NONE;
}

/** Half a surrogate pair, which JSON can escape and UTF-8 cannot hold, becomes U+FFFD as in every encoder. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.replaceAll(LONE_SURROGATE, '\uFFFD') : null;
}

const LONE_SURROGATE = /\p{Surrogate}/gu;
