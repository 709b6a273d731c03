import { isObject } from '../document/json.js';
import type { RecordFilter } from './query.js';
import { millisecondsOf } from './record-filter.js';
import { wordsOf } from './words.js';

type Members = Readonly<Record<string, unknown>>;

const FINDING_MEMBERS = ['policy', 'layer', 'enforcement', 'outcome', 'waiver'] as const;

/** Whether a record that was parsed is what a filter asks for, without an index. A filter is prepared once for many. */
export function matcherOf(filter: RecordFilter): (record: unknown) => boolean {
  const { from, to, text, policy, layer, enforcement, outcome, waiver, ...single } = filter;
  const [fromMs, toMs] = [from, to].map((time) => (time === undefined ? undefined : millisecondsOf(time)));
  const words = text === undefined ? [] : wordsOf(text);
  const finding: Members = { policy, layer, enforcement, outcome, waiver };
  const asked = FINDING_MEMBERS.filter((name) => finding[name] !== undefined);
  const values = Object.entries<unknown>(single).filter(([, value]) => value !== undefined);
  return (parsed) => {
    const record = objectOf(parsed);
    if (!isWithin(record['time'], fromMs, toMs)) return false;
    if (!values.every(([name, value]) => valueOf(record, name) === value)) return false;
    if (asked.length > 0) {
      const like = (each: Members): boolean => asked.every((name) => each[name] === finding[name]);
      if (!findingsOf(record).some(like)) return false;
    }
    if (words.length === 0) return true;
    const said = new Set(textsOf(record).flatMap((each) => wordsOf(each)));
    return words.every((word) => said.has(word));
  };
}

function isWithin(time: unknown, fromMs: number | undefined, toMs: number | undefined): boolean {
  if (fromMs === undefined && toMs === undefined) return true;
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return (fromMs === undefined || ms >= fromMs) && (toMs === undefined || ms < toMs);
}

/** The one value that a record has of a member of filters. */
function valueOf(record: Members, name: string): unknown {
  const evaluation = objectOf(record['evaluation']);
  switch (name) {
    case 'subject':
    case 'resource':
      return objectOf(evaluation[name])['id'];
    case 'action':
      return objectOf(evaluation['action'])['name'];
    case 'caller':
      return objectOf(record['caller'])['id'];
    default:
      return record[name];
  }
}

/** The findings that said something, and an act as one. */
function findingsOf(record: Members): readonly Members[] {
  const act = { policy: record['policy'], layer: record['layer'], waiver: record['waiver'] };
  return [...listOf(record['findings']).filter(saysSomething), act];
}

function saysSomething({ outcome, obligations, advice }: Members): boolean {
  return (typeof outcome === 'string' && outcome !== 'abstain') || isFilled(obligations) || isFilled(advice);
}

/** The texts that a reason is looked for in. */
function textsOf(record: Members): readonly string[] {
  const findings = listOf(record['findings']).filter(saysSomething);
  const said = [
    ...[...listOf(record['reasons']), ...listOf(record['advice'])].map(({ message }) => message),
    ...findings.flatMap(({ error, denials }) => [error, ...listOf(denials).map(({ message }) => message)]),
    record['reason'],
  ];
  return said.filter((text) => typeof text === 'string');
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function listOf(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function objectOf(value: unknown): Members {
  return isObject(value) ? value : {};
}
