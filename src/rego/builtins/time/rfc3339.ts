import { daysInMonth, daysOf, SECONDS_PER_DAY } from './calendar.js';
import { RFC3339, type Moment } from './go-layout.js';
import { parseTime } from './go-layout-parse.js';

const USUAL_RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** As `parseTime` with the layout of RFC 3339, and faster for what is usual. */
export function parseRfc3339(text: string): Moment {
  const found = USUAL_RFC3339.exec(text);
  if (found === null) return parseTime(RFC3339, text);
  const numbers = found.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const [year, month, day, hour, minute, second] = numbers;
  const [offsetHours, offsetMinutes] = [Number(found[9] ?? 0), Number(found[10] ?? 0)];
  const isReal =
    month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) && hour <= 23 && minute <= 59;
  if (!isReal || second > 59 || offsetHours > 23 || offsetMinutes > 59) return parseTime(RFC3339, text);
  const offset = (offsetHours * 60 + offsetMinutes) * 60 * (found[8] === '-' ? -1 : 1);
  const unix = daysOf(year, month, day) * SECONDS_PER_DAY + (hour * 60 + minute) * 60 + second - offset;
  return { unix, nanosecond: Number((found[7] ?? '').padEnd(9, '0')) };
}
