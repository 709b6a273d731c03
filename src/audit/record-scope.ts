import { ForbiddenDomain, WitanError } from '../errors.js';
import { membersOf } from './looked-for.js';
import type { RecordFilter, StoredRecord } from './query.js';
import { domainsWithin, writeDomains } from './record-filter.js';

/**
 * Which records someone may see: all, or those of which one of these domains (at least one) owns or consumes what the
 * record is about. A domain is not the domains within it, and what has no domain is of none.
 */
export type RecordScope = 'all' | readonly string[];

/**
 * The filter, narrowed to a scope. What is asked for beyond it is refused rather than left out, so that nobody takes
 * the answer for all there is.
 *
 * INVARIANT: whatever the filter finds lies within the scope (`isInScope`).
 *
 * @throws WitanError `forbidden` when it asks for another domain
 */
export function filterInScope(filter: RecordFilter, scope: RecordScope): RecordFilter {
  if (scope === 'all') return filter;
  const { domain, consumer_domain: consumer } = filter;
  const isOwn = (each: string | undefined): boolean => each !== undefined && scope.includes(each);
  const beyond = domainsWithin(filter).filter((each) => !scope.includes(each));
  // What another domain owns may be asked for where one's own consumes it.
  if (domain !== undefined && !isOwn(domain) && !isOwn(consumer)) beyond.push(domain);
  const [another] = beyond;
  if (another !== undefined) {
    throw new ForbiddenDomain(wordsOf(`records of ${inWords(beyond)}`, scope), another);
  }
  return filter.within === undefined ? { ...filter, within: writeDomains(scope) } : filter;
}

/** Whether a record that was parsed lies within a scope. */
export function isInScope(record: unknown, scope: RecordScope): boolean {
  if (scope === 'all') return true;
  const { domain, consumer_domain: consumer } = membersOf(record);
  return scope.some((each) => each === domain || each === consumer);
}

/** @throws WitanError `forbidden` for a record that does not lie within the scope */
export function requireInScope({ bytes }: StoredRecord, scope: RecordScope): void {
  if (scope === 'all' || isInScope(JSON.parse(bytes.toString('utf8')), scope)) return;
  throw new WitanError('forbidden', wordsOf('this record', scope));
}

function wordsOf(what: string, scope: readonly string[]): string {
  const shown = scope.length === 1 ? 'that domain owns or consumes' : 'those domains own or consume';
  return `${what} cannot be seen with roles of ${inWords(scope)} alone, which show what ${shown}`;
}

function inWords(domains: readonly string[]): string {
  return domains.map((domain) => `\`${domain}\``).join(', ');
}
