import { brotliDecompressSync } from 'node:zlib';
import { dateOf, daysOf, isLeapYear, SECONDS_PER_DAY, weekdayOf } from './calendar.js';
import { zoneData } from './zone-data.js';

/**
 * Time zones as Go's tzdata has them, which OPA carries. JavaScript's own (`Intl`) do not do: they lack the
 * abbreviations, know less of the time before 1970, and change with the Node that happens to run, whereas a decision
 * must come out the same when it is verified years later.
 */
export interface Zone {
  /** @param unix seconds since 1970 */
  at(unix: number): ZoneTime;
}

/** What a zone's clocks show at some time. */
export interface ZoneTime {
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly abbreviation: string;
}

const UTC_TIME: ZoneTime = { offset: 0, abbreviation: 'UTC' };
export const UTC: Zone = { at: () => UTC_TIME };

/** Every year has the calendar of one of 28 that follow each other without a century among them. */
const CYCLE_YEARS = 28;

let histories: ReadonlyMap<string, string> | undefined;
const zones = new Map<string, Zone>([
  ['', UTC],
  ['UTC', UTC],
  // What the machine's clock shows must not decide, and OPA's own code in the toolchain has no other either.
  ['Local', UTC],
]);

/** @throws Error when there is no zone of that name; names count as written. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  histories ??= readHistories();
  const history = histories.get(name);
  if (history === undefined) throw new Error('the time zone is not known');
  const zone = new HistoricZone(history);
  zones.set(name, zone);
  return zone;
}

/** For each name what `HistoricZone` reads: see scripts/zone-data for the format. */
function readHistories(): ReadonlyMap<string, string> {
  const lines = brotliDecompressSync(Buffer.from(zoneData, 'base64')).toString().trimEnd().split('\n');
  return new Map(
    lines.flatMap((line) => {
      const bar = line.indexOf('|');
      const history = line.slice(bar + 1);
      return line
        .slice(0, bar)
        .split(' ')
        .map((name): [string, string] => [name, history]);
    }),
  );
}

class HistoricZone implements Zone {
  /** When each period starts, in seconds since 1970; the first is before all. */
  readonly #starts: number[] = [];
  readonly #times: ZoneTime[] = [];
  /** The first of the years whose periods repeat for ever; `undefined` when the last period has no end. */
  readonly #cycleStart: number | undefined;
  readonly #cycleEndsAt: number;

  constructor(history: string) {
    const [head = '', transitions = ''] = history.split('|');
    const [types = '', cycleStart] = head.split('*');
    const times = types.split(',').map((type): ZoneTime => {
      const [offset, abbreviation = ''] = type.split(' ');
      return { offset: Number(offset), abbreviation };
    });
    const [first = '', ...later] = transitions.split(' ');
    this.#add(-Infinity, times[Number.parseInt(first, 36)]);
    let start = 0;
    for (const transition of later) {
      const [delta = '', type = ''] = transition.split('.');
      start += Number.parseInt(delta, 36);
      this.#add(start, times[Number.parseInt(type, 36)]);
    }
    this.#cycleStart = cycleStart === undefined ? undefined : Number(cycleStart);
    this.#cycleEndsAt =
      this.#cycleStart === undefined
        ? Infinity
        : daysOf(this.#cycleStart + CYCLE_YEARS, 1, 1) * SECONDS_PER_DAY;
  }

  at(unix: number): ZoneTime {
    const moment = unix < this.#cycleEndsAt ? unix : this.#inCycle(unix);
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? Infinity) <= moment) low = middle;
      else high = middle;
    }
    return this.#times[low] ?? UTC_TIME;
  }

  #add(start: number, time: ZoneTime = UTC_TIME): void {
    this.#starts.push(start);
    this.#times.push(time);
  }

  /** The same moment of the year in the year of the cycle that has the same calendar. */
  #inCycle(unix: number): number {
    const { year } = dateOf(Math.floor(unix / SECONDS_PER_DAY));
    const newYear = daysOf(year, 1, 1);
    const isLeap = isLeapYear(year);
    for (let same = this.#cycleStart ?? year; ; same += 1) {
      const days = daysOf(same, 1, 1);
      if (weekdayOf(days) === weekdayOf(newYear) && isLeapYear(same) === isLeap) {
        return unix - (newYear - days) * SECONDS_PER_DAY;
      }
    }
  }
}
