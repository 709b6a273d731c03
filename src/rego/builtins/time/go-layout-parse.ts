import { byteTextOf } from '../bytes/bytes.js';
import { daysInMonth, daysOf, isLeapYear, SECONDS_PER_DAY } from './calendar.js';
import { MONTHS, piecesOf, SHORT_LENGTH, WEEKDAYS, type LayoutPiece, type Moment } from './go-layout.js';
import { isDigit, LayoutReader, mismatch, outOfRange } from './layout-reader.js';

/**
 * Go's `time.Parse` where the local zone is UTC: abbreviations of zones are read, and move nothing.
 *
 * @throws Error when the text does not have the layout, or names no moment
 */
export function parseTime(layout: string, text: string): Moment {
  const pieces = piecesOf(byteTextOf(layout));
  const reader = new LayoutReader(byteTextOf(text));
  const parts = new Parts();
  pieces.forEach((piece, index) => {
    reader.skip(piece.text);
    if (piece.part === undefined) reader.end();
    else readPart(reader, parts, piece, pieces[index + 1]);
  });
  return parts.moment();
}

/** What has been read, with Go's defaults. */
class Parts {
  year = 0;
  month: number | undefined;
  day: number | undefined;
  dayOfYear: number | undefined;
  hour = 0;
  minute = 0;
  second = 0;
  nanosecond = 0;
  morning = false;
  afternoon = false;
  isUtc = false;
  /** Seconds east of UTC. Go keeps "none" as -1, so that an offset of one second counts for nothing. */
  offset = -1;

  moment(): Moment {
    const { month, day } = this.#date();
    if (day < 1 || day > daysInMonth(this.year, month)) throw outOfRange('day');
    let { hour } = this;
    if (this.afternoon && hour < 12) hour += 12;
    else if (this.morning && hour === 12) hour = 0;
    const offset = this.isUtc || this.offset === -1 ? 0 : this.offset;
    const unix =
      daysOf(this.year, month, day) * SECONDS_PER_DAY + hour * 3600 + this.minute * 60 + this.second;
    return { unix: unix - offset, nanosecond: this.nanosecond };
  }

  #date(): { month: number; day: number } {
    const { year, month, day, dayOfYear } = this;
    if (dayOfYear === undefined) return { month: month ?? 1, day: day ?? 1 };
    if (dayOfYear < 1 || dayOfYear > (isLeapYear(year) ? 366 : 365)) throw outOfRange('day of the year');
    let rest = dayOfYear;
    let implied = 1;
    while (rest > daysInMonth(year, implied)) {
      rest -= daysInMonth(year, implied);
      implied += 1;
    }
    if ((month ?? implied) !== implied || (day ?? rest) !== rest) {
      throw new Error('the day of the year does not agree with the date');
    }
    return { month: implied, day: rest };
  }
}

function readPart(
  reader: LayoutReader,
  parts: Parts,
  piece: LayoutPiece,
  next: LayoutPiece | undefined,
): void {
  const part = piece.part ?? '';
  const read = READERS[part];
  if (read !== undefined) read(reader, parts, part);
  else if (part === '.0') parts.nanosecond = nanosecondsOf(reader.take(piece.digits + 1));
  else if (part === '.9') readFraction(reader, parts);
  else readOffset(reader, parts, part);
  // A fraction may follow the seconds without being in the layout.
  if ((part === '5' || part === '05') && !(next?.part ?? '').startsWith('.')) readFraction(reader, parts);
}

function isSeparator(character: string): boolean {
  return character === '.' || character === ',';
}

function readFraction(reader: LayoutReader, parts: Parts): void {
  if (!isSeparator(reader.peek()) || !isDigit(reader.peek(1))) return;
  parts.nanosecond = nanosecondsOf(reader.take(1 + reader.digitsAhead(1)));
}

/** Of a separator and digits, of which nine count. A sign may stand before them, as in Go. */
function nanosecondsOf(text: string): number {
  const [, sign = '', digits] = /^[.,]([+-]?)(\d*)$/.exec(text.slice(0, 10)) ?? [];
  if (digits === undefined) throw mismatch();
  const value = Number(digits) * 10 ** (10 - Math.min(text.length, 10));
  if (sign === '-' && value > 0) throw outOfRange('fraction');
  return value;
}

function readOffset(reader: LayoutReader, parts: Parts, part: string): void {
  if (part.startsWith('Z') && reader.peek() === 'Z') {
    reader.take(1);
    parts.isUtc = true;
    return;
  }
  const sign = reader.take(1);
  const numbers = [0, 0, 0];
  let index = 0;
  for (let at = 1; at < part.length; at += 2) {
    if (part[at] === ':') {
      if (reader.take(1) !== ':') throw mismatch();
      at += 1;
    }
    numbers[index] = reader.number(2, true);
    index += 1;
  }
  const [hours = 0, minutes = 0, seconds = 0] = numbers;
  if (hours > 24 || minutes > 60 || seconds > 60) throw outOfRange('offset');
  if (sign !== '+' && sign !== '-') throw mismatch();
  const offset = (hours * 60 + minutes) * 60 + seconds;
  parts.offset = sign === '-' ? -offset : offset;
}

/** An abbreviation such as `MST`, `GMT+3` or `-04`, passed without meaning; `UTC` alone says something. */
function readAbbreviation(reader: LayoutReader, parts: Parts): void {
  if (reader.startsWith('UTC')) parts.isUtc = true;
  const length = reader.left < 3 ? 0 : abbreviationLength(reader);
  if (length === 0) throw mismatch();
  reader.take(length);
}

function abbreviationLength(reader: LayoutReader): number {
  if (reader.startsWith('UTC')) return 3;
  if (reader.startsWith('ChST') || reader.startsWith('MeST')) return 4;
  if (reader.startsWith('GMT')) return 3 + signedHoursLength(reader, 3);
  if (reader.peek() === '+' || reader.peek() === '-') return signedHoursLength(reader, 0);
  let capitals = 0;
  while (capitals < 6 && /[A-Z]/.test(reader.peek(capitals))) capitals += 1;
  if (capitals === 5) return reader.peek(4) === 'T' ? 5 : 0;
  if (capitals === 4) return reader.peek(3) === 'T' || reader.startsWith('WITA') ? 4 : 0;
  return capitals === 3 ? 3 : 0;
}

function signedHoursLength(reader: LayoutReader, distance: number): number {
  if (reader.peek(distance) !== '+' && reader.peek(distance) !== '-') return 0;
  const digits = reader.digitsAhead(distance + 1);
  let hours = 0;
  for (let index = 1; index <= digits && hours <= 23; index += 1) {
    hours = hours * 10 + Number(reader.peek(distance + index));
  }
  return digits === 0 || hours > 23 ? 0 : 1 + digits;
}

type PartReader = (reader: LayoutReader, parts: Parts, part: string) => void;

const readMonth: PartReader = (reader, parts, part) => {
  parts.month = reader.numberBetween(1, 12, part === '01', 'month');
};

const readDay: PartReader = (reader, parts, part) => {
  if (part === '_2') reader.passBlanks(1);
  parts.day = reader.number(2, part === '02');
};

const readDayOfYear: PartReader = (reader, parts, part) => {
  if (part === '__2') reader.passBlanks(2);
  parts.dayOfYear = reader.number(3, part === '002');
};

const readTwelve: PartReader = (reader, parts, part) => {
  parts.hour = reader.numberBetween(0, 12, part === '03', 'hour');
};

const readMinute: PartReader = (reader, parts, part) => {
  parts.minute = reader.numberBetween(0, 59, part === '04', 'minute');
};

const readSecond: PartReader = (reader, parts, part) => {
  parts.second = reader.numberBetween(0, 59, part === '05', 'second');
};

const readHalf: PartReader = (reader, parts, part) => {
  const half = reader.take(2);
  const [morning, afternoon] = part === 'PM' ? ['AM', 'PM'] : ['am', 'pm'];
  if (half !== morning && half !== afternoon) throw mismatch();
  if (half === afternoon) parts.afternoon = true;
  else parts.morning = true;
};

const READERS: Readonly<Record<string, PartReader>> = {
  January(reader, parts) {
    parts.month = reader.name(MONTHS) + 1;
  },
  Jan(reader, parts) {
    parts.month = reader.name(MONTHS, SHORT_LENGTH) + 1;
  },
  '1': readMonth,
  '01': readMonth,
  Monday(reader) {
    reader.name(WEEKDAYS);
  },
  Mon(reader) {
    reader.name(WEEKDAYS, SHORT_LENGTH);
  },
  '2': readDay,
  _2: readDay,
  '02': readDay,
  __2: readDayOfYear,
  '002': readDayOfYear,
  '15'(reader, parts) {
    parts.hour = reader.numberBetween(0, 23, false, 'hour');
  },
  '3': readTwelve,
  '03': readTwelve,
  '4': readMinute,
  '04': readMinute,
  '5': readSecond,
  '05': readSecond,
  '2006'(reader, parts) {
    const year = reader.take(4);
    if (!/^\d{4}$/.test(year)) throw mismatch();
    parts.year = Number(year);
  },
  '06'(reader, parts) {
    const year = reader.take(2);
    // A sign may stand for the first digit, as in Go.
    if (!/^[\d+-]\d$/.test(year)) throw mismatch();
    parts.year = Number(year) + (Number(year) >= 69 ? 1900 : 2000);
  },
  PM: readHalf,
  pm: readHalf,
  MST: readAbbreviation,
};
