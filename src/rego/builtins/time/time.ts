import { stringOperand, wrongOperand, type Builtins } from '../../builtin.js';
import { integerOf, integerValue, isNumber, numberText, type RegoValue } from '../../value.js';
import { daysInMonth, daysOf, SECONDS_PER_DAY, weekdayOf } from './calendar.js';
import { parseDuration } from './duration.js';
import {
  formatTime,
  RFC3339,
  RFC3339_NANO,
  wallTimeOf,
  WEEKDAYS,
  type Moment,
  type WallTime,
} from './go-layout.js';
import { parseTime } from './go-layout-parse.js';
import { int64Of } from '../operand.js';
import { parseRfc3339 } from './rfc3339.js';
import { UTC, zoneOf, type Zone } from './zones.js';

/**
 * `time.*` of Rego: https://www.openpolicyagent.org/docs/policy-reference/builtins/time. Moments are nanoseconds since
 * 1970 in 64 bits, so from 1677 to 2262.
 *
 * @param nowNs what the clock says
 */
export function timeBuiltins(nowNs: () => bigint): Builtins {
  return { 'time.now_ns': () => integerValue(nowNs()), ...CLOCKLESS };
}

const CLOCKLESS: Builtins = {
  'time.parse_ns'(layout, text) {
    const name = stringOperand(layout, 1);
    return nanosecondsOf(parseTime(LAYOUTS.get(name) ?? name, stringOperand(text, 2)));
  },
  'time.parse_rfc3339_ns': (text) => nanosecondsOf(parseRfc3339(stringOperand(text, 1))),
  'time.parse_duration_ns': (text) => integerValue(parseDuration(stringOperand(text, 1))),
  'time.format'(operand) {
    const { time, layout } = zonedOperand(operand, 1);
    return formatTime(time, layout === '' ? RFC3339_NANO : (LAYOUTS.get(layout) ?? layout));
  },
  'time.date'(operand) {
    const { year, month, day } = zonedOperand(operand, 1).time;
    return [year, month, day];
  },
  'time.clock'(operand) {
    const { hour, minute, second } = zonedOperand(operand, 1).time;
    return [hour, minute, second];
  },
  'time.weekday': (operand) => WEEKDAYS[weekdayOf(zonedOperand(operand, 1).time.days)],
  'time.add_date'(operand, years, months, days) {
    const { time, zone } = zonedOperand(operand, 1);
    return addDate(time, zone, summand(years, 2), summand(months, 3), summand(days, 4));
  },
  'time.diff'(a, b) {
    const first = zonedOperand(a, 1);
    return difference(first, zonedOperand(b, 2));
  },
};

/** The layouts that OPA knows by name. */
const LAYOUTS: ReadonlyMap<string, string> = new Map([
  ['ANSIC', 'Mon Jan _2 15:04:05 2006'],
  ['UnixDate', 'Mon Jan _2 15:04:05 MST 2006'],
  ['RubyDate', 'Mon Jan 02 15:04:05 -0700 2006'],
  ['RFC822', '02 Jan 06 15:04 MST'],
  ['RFC822Z', '02 Jan 06 15:04 -0700'],
  ['RFC850', 'Monday, 02-Jan-06 15:04:05 MST'],
  ['RFC1123', 'Mon, 02 Jan 2006 15:04:05 MST'],
  ['RFC1123Z', 'Mon, 02 Jan 2006 15:04:05 -0700'],
  ['RFC3339', RFC3339],
  ['RFC3339Nano', RFC3339_NANO],
]);

const NS_PER_SECOND = 1_000_000_000;
const NS_MIN = -(2n ** 63n);
const NS_MAX = 2n ** 63n - 1n;

function nanosecondsOf({ unix, nanosecond }: Moment): RegoValue {
  const ns = BigInt(unix) * BigInt(NS_PER_SECOND) + BigInt(nanosecond);
  if (ns < NS_MIN || ns > NS_MAX) throw outOfRange();
  return integerValue(ns);
}

function outOfRange(): Error {
  return new Error('the time is not between 1677 and 2262');
}

interface ZonedTime {
  readonly moment: Moment;
  readonly zone: Zone;
  readonly time: WallTime;
  readonly layout: string;
}

/** Nanoseconds, or a list of them and perhaps a zone and a layout. */
function zonedOperand(operand: RegoValue | undefined, position: number): ZonedTime {
  if (!Array.isArray(operand)) return zoned(momentOperand(operand, position), UTC, '');
  const [ns, name = '', layout = ''] = operand as readonly RegoValue[];
  const zone = zoneOf(stringOperand(name, position));
  return zoned(momentOperand(ns, position), zone, stringOperand(layout, position));
}

function zoned(moment: Moment, zone: Zone, layout: string): ZonedTime {
  return { moment, zone, time: wallTimeOf(moment, zone.at(moment.unix)), layout };
}

function momentOperand(operand: RegoValue | undefined, position: number): Moment {
  if (typeof operand === 'number' && Number.isSafeInteger(operand)) {
    const unix = Math.floor(operand / NS_PER_SECOND);
    return { unix, nanosecond: operand - unix * NS_PER_SECOND };
  }
  if (operand === undefined || !isNumber(operand)) throw wrongOperand(operand, position, 'number', 'array');
  const ns = integerOf(operand);
  if (ns === undefined || ns < NS_MIN || ns > NS_MAX) {
    throw new Error(`operand ${position} must be whole nanoseconds in 64 bits`);
  }
  const rest = Number(ns % BigInt(NS_PER_SECOND));
  const unix = Number(ns / BigInt(NS_PER_SECOND));
  return rest < 0 ? { unix: unix - 1, nanosecond: rest + NS_PER_SECOND } : { unix, nanosecond: rest };
}

/** Beyond this, days are not counted exactly; the moment would be none anyway. */
const SUMMAND_MAX = 10n ** 13n;

function summand(operand: RegoValue | undefined, position: number): number {
  if (typeof operand === 'number' && Number.isInteger(operand) && Math.abs(operand) <= SUMMAND_MAX)
    return operand;
  if (operand === undefined || !isNumber(operand)) throw wrongOperand(operand, position, 'number');
  const value = int64Of(numberText(operand));
  if (value === undefined) throw new Error(`operand ${position} must be a whole number of 64 bits`);
  if (value > SUMMAND_MAX || value < -SUMMAND_MAX) throw outOfRange();
  return Number(value);
}

/** More than there are moments before or after 1970. */
const DAYS_MAX = 110_000;

/** A month or day that the calendar does not have counts on: a month after 31 October is 1 December. */
function addDate(time: WallTime, zone: Zone, years: number, months: number, days: number): RegoValue {
  const month = time.month - 1 + months;
  const year = time.year + years + Math.floor(month / 12);
  const sum = daysOf(year, month - Math.floor(month / 12) * 12 + 1, time.day + days);
  if (Math.abs(sum) > DAYS_MAX) throw outOfRange();
  const local = sum * SECONDS_PER_DAY + time.hour * 3600 + time.minute * 60 + time.second;
  // Where clocks are changed, some times do not exist and others do twice: this is how Go chooses.
  const guess = zone.at(local).offset;
  const offset = guess === 0 ? 0 : zone.at(local - guess).offset;
  return nanosecondsOf({ unix: local - offset, nanosecond: time.nanosecond });
}

/** Years, months, days, hours, minutes and seconds between two times as the clocks of the first's zone show them. */
function difference(a: ZonedTime, b: ZonedTime): RegoValue {
  const second = b.zone === a.zone ? b : zoned(b.moment, a.zone, '');
  const [from, to] = isAfter(a.moment, second.moment) ? [second.time, a.time] : [a.time, second.time];
  const seconds = borrowing(to.second - from.second, 60);
  const minutes = borrowing(to.minute - from.minute - seconds.borrowed, 60);
  const hours = borrowing(to.hour - from.hour - minutes.borrowed, 24);
  const days = borrowing(to.day - from.day - hours.borrowed, daysInMonth(from.year, from.month));
  const months = borrowing(to.month - from.month - days.borrowed, 12);
  return [
    to.year - from.year - months.borrowed,
    ...[months, days, hours, minutes, seconds].map(({ rest }) => rest),
  ];
}

function isAfter(a: Moment, b: Moment): boolean {
  return a.unix > b.unix || (a.unix === b.unix && a.nanosecond > b.nanosecond);
}

/** A difference that is negative takes one of the next larger unit. */
function borrowing(value: number, unit: number): { rest: number; borrowed: number } {
  return value < 0 ? { rest: value + unit, borrowed: 1 } : { rest: value, borrowed: 0 };
}
