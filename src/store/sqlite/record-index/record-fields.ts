import { lookedForTexts, lookedForValue, membersOf, tellingFindings } from '../../../audit/looked-for.js';

/** Fields of which a record has one value at most; each is a column too. */
export const SINGLE_FIELDS = [
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
  'proposal',
] as const;
export type SingleField = (typeof SINGLE_FIELDS)[number];

/** The members of a finding that are looked for. */
export const FINDING_FIELDS = ['policy', 'layer', 'enforcement', 'outcome', 'waiver'] as const;
export type FindingField = (typeof FINDING_FIELDS)[number];

/** All fields that terms are of. A `finding` is several members of one at once (`ownValueOf`). */
const FIELDS = [...SINGLE_FIELDS, ...FINDING_FIELDS, 'word', 'finding'] as const;
export type Field = (typeof FIELDS)[number];

/** The number that stands for a field in the index. */
export const FIELD_NUMBERS = Object.fromEntries(FIELDS.map((field, number) => [field, number])) as Readonly<
  Record<Field, number>
>;

/**
 * The value of the term that findings with these members share, whatever waived them: of those that refuse, which are
 * few and asked for, and of acts. Others have none and are found by the terms of their members.
 */
export function ownValueOf(members: FindingMembers): string | undefined {
  const outcome = members[FINDING_FIELDS.indexOf('outcome')] ?? null;
  const isOwn = outcome === null || outcome === 'deny' || outcome === 'error';
  return isOwn ? JSON.stringify(members.slice(0, FINDING_FIELDS.indexOf('waiver'))) : undefined;
}

/** Values in the order of `FINDING_FIELDS`; null where the finding has none. */
export type FindingMembers = readonly (string | null)[];

/** What of a record is indexed. */
export interface IndexedRecord {
  /** Unix milliseconds; NaN for none. */
  readonly time: number;
  /** In the order of `SINGLE_FIELDS`. */
  readonly values: readonly (string | null)[];
  readonly findings: readonly FindingMembers[];
  /** Texts whose words are looked for. */
  readonly texts: readonly string[];
}

/**
 * Reads what is indexed of a record's text. A field that a kind of record lacks, or has otherwise, is left out: the
 * index never stops at one.
 */
export function indexedRecord(json: string): IndexedRecord {
  const record = membersOf(parsed(json));
  const { time } = record;
  const telling = tellingFindings(record);
  const findings = telling.map((finding) => FINDING_FIELDS.map((name) => text(finding[name])));
  const act = ['policy', 'layer', 'waiver'].some((name) => text(record[name]) !== null);
  if (act) {
    findings.push(
      FINDING_FIELDS.map((name) =>
        name === 'enforcement' || name === 'outcome' ? null : text(record[name]),
      ),
    );
  }
  return {
    time: typeof time === 'string' ? Date.parse(time) : Number.NaN,
    values: SINGLE_FIELDS.map((name) => termOf(name, lookedForValue(record, name))),
    findings,
    texts: lookedForTexts(record, telling),
  };
}

/** A value as its term has it; null for one that the field cannot have. */
function termOf(field: SingleField, value: unknown): string | null {
  switch (field) {
    case 'decision':
      return typeof value === 'boolean' ? String(value) : null;
    case 'revision':
      return Number.isSafeInteger(value) ? String(value) : null;
    default:
      return text(value);
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
