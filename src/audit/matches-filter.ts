import { lookedForTexts, lookedForValue, membersOf, tellingFindings, type Members } from './looked-for.js';
import type { RecordFilter } from './query.js';
import { domainsWithin, millisecondsOf } from './record-filter.js';
import { wordsOf } from './words.js';

const FINDING_MEMBERS = ['policy', 'layer', 'enforcement', 'outcome', 'waiver'] as const;

/** Whether a record that was parsed is what a filter asks for, without an index. A filter is prepared once for many. */
export function matcherOf(filter: RecordFilter): (record: unknown) => boolean {
  const { from, to, text, policy, layer, enforcement, outcome, waiver, within: _, ...single } = filter;
  const [fromMs, toMs] = [from, to].map((time) => (time === undefined ? undefined : millisecondsOf(time)));
  const words = text === undefined ? [] : wordsOf(text);
  const finding: Members = { policy, layer, enforcement, outcome, waiver };
  const asked = FINDING_MEMBERS.filter((name) => finding[name] !== undefined);
  const values = Object.entries<unknown>(single).filter(([, value]) => value !== undefined);
  const domains: ReadonlySet<unknown> = new Set(domainsWithin(filter));
  return (parsed) => {
    const record = membersOf(parsed);
    if (!isWithin(record['time'], fromMs, toMs)) return false;
    if (!values.every(([name, value]) => lookedForValue(record, name) === value)) return false;
    if (domains.size > 0 && !domains.has(record['domain']) && !domains.has(record['consumer_domain']))
      return false;
    if (asked.length > 0) {
      const like = (each: Members): boolean => asked.every((name) => each[name] === finding[name]);
      // An act counts as one finding.
      if (![...tellingFindings(record), actOf(record)].some(like)) return false;
    }
    if (words.length === 0) return true;
    const said = new Set(lookedForTexts(record, tellingFindings(record)).flatMap((each) => wordsOf(each)));
    return words.every((word) => said.has(word));
  };
}

function isWithin(time: unknown, fromMs: number | undefined, toMs: number | undefined): boolean {
  if (fromMs === undefined && toMs === undefined) return true;
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return (fromMs === undefined || ms >= fromMs) && (toMs === undefined || ms < toMs);
}

function actOf({ policy, layer, waiver }: Members): Members {
  return { policy, layer, waiver };
}
