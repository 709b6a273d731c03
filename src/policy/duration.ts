/** ISO 8601 durations, by the calendar of UTC. */

/** Pattern of a duration in JSON Schema: `P7D`, `PT36H`, `P1Y2M3W4DT5H6M7S`. */
export const DURATION_PATTERN =
  '^P(?=.)(\\d{1,4}Y)?(\\d{1,5}M)?(\\d{1,6}W)?(\\d{1,6}D)?(T(?=.)(\\d{1,7}H)?(\\d{1,8}M)?(\\d{1,9}S)?)?$';

const DURATION =
  /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const DAY_MS = 86_400_000;

/**
 * The time that lies a duration before another, both in Unix milliseconds: a month before March 31st is the last of
 * February.
 *
 * @throws RangeError for a text that is no duration
 */
export function beforeTime(duration: string, ms: number): number {
  return shifted(duration, ms, -1);
}

/** The time that lies a duration after another; a month after January 31st is the last of February. @throws RangeError */
export function afterTime(duration: string, ms: number): number {
  return shifted(duration, ms, 1);
}

function shifted(duration: string, ms: number, sign: 1 | -1): number {
  const match = DURATION.exec(duration);
  if (match === null) throw new RangeError(`\`${duration}\` is no duration such as \`P7D\` or \`PT12H\``);
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((digits: string | undefined) => Number(digits ?? 0));
  const then = new Date(ms);
  const month = then.getUTCFullYear() * 12 + then.getUTCMonth() + sign * (years * 12 + months);
  const [year, ofYear] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
  const lastDay = new Date(midnight(year, ofYear + 1, 0)).getUTCDate();
  const ofDay = ms - midnight(then.getUTCFullYear(), then.getUTCMonth(), then.getUTCDate());
  const rest = (weeks * 7 + days) * DAY_MS + hours * 3_600_000 + minutes * 60_000 + seconds * 1000;
  return midnight(year, ofYear, Math.min(then.getUTCDate(), lastDay)) + ofDay + sign * rest;
}

/** As `Date.UTC`, which takes the years 0 to 99 for those of the twentieth century. */
function midnight(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}
