import type { SingleField } from './record-fields.js';

/** The fields that the head of a decision's record has; all others stand in its ending. */
export const HEAD_FIELDS = [
  'kind',
  'caller',
  'revision',
  'subject',
  'action',
  'resource',
  'domain',
  'consumer_domain',
] as const satisfies readonly SingleField[];

/** A decision's record in two parts. */
export interface RecordHead {
  /** RFC 3339; null for none. */
  readonly time: string | null;
  /** In the order of `HEAD_FIELDS`; null for none. */
  readonly values: readonly (string | null)[];
  /** The text of the members that follow: what many records have alike. */
  readonly ending: string;
}

/** A longer text is parsed as a whole: what a pattern remembers grows with what it matches. */
const TEXT_CHARS_MAX = 32_768;
/** Lists and objects within one another that the pattern knows; what is nested deeper is parsed as a whole. */
const DEPTH_MAX = 5;

// Each token begins with another character, so that a text is matched in one way or in none, and no part of it twice.
const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
const nested = (inner: string): string => String.raw`[{[](?:[^"{}[\]]|${STRING}${inner})*[}\]]`;
const COMPOSITE = Array.from({ length: DEPTH_MAX - 1 }).reduce<string>(
  (inner) => nested(`|${inner}`),
  nested(''),
);
const REST = String.raw`(?:[^"{}[\]]|${STRING}|${COMPOSITE})*\}`;
const named = (name: string, value: string): string => `"${name}":${value}`;
const optional = (name: string, value: string): string => `(?:${named(name, value)},)?`;

/** A decision's record as the log writes it: without white space, its members in their order. */
const HEAD = new RegExp(
  [
    String.raw`^\{${named('id', STRING)},${named('time', `(${STRING})`)},${named('kind', `(${STRING})`)},`,
    String.raw`${named('caller', String.raw`\{${named('id', `(${STRING})`)}`)}${REST},`,
    optional('correlation', COMPOSITE),
    String.raw`${named('revision', String.raw`(0|[1-9]\d{0,14})`)},${named('decision_kind', STRING)},`,
    String.raw`"evaluation":\{"subject":\{"type":${STRING},"id":(${STRING})${REST},`,
    String.raw`"action":\{"name":(${STRING})${REST},`,
    String.raw`"resource":\{"type":${STRING},"id":(${STRING})${REST},"context":${COMPOSITE}\},`,
    optional('domain', `(${STRING})`),
    optional('consumer_domain', `(${STRING})`),
    optional('metadata', STRING),
    optional('previous_metadata', STRING),
    '(?="parameters":)',
  ].join(''),
);

/**
 * Reads what is indexed of the first members of a decision's record, in an eighth of the time that parsing it takes;
 * `undefined` for a text that is written otherwise.
 *
 * INVARIANT: the text is JSON and no object in it has a name twice, since the log encodes its records itself; where it is
 * matched from its first character on, token by token, a match is what parsing would find.
 */
export function recordHead(text: string): RecordHead | undefined {
  if (text.length > TEXT_CHARS_MAX) return undefined;
  const found = HEAD.exec(text);
  if (found === null) return undefined;
  const [head, time, kind, caller, revision = null, subject, action, resource, domain, consumer] = found;
  return {
    time: stringOf(time),
    values: [
      stringOf(kind),
      stringOf(caller),
      revision,
      stringOf(subject),
      stringOf(action),
      stringOf(resource),
      stringOf(domain),
      stringOf(consumer),
    ],
    ending: text.slice(head.length),
  };
}

/** A string by its JSON text. */
function stringOf(json: string | undefined): string | null {
  if (json === undefined) return null;
  return json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1);
}
