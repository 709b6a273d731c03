import { WitanError, type Fault } from '../errors.js';
import { ENFORCEMENT_LEVELS, FINDING_OUTCOMES, type RecordFilter } from './query.js';
import { RECORD_KINDS } from './record.js';
import { wordsOf } from './words.js';

/**
 * The grammar of record filters: the same names and values in the parameters of a URL, the flags of a command, saved
 * queries and requests. As text a filter is a URL's query: `decision=false&policy=retention`.
 */

/** Reads a member's text; what it may be instead is thrown as words. */
type ReadMember<Value> = (text: string) => Value;

/** A longer filter is refused as a whole. */
export const FILTER_CHARS_MAX = 8192;
const WORDS_MAX = 32;
const DOMAINS_MAX = 100;

class Expected extends Error {}

const someText: ReadMember<string> = (text) => text;

const oneOf =
  <Value extends string>(values: readonly Value[]): ReadMember<Value> =>
  (text) => {
    const found = values.find((value) => value === text);
    if (found === undefined)
      throw new Expected(`${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`);
    return found;
  };

const MEMBERS = {
  action: someText,
  caller: someText,
  code: someText,
  consumer_domain: someText,
  decision: (text) => oneOf(['true', 'false'])(text) === 'true',
  domain: someText,
  enforcement: oneOf(ENFORCEMENT_LEVELS),
  from: readTime,
  kind: oneOf(RECORD_KINDS),
  layer: someText,
  outcome: oneOf(FINDING_OUTCOMES),
  policy: someText,
  proposal: someText,
  resource: someText,
  revision: (text) => {
    if (!/^(0|[1-9]\d{0,14})$/.test(text)) throw new Expected('a whole number');
    return Number(text);
  },
  subject: someText,
  text: (text) => {
    const words = wordsOf(text).length;
    if (words === 0 || words > WORDS_MAX) throw new Expected(`1 to ${WORDS_MAX} words of letters and digits`);
    return text;
  },
  to: readTime,
  waiver: someText,
  within: readDomains,
} as const satisfies { readonly [Name in keyof Required<RecordFilter>]: ReadMember<RecordFilter[Name]> };

export type FilterName = keyof typeof MEMBERS;

// INVARIANT: in the order of the alphabet, which is that of the text that `writeFilter` makes.
export const FILTER_NAMES = Object.keys(MEMBERS) as readonly FilterName[];

/**
 * Reads a filter from names and texts.
 *
 * @throws WitanError `invalid_request` with every fault: a name that is unknown or given twice, a value that cannot be
 * one of its member. A filter that is misspelt would otherwise find more than was asked for.
 */
export function readFilter(parameters: Iterable<readonly [name: string, value: string]>): RecordFilter {
  const filter: Record<string, unknown> = {};
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    if (!isFilterName(name)) {
      const known = FILTER_NAMES.map((each) => `\`${each}\``).join(', ');
      faults.push({ message: `\`${name}\` is not known here; known are ${known}` });
    } else if (seen.has(name)) {
      faults.push({ message: `\`${name}\` is given more than once` });
    } else {
      seen.add(name);
      const read = readMember(name, value);
      if (read instanceof Expected) {
        faults.push({ message: `\`${name}\` is \`${value}\`; expected ${read.message}` });
      } else filter[name] = read;
    }
  }
  const [first] = faults;
  // INVARIANT: every member was read as what `RecordFilter` says of it.
  if (first === undefined) return filter;
  const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`;
  throw new WitanError('invalid_request', `${first.message}${more}`, { faults });
}

/** The filter as text: `decision=false&policy=retention`, names in the order of the alphabet. Equal filters have equal texts. */
export function writeFilter(filter: RecordFilter): string {
  const parameters = new URLSearchParams();
  for (const name of FILTER_NAMES) {
    const value = filter[name];
    if (value !== undefined) parameters.append(name, String(value));
  }
  return parameters.toString();
}

/** Reads the text of a filter. @throws WitanError `invalid_request` */
export function parseFilterText(text: string): RecordFilter {
  if (text.length > FILTER_CHARS_MAX) {
    throw new WitanError('invalid_request', `the query has more than ${FILTER_CHARS_MAX} characters`);
  }
  return readFilter(new URLSearchParams(text));
}

/** What both filters find. @throws WitanError `invalid_request` when they ask for different values of one member */
export function narrowFilter(filter: RecordFilter, further: RecordFilter): RecordFilter {
  const faults: Fault[] = [];
  for (const name of FILTER_NAMES) {
    const [one, other] = [filter[name], further[name]];
    if (one === undefined || other === undefined || one === other) continue;
    faults.push({ message: `\`${name}\` is \`${other}\`, but the query asks for \`${one}\` already` });
  }
  const [first] = faults;
  if (first !== undefined) throw new WitanError('invalid_request', first.message, { faults });
  return { ...filter, ...further };
}

/** The domains of `within`. */
export function domainsWithin({ within }: RecordFilter): readonly string[] {
  return within === undefined ? [] : within.split(',');
}

/** Domains as `within` has them: each once, in the order of their names. */
export function writeDomains(domains: readonly string[]): string {
  return [...new Set(domains)].sort().join(',');
}

/** Unix milliseconds of an RFC 3339 time; NaN for what is none. */
export function millisecondsOf(text: string): number {
  return RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

function readTime(text: string): string {
  if (Number.isNaN(millisecondsOf(text))) throw new Expected('an RFC 3339 time, as `2026-01-31T00:00:00Z`');
  return text;
}

const DOMAIN = /^[a-z][a-z0-9_]*(\/[a-z][a-z0-9_]*)*$/;

function readDomains(text: string): string {
  const domains = text.split(',');
  if (domains.length <= DOMAINS_MAX && domains.every((each) => DOMAIN.test(each)))
    return writeDomains(domains);
  throw new Expected(`1 to ${DOMAINS_MAX} domains parted by commas, such as \`finance/risk,sales\``);
}

function isFilterName(name: string): name is FilterName {
  return Object.hasOwn(MEMBERS, name);
}

function readMember(name: FilterName, value: string): unknown {
  try {
    if (value === '') throw new Expected('a value');
    return MEMBERS[name](value);
  } catch (thrown) {
    if (thrown instanceof Expected) return thrown;
    throw thrown;
  }
}
