import { dateOf, daysOf, SECONDS_PER_DAY, weekdayOf } from './calendar.js';
import type { ZoneTime } from './zones.js';

export const RFC3339 = '2006-01-02T15:04:05Z07:00';
export const RFC3339_NANO = '2006-01-02T15:04:05.999999999Z07:00';

/** A piece of a layout of Go's `time` package: text as it is, or what a part of the time stands for. */
export interface LayoutPiece {
  /** Text before the part. */
  readonly text: string;
  /** As in the layout, such as `2006`; `.0` and `.9` for fractions of any length; `undefined` at the end. */
  readonly part: string | undefined;
  /** Of a fraction. */
  readonly digits: number;
  /** Of a fraction: `.` or `,`. */
  readonly separator: string;
}

/** What stands for a part of the time, by its first character and in the order in which Go looks for it. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  J: ['January', 'Jan'],
  M: ['Monday', 'Mon', 'MST'],
  '0': ['01', '02', '03', '04', '05', '06', '002'],
  '1': ['15', '1'],
  '2': ['2006', '2'],
  _: ['_2', '__2'],
  '3': ['3'],
  '4': ['4'],
  '5': ['5'],
  P: ['PM'],
  p: ['pm'],
  '-': ['-070000', '-07:00:00', '-0700', '-07:00', '-07'],
  Z: ['Z070000', 'Z07:00:00', 'Z0700', 'Z07:00', 'Z07'],
};
/** Parts of a longer word, such as `Month`, stand for nothing. */
const NOT_BEFORE_SMALL_LETTER = new Set(['Jan', 'Mon']);
/** Go keeps the number of a fraction's digits in twelve bits. */
const FRACTION_DIGITS_MASK = 0xfff;

const LAYOUTS_MAX = 100;
const LAYOUT_LENGTH_TO_KEEP = 200;
const layouts = new Map<string, readonly LayoutPiece[]>();

/** The pieces of a layout; the last has no part. */
export function piecesOf(layout: string): readonly LayoutPiece[] {
  const known = layouts.get(layout);
  if (known !== undefined) return known;
  const pieces = readLayout(layout);
  if (layouts.size === LAYOUTS_MAX) layouts.clear();
  if (layout.length <= LAYOUT_LENGTH_TO_KEEP) layouts.set(layout, pieces);
  return pieces;
}

function readLayout(layout: string): readonly LayoutPiece[] {
  const pieces: LayoutPiece[] = [];
  let textStart = 0;
  let at = 0;
  while (at < layout.length) {
    const fraction = fractionLength(layout, at);
    const part = fraction > 0 ? `.${layout[at + 1] ?? ''}` : partAt(layout, at);
    if (part === undefined) {
      at += 1;
      continue;
    }
    pieces.push({
      text: layout.slice(textStart, at),
      part,
      digits: fraction & FRACTION_DIGITS_MASK,
      separator: layout[at] ?? '',
    });
    at += fraction > 0 ? fraction + 1 : part.length;
    textStart = at;
  }
  pieces.push({ text: layout.slice(textStart), part: undefined, digits: 0, separator: '' });
  return pieces;
}

function partAt(layout: string, at: number): string | undefined {
  // In `_2006` the underscore is text.
  if (layout.startsWith('_2006', at)) return undefined;
  return PARTS[layout[at] ?? '']?.find(
    (part) =>
      layout.startsWith(part, at) &&
      !(NOT_BEFORE_SMALL_LETTER.has(part) && /[a-z]/.test(layout[at + part.length] ?? '')),
  );
}

/** How many digits a fraction has, all 0 or all 9, after a point or comma; 0 when there is none. */
function fractionLength(layout: string, at: number): number {
  if (layout[at] !== '.' && layout[at] !== ',') return 0;
  const digit = layout[at + 1];
  if (digit !== '0' && digit !== '9') return 0;
  let end = at + 1;
  while (layout[end] === digit) end += 1;
  return /\d/.test(layout[end] ?? '') ? 0 : end - at - 1;
}

export const MONTHS: readonly string[] =
  'January February March April May June July August September October November December'.split(' ');
export const WEEKDAYS: readonly string[] = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(
  ' ',
);
export const SHORT_LENGTH = 3;

/** A moment: seconds since 1970, and nanoseconds after them. */
export interface Moment {
  readonly unix: number;
  readonly nanosecond: number;
}

/** A moment as the clocks of a zone show it. */
export interface WallTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** Days since 1970. */
  readonly days: number;
  readonly zone: ZoneTime;
}

export function wallTimeOf({ unix, nanosecond }: Moment, zone: ZoneTime): WallTime {
  const local = unix + zone.offset;
  const days = Math.floor(local / SECONDS_PER_DAY);
  const seconds = local - days * SECONDS_PER_DAY;
  const { year, month, day } = dateOf(days);
  const hour = Math.floor(seconds / 3600);
  const minute = Math.floor(seconds / 60) % 60;
  return { year, month, day, hour, minute, second: seconds % 60, nanosecond, days, zone };
}

/** INVARIANT: the year is from 1000 to 9999, which it is for all moments of Rego. */
export function formatTime(time: WallTime, layout: string): string {
  let text = '';
  for (const piece of piecesOf(layout)) text += piece.text + formatPart(time, piece);
  return text;
}

function formatPart(time: WallTime, { part, digits, separator }: LayoutPiece): string {
  if (part === undefined) return '';
  const format = FORMATS[part];
  if (format !== undefined) return format(time);
  return part.startsWith('.')
    ? fractionText(time.nanosecond, digits, separator, part === '.9')
    : offsetText(time.zone.offset, part);
}

const two = (value: number): string => String(value).padStart(2, '0');
const twelve = (hour: number): number => hour % 12 || 12;
const dayOfYear = ({ year, days }: WallTime): number => days - daysOf(year, 1, 1) + 1;

const FORMATS: Readonly<Record<string, (time: WallTime) => string>> = {
  January: ({ month }) => MONTHS[month - 1] ?? '',
  Jan: ({ month }) => (MONTHS[month - 1] ?? '').slice(0, SHORT_LENGTH),
  '1': ({ month }) => String(month),
  '01': ({ month }) => two(month),
  Monday: ({ days }) => WEEKDAYS[weekdayOf(days)] ?? '',
  Mon: ({ days }) => (WEEKDAYS[weekdayOf(days)] ?? '').slice(0, SHORT_LENGTH),
  '2': ({ day }) => String(day),
  _2: ({ day }) => String(day).padStart(2),
  '02': ({ day }) => two(day),
  __2: (time) => String(dayOfYear(time)).padStart(3),
  '002': (time) => String(dayOfYear(time)).padStart(3, '0'),
  '15': ({ hour }) => two(hour),
  '3': ({ hour }) => String(twelve(hour)),
  '03': ({ hour }) => two(twelve(hour)),
  '4': ({ minute }) => String(minute),
  '04': ({ minute }) => two(minute),
  '5': ({ second }) => String(second),
  '05': ({ second }) => two(second),
  '2006': ({ year }) => String(year),
  '06': ({ year }) => two(year % 100),
  PM: ({ hour }) => (hour >= 12 ? 'PM' : 'AM'),
  pm: ({ hour }) => (hour >= 12 ? 'pm' : 'am'),
  MST: ({ zone }) => zone.abbreviation,
};

function fractionText(nanosecond: number, digits: number, separator: string, trims: boolean): string {
  if (trims && (digits === 0 || nanosecond === 0)) return '';
  const shown = String(nanosecond).padStart(9, '0').slice(0, digits);
  const kept = trims ? shown.replace(/0+$/, '') : shown;
  return kept === '' && trims ? '' : separator + kept;
}

/** An offset as `-07`, `-0700`, `-07:00`, with seconds, or with `Z` for UTC when the part starts with it. */
function offsetText(offset: number, part: string): string {
  if (offset === 0 && part.startsWith('Z')) return 'Z';
  const minutes = Math.trunc(offset / 60);
  const distance = Math.abs(minutes);
  const colon = part.includes(':') ? ':' : '';
  const shape = part.slice(1).replaceAll(':', '');
  let text = `${minutes < 0 ? '-' : '+'}${two(Math.trunc(distance / 60))}`;
  if (shape.length > 2) text += colon + two(distance % 60);
  if (shape.length > 4) text += colon + two((minutes < 0 ? -offset : offset) % 60);
  return text;
}
