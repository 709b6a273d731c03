import { describe, expect, test } from 'vitest';
import { parseRfc3339Ms, timeBuiltins } from './time.js';

// What OPA 1.22.2 answers, from `rego.StrictBuiltinErrors(true)`.
const builtins = timeBuiltins(() => 1_700_000_000_123);
const call = (name: string, ...args: unknown[]): unknown => builtins[name]!(...args);

/** Nanoseconds of an ISO text. */
const at = (text: string): number => Date.parse(text) * 1_000_000;

test('time.now_ns is the moment of the decision', () => {
  expect(call('time.now_ns')).toBe(1_700_000_000_123_000_000);
});

describe('time.parse_rfc3339_ns', () => {
  test.each<[string, number]>([
    ['1970-01-01T00:00:00Z', 0],
    ['1969-12-31T23:59:59.999Z', -1_000_000],
    ['2024-02-29T00:00:00Z', at('2024-02-29T00:00:00Z')],
    ['2000-02-29T23:59:59Z', at('2000-02-29T23:59:59Z')],
    ['2024-02-29T00:00:00,5Z', at('2024-02-29T00:00:00.5Z')],
    ['2024-02-29T00:00:00.1234567891Z', at('2024-02-29T00:00:00.123Z')],
    ['2024-02-29T1:59:00Z', at('2024-02-29T01:59:00Z')],
    ['2024-02-29T00:00:00-00:00', at('2024-02-29T00:00:00Z')],
    ['2024-12-31T23:30:00-01:00', at('2025-01-01T00:30:00Z')],
    ['2024-03-01T00:30:00+05:45', at('2024-02-29T18:45:00Z')],
    ['2024-02-29T00:00:00+24:00', at('2024-02-28T00:00:00Z')],
    ['2262-04-11T23:47:16.854Z', 9_223_372_036_854_000_000],
    ['1677-09-21T00:12:44Z', -9_223_372_036_000_000_000],
  ])('%s', (text, ns) => {
    expect(call('time.parse_rfc3339_ns', text)).toBe(ns);
    expect(parseRfc3339Ms(text) * 1_000_000).toBe(ns);
  });

  test.each([
    ['29 February of a common year', '2023-02-29T00:00:00Z'],
    ['29 February of 1900', '1900-02-29T00:00:00Z'],
    ['30 February', '2024-02-30T00:00:00Z'],
    ['31 April', '2024-04-31T00:00:00Z'],
    ['day 0', '2024-01-00T00:00:00Z'],
    ['day 32', '2024-01-32T00:00:00Z'],
    ['month 0', '2024-00-01T00:00:00Z'],
    ['month 13', '2024-13-01T00:00:00Z'],
    ['24 hours', '2024-01-01T24:00:00Z'],
    ['60 minutes', '2024-01-01T00:60:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['an offset beyond a day', '2024-01-01T00:00:00+25:00'],
    ['after what 64 bits name', '2262-04-11T23:47:17Z'],
    ['before what 64 bits name', '1677-09-21T00:12:43Z'],
    ['the year 2999', '2999-12-31T00:00:00Z'],
    ['the year 0', '0000-01-01T00:00:00Z'],
  ])('refused: %s', (_, text) => {
    expect(() => call('time.parse_rfc3339_ns', text)).toThrow(/is not a real date|out of range/);
  });

  test.each([
    ['a date alone', '2024-02-29'],
    ['no zone', '2024-02-29T00:00:00'],
    ['small letters', '2024-02-29t00:00:00z'],
    ['a blank for the T', '2024-02-29 00:00:00Z'],
    ['an offset without colon', '2024-02-29T00:00:00+0100'],
    ['a dot without fraction', '2024-02-29T00:00:00.Z'],
    ['a year of five digits', '12024-02-29T00:00:00Z'],
    ['a line break after it', '2024-02-29T00:00:00Z\n'],
    ['nothing', ''],
    ['a number', 3],
    ['null', null],
  ])('refused: %s', (_, text) => {
    expect(() => call('time.parse_rfc3339_ns', text)).toThrow('is not an RFC 3339 time');
  });
});

describe('time.add_date', () => {
  test.each<[string, string, [number, number, number], string]>([
    ['nothing', '2024-02-29T12:34:56.789Z', [0, 0, 0], '2024-02-29T12:34:56.789Z'],
    ['a year after a leap day', '2024-02-29T00:00:00Z', [1, 0, 0], '2025-03-01T00:00:00Z'],
    ['four years after a leap day', '2024-02-29T00:00:00Z', [4, 0, 0], '2028-02-29T00:00:00Z'],
    ['a year before a leap day', '2024-02-29T00:00:00Z', [-1, 0, 0], '2023-03-01T00:00:00Z'],
    ['a month after 31 October', '2023-10-31T00:00:00Z', [0, 1, 0], '2023-12-01T00:00:00Z'],
    ['a month after 31 January', '2023-01-31T00:00:00Z', [0, 1, 0], '2023-03-03T00:00:00Z'],
    ['a month after 31 January of a leap year', '2024-01-31T00:00:00Z', [0, 1, 0], '2024-03-02T00:00:00Z'],
    ['a month before 31 March', '2023-03-31T00:00:00Z', [0, -1, 0], '2023-03-03T00:00:00Z'],
    ['over the end of the year', '2023-12-15T00:00:00Z', [0, 1, 0], '2024-01-15T00:00:00Z'],
    ['days over a leap day', '2024-02-28T00:00:00Z', [0, 0, 2], '2024-03-01T00:00:00Z'],
    ['ninety days', '2023-12-01T06:00:00Z', [0, 0, 90], '2024-02-29T06:00:00Z'],
    ['months and days back', '2023-10-31T00:00:00Z', [0, -13, -40], '2022-08-22T00:00:00Z'],
    ['from before 1970', '1969-12-31T23:59:59.999Z', [0, 0, 1], '1970-01-01T23:59:59.999Z'],
  ])('%s', (_, from, added, to) => {
    expect(call('time.add_date', at(from), ...added)).toBe(at(to));
  });

  test.each<[string, unknown[]]>([
    ['a part of a month', [at('2024-01-01T00:00:00Z'), 0, 1.5, 0]],
    ['text', [at('2024-01-01T00:00:00Z'), 0, '1', 0]],
    ['no moment', ['2024-01-01T00:00:00Z', 0, 1, 0]],
    ['beyond 2262', [at('2024-01-01T00:00:00Z'), 1000, 0, 0]],
    ['beyond what a date can be', [at('2024-01-01T00:00:00Z'), 0, 0, 1e15]],
    ['before 1677', [at('2024-01-01T00:00:00Z'), -400, 0, 0]],
  ])('refused: %s', (_, args) => {
    expect(() => call('time.add_date', ...args)).toThrow(/^time/);
  });
});

describe('time.date, time.clock, time.weekday, time.format', () => {
  test.each<[string, unknown, number[], number[], string, string]>([
    ['the epoch', 0, [1970, 1, 1], [0, 0, 0], 'Thursday', '1970-01-01T00:00:00Z'],
    [
      'a leap day',
      at('2024-02-29T23:59:59Z'),
      [2024, 2, 29],
      [23, 59, 59],
      'Thursday',
      '2024-02-29T23:59:59Z',
    ],
    ['before 1970', -1_000_000, [1969, 12, 31], [23, 59, 59], 'Wednesday', '1969-12-31T23:59:59.999Z'],
    ['a nanosecond before 1970', -1, [1969, 12, 31], [23, 59, 59], 'Wednesday', '1969-12-31T23:59:59.999Z'],
    [
      'a fraction',
      1_700_000_000_120_000_000,
      [2023, 11, 14],
      [22, 13, 20],
      'Tuesday',
      '2023-11-14T22:13:20.12Z',
    ],
    [
      'just before a full second',
      1_699_999_999_999_600_000,
      [2023, 11, 14],
      [22, 13, 19],
      'Tuesday',
      '2023-11-14T22:13:19.999Z',
    ],
    [
      'with UTC',
      [at('2024-12-31T00:00:00Z'), 'UTC'],
      [2024, 12, 31],
      [0, 0, 0],
      'Tuesday',
      '2024-12-31T00:00:00Z',
    ],
    [
      'with no zone',
      [at('2024-12-31T00:00:00Z'), ''],
      [2024, 12, 31],
      [0, 0, 0],
      'Tuesday',
      '2024-12-31T00:00:00Z',
    ],
  ])('%s', (_, moment, date, clock, weekday, text) => {
    expect(call('time.date', moment)).toEqual(date);
    expect(call('time.clock', moment)).toEqual(clock);
    expect(call('time.weekday', moment)).toBe(weekday);
    expect(call('time.format', moment)).toBe(text);
  });

  test('every millisecond survives its way through nanoseconds', () => {
    const start = Date.parse('2026-07-30T12:34:56Z');
    for (let ms = start; ms < start + 1000; ms += 1) {
      expect(call('time.add_date', ms * 1_000_000, 0, 0, 0)).toBe(ms * 1_000_000);
    }
  });

  test.each<[string, unknown]>([
    ['a part of a nanosecond', 1.5],
    ['beyond 64 bits', 1e30],
    ['no number', Number.NaN],
    ['text', '2024-01-01T00:00:00Z'],
    ['an empty list', []],
    ['another zone', [0, 'Europe/Berlin']],
    ['the zone of the machine', [0, 'Local']],
    ['a layout', [0, 'UTC', '2006-01-02']],
  ])('refused: %s', (_, moment) => {
    for (const name of ['time.date', 'time.clock', 'time.weekday', 'time.format']) {
      expect(() => call(name, moment)).toThrow(/^time: /);
    }
  });
});

describe('time.parse_duration_ns', () => {
  test.each<[string, number]>([
    ['0', 0],
    ['+0', 0],
    ['1ns', 1],
    ['1.5ns', 1],
    ['1us', 1000],
    ['1\u00b5s', 1000],
    ['1\u03bcs', 1000],
    ['1.5ms', 1_500_000],
    ['4.35s', 4_350_000_000],
    ['1.s', 1_000_000_000],
    ['.5h', 1_800_000_000_000],
    ['36h', 129_600_000_000_000],
    ['-1h15m30.5s', -4_530_500_000_000],
    ['1m1ms', 60_001_000_000],
    ['0.0000000001h', 360],
    ['3.000000000000000000001s', 3_000_000_000],
    ['1d', 86_400_000_000_000],
    ['1w', 604_800_000_000_000],
    ['1y', 31_536_000_000_000_000],
    ['1d12h', 129_600_000_000_000],
    ['1.5d', 129_600_000_000_000],
  ])('%s', (text, ns) => {
    expect(call('time.parse_duration_ns', text)).toBe(ns);
  });

  test.each([
    '',
    '+',
    '1',
    'h',
    '.h',
    '1h 1m',
    ' 1h',
    '1h\n',
    '1H',
    '1.2.3s',
    '--1h',
    '1h-1m',
    '1mo',
    '2562048h',
    3,
    null,
  ])('refused: %j', (text) => {
    expect(() => call('time.parse_duration_ns', text)).toThrow(/^time\.parse_duration_ns: /);
  });
});
