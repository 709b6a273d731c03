import type { PoliciesInForce } from './in-force.js';
import { GLOBAL, layerChain, type Layer } from './layer.js';

/** How long a layer wants records kept: an ISO 8601 duration such as `P7Y`. */
export interface Retention {
  readonly layer: Layer;
  readonly duration: string;
}

/**
 * What decides how long a record is kept: the longest of what the layers say that its domains lie under. A layer that
 * says nothing asks for nothing; where none says anything, records are kept for good (`undefined`).
 *
 * @param domains the owning and the consuming domain of the record; none for an act of the mesh
 * @param nowMs Unix time in milliseconds; months and years are those before it
 */
export function retentionOf(
  { layers }: Pick<PoliciesInForce, 'layers'>,
  domains: readonly string[],
  nowMs: number,
): Retention | undefined {
  const chain = new Set<Layer>([GLOBAL, ...domains.flatMap(layerChain)]);
  let longest: Retention | undefined;
  for (const layer of chain) {
    const duration = layers.get(layer)?.manifest.audit?.retention;
    if (duration === undefined) continue;
    if (longest === undefined || beforeNow(duration, nowMs) < beforeNow(longest.duration, nowMs)) {
      longest = { layer, duration };
    }
  }
  return longest;
}

const DURATION = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$/;
const DAY_MS = 86_400_000;

/**
 * The time that lies a duration (ISO 8601, of years, months, weeks and days) before another, both in Unix milliseconds,
 * by the calendar of UTC: a month before March 31st is the last of February.
 *
 * @throws RangeError for a text that is no such duration
 */
export function beforeNow(duration: string, nowMs: number): number {
  const match = DURATION.exec(duration);
  if (match === null) throw new RangeError(`\`${duration}\` is no duration of years, months, weeks and days`);
  const [years = 0, months = 0, weeks = 0, days = 0] = match
    .slice(1)
    .map((digits: string | undefined) => Number(digits ?? 0));
  const now = new Date(nowMs);
  const month = now.getUTCFullYear() * 12 + now.getUTCMonth() - years * 12 - months;
  const [year, ofYear] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
  const lastDay = new Date(midnight(year, ofYear + 1, 0)).getUTCDate();
  const ofDay = nowMs - midnight(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return midnight(year, ofYear, Math.min(now.getUTCDate(), lastDay)) + ofDay - (weeks * 7 + days) * DAY_MS;
}

/** As `Date.UTC`, which takes the years 0 to 99 for those of the twentieth century. */
function midnight(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}
