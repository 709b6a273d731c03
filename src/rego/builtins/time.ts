/**
 * `time.*` of Rego in UTC, with OPA's results: https://www.openpolicyagent.org/docs/policy-reference/builtins/time.
 * Moments are nanoseconds since 1970, between 1677 and 2262 as in OPA. JavaScript's numbers keep them to 256 ns,
 * and what is made here of a moment is in whole milliseconds.
 * A built-in that cannot answer throws, and the policy that called it is in error.
 */
const NS_PER_MS = 1_000_000;

/** What a number of nanoseconds may be off after its way through JavaScript, as a part of a millisecond. */
const ROUNDING_MS = 0.0005;

/** The first and the last millisecond that 64 bits of nanoseconds can name. */
const MS_MIN = -9_223_372_036_854;
const MS_MAX = 9_223_372_036_854;

const RFC3339 =
  /^(?<date>\d{4}-\d{2}-\d{2})T(?<hour>\d{1,2}):(?<minute>\d{2}):(?<second>\d{2})(?:[.,](?<fraction>\d+))?(?:Z|(?<sign>[+-])(?<offsetHour>\d{2}):(?<offsetMinute>\d{2}))$/;

function dateOf(moment: unknown): Date {
  const ns: unknown = Array.isArray(moment) ? momentInUtc(moment) : moment;
  if (typeof ns !== 'number' || !Number.isInteger(ns)) {
    throw new Error('time: expected whole nanoseconds as a number');
  }
  const rounding = Number.isSafeInteger(ns) ? 0 : ROUNDING_MS;
  return new Date(inRange(Math.floor(ns / NS_PER_MS + rounding), 'time'));
}

function momentInUtc([ns, zone = 'UTC', layout = '']: readonly unknown[]): unknown {
  if (zone !== '' && zone !== 'UTC')
    throw new Error(`time: the zone \`${String(zone)}\` is not supported, only UTC`);
  if (layout !== '')
    throw new Error(`time: the layout \`${String(layout)}\` is not supported, only RFC 3339`);
  return ns;
}

function inRange(ms: number, name: string): number {
  if (!(ms >= MS_MIN && ms <= MS_MAX)) throw new Error(`${name}: the moment is out of range`);
  return ms;
}

/** Milliseconds since 1970 of an RFC 3339 text; stricter than `Date.parse`, as Go is. */
export function parseRfc3339Ms(text: unknown): number {
  const parts = typeof text === 'string' ? RFC3339.exec(text)?.groups : undefined;
  if (parts === undefined) {
    throw new Error(`time.parse_rfc3339_ns: \`${String(text)}\` is not an RFC 3339 time`);
  }
  const part = (name: string): number => Number(parts[name] ?? 0);
  const midnight = new Date(`${parts['date'] ?? ''}T00:00:00Z`);
  // JavaScript takes 30 February as 1 March, and 24:00 as the next day.
  const real =
    !Number.isNaN(midnight.getTime()) &&
    midnight.toISOString().startsWith(parts['date'] ?? '') &&
    part('hour') <= 23 &&
    part('minute') <= 59 &&
    part('second') <= 59 &&
    part('offsetHour') <= 24 &&
    part('offsetMinute') <= 60;
  if (!real) throw new Error(`time.parse_rfc3339_ns: \`${String(text)}\` is not a real date`);
  const offsetMinutes = (part('offsetHour') * 60 + part('offsetMinute')) * (parts['sign'] === '-' ? -1 : 1);
  const seconds = (part('hour') * 60 + part('minute') - offsetMinutes) * 60 + part('second');
  const ms = Number((parts['fraction'] ?? '').slice(0, 3).padEnd(3, '0'));
  return inRange(midnight.getTime() + seconds * 1000 + ms, 'time.parse_rfc3339_ns');
}

const UNIT_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  '\u00b5s': 1e3,
  '\u03bcs': 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 24 * 3600e9,
  w: 7 * 24 * 3600e9,
  y: 365 * 24 * 3600e9,
};
const DURATION_PART = /(?=\.?\d)(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h|d|w|y)/y;

/** Go's `time.ParseDuration` with OPA's days, weeks and years of 365 days: `1h15m30.5s`, `30d`. */
function parseDurationNs(text: unknown): number {
  if (typeof text !== 'string') throw new Error('time.parse_duration_ns: expected a string');
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  const fault = new Error(
    `time.parse_duration_ns: \`${text}\` is not a duration such as \`36h\` or \`1h30m\``,
  );
  let sum = 0;
  let end = 0;
  while (end < body.length) {
    DURATION_PART.lastIndex = end;
    const [part, whole = '', fraction = '', unit = ''] = DURATION_PART.exec(body) ?? [];
    if (part === undefined) throw fault;
    const ns = UNIT_NS[unit] ?? Number.NaN;
    sum += Number(whole) * ns + Math.trunc(Number(`0.${fraction}0`) * ns);
    end += part.length;
  }
  if (end === 0 || sum >= 2 ** 63) throw fault;
  return text.startsWith('-') ? -sum : sum;
}

function addDate(moment: unknown, years: unknown, months: unknown, days: unknown): number {
  const [addedYears, addedMonths, addedDays] = [years, months, days].map((added) => {
    if (typeof added === 'number' && Number.isInteger(added)) return added;
    throw new Error('time.add_date: years, months and days must be whole numbers');
  }) as [number, number, number];
  const date = dateOf(moment);
  // Like Go, an overflowing day moves into the next month: 31 October plus one month is 1 December.
  date.setUTCFullYear(
    date.getUTCFullYear() + addedYears,
    date.getUTCMonth() + addedMonths,
    date.getUTCDate() + addedDays,
  );
  return inRange(date.getTime(), 'time.add_date') * NS_PER_MS;
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The built-ins by name; `nowMs` answers the moment that the decision is made for. */
export function timeBuiltins(nowMs: () => number): Readonly<Record<string, (...args: unknown[]) => unknown>> {
  return {
    'time.now_ns': () => nowMs() * NS_PER_MS,
    'time.parse_rfc3339_ns': (text) => parseRfc3339Ms(text) * NS_PER_MS,
    'time.parse_duration_ns': parseDurationNs,
    'time.add_date': addDate,
    'time.date': (moment) => {
      const date = dateOf(moment);
      return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    },
    'time.clock': (moment) => {
      const date = dateOf(moment);
      return [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
    },
    'time.weekday': (moment) => WEEKDAYS[dateOf(moment).getUTCDay()],
    // RFC3339Nano drops trailing zeros of the fraction, and the fraction itself when it is zero.
    'time.format': (moment) =>
      dateOf(moment)
        .toISOString()
        .replace(/(\.\d*?)0*Z$/, (_, fraction: string) => `${fraction === '.' ? '' : fraction}Z`),
  };
}
