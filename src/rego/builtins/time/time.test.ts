import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { Decimal, floatOf, integerValue, type RegoNumber, type RegoValue } from '../../value.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoNumber, regoText, regoValue } from '../testing/rego-arbitrary.js';
import { timeBuiltins } from './time.js';

const agreement = opaAgreement(timeBuiltins(() => 0n));
afterAll(() => {
  agreement.close();
});

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
/** Nanoseconds of an ISO text. */
const at = (text: string, nanoseconds = 0n): RegoNumber =>
  integerValue(BigInt(Date.parse(text)) * 1_000_000n + nanoseconds);

const MOMENTS: readonly RegoValue[] = [
  0,
  -1,
  1_000_000_000,
  -1_000_000_001,
  at('2023-11-14T22:13:20Z', 123_456_789n),
  at('2024-02-29T23:59:59Z', 999_999_999n),
  at('1969-12-31T23:59:59.12Z'),
  at('2000-01-01T00:00:00Z', 1n),
  INT64_MAX,
  INT64_MIN,
  [at('2024-07-04T12:00:00Z'), 'Europe/Berlin'],
  [at('1880-07-04T12:00:00Z'), 'Europe/Amsterdam'],
  [at('2200-12-31T23:00:00Z'), 'America/New_York'],
  [at('2024-07-04T00:00:00Z'), 'Local'],
  [at('2024-07-04T00:00:00Z'), 'UTC'],
  [at('2024-07-04T00:00:00Z'), ''],
  [INT64_MAX, 'Pacific/Kiritimati'],
  [INT64_MIN, 'America/Adak'],
];

const NOT_MOMENTS: readonly RegoValue[] = [
  1.5,
  INT64_MAX + 1n,
  INT64_MIN - 1n,
  new Decimal('1e30'),
  new Decimal('0.1'),
  'text',
  null,
  [],
  ['0'],
  [0, 1],
  [0, 'UTC', 1],
  [1.5, 'UTC'],
  ...['Europe/Nowhere', 'europe/berlin', 'utc', '../UTC', '/UTC', '\\UTC', 'constructor', 'CEST', ' UTC'].map(
    (zone): RegoValue => [0, zone],
  ),
];

const LAYOUTS = [
  'ANSIC',
  'UnixDate',
  'RubyDate',
  'RFC822',
  'RFC822Z',
  'RFC850',
  'RFC1123',
  'RFC1123Z',
  'RFC3339',
  'RFC3339Nano',
  'Kitchen',
  'constructor',
  '',
  '2006-01-02',
  'Jan _2 15:04:05.000000000',
  'January 2, 2006 at 3:04pm (MST)',
  '3:04PM Monday Mon',
  'Month Mond Janu JanU',
  '002 __2 _2006 __2006 0022',
  '15h 4m 5s 1 01 2 02 06',
  '05.000 05,999 05.0000000000 05.9 05,0 05.09 05.99999999999',
  `05.${'0'.repeat(4096)} 05.${'9'.repeat(4097)}`,
  'Z070000 Z07:00:00 Z0700 Z07:00 Z07 -070000 -07:00:00 -0700 -07:00 -07 -7',
  'é 2006 😀',
];

/** What the layout gives for some moments, which is what it should read. */
const formatted = LAYOUTS.flatMap((layout) =>
  [at('2024-02-29T13:05:09Z', 120_000_000n), at('1999-12-31T00:00:00Z')].map((ns): RegoValue[] => [
    layout,
    agreement.opa('time.format', [ns, 'America/New_York', layout]) ?? '',
  ]),
);

describe('agrees with OPA', () => {
  test.each(
    rowsOf({
      ...Object.fromEntries(
        ['time.date', 'time.clock', 'time.weekday', 'time.format'].map((name) => [
          name,
          [...MOMENTS, ...NOT_MOMENTS].map((operand) => [operand]),
        ]),
      ),
      'time.now_ns': [[]],
    }),
  )('%s(%s)', (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  });

  test.each(LAYOUTS.map((layout) => [layout.slice(0, 60), layout]))('time.format by %s', (_, layout) => {
    for (const moment of MOMENTS) {
      const [ns = 0, zone = 'UTC']: readonly RegoValue[] = Array.isArray(moment) ? moment : [moment];
      agreement.expectSame('time.format', [ns, zone, layout]);
    }
  });

  test.each(rowsOf({ 'time.parse_ns': formatted }))('%s(%s)', (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  });

  test.each(
    rowsOf({
      'time.parse_ns': [
        ['2006-01-02 15:04:05', '2024-02-29 01:02:03.5'],
        ['2006-01-02 15:04:05', '2024-02-29 01:02:03,123456789123'],
        ['2006-01-02 15:04:05 .000', '2024-02-29 01:02:03 .5'],
        ['05.000', '01.+12'],
        ['05.000', '01.-12'],
        ['05.000', '01.-00'],
        ['05.0', '01.+'],
        ['05.000000000000', '01.123456789abc'],
        ['05.000000000000', '01.123456789éx'],
        [`05.${'0'.repeat(4096)}`, '01.'],
        ['2006', '+200'],
        ['2006', '0000'],
        ['06', '69'],
        ['06', '68'],
        ['06', '-5'],
        ['06', '+5'],
        ['06', '+-'],
        ['06 Jan 2', '00 FEB 29'],
        ['06 Jan 2', '01 feb 29'],
        ['06 January 2', '00 fEBRUARY 1'],
        ['06 January 2', '00 Feb 1'],
        ['06 Jan 2', '00 Fe'],
        ['06 Monday', '00 sUNDAY'],
        ['06 Mon', '00 Sun'],
        ['06 Mon', '00 Sux'],
        ['2006 002', '2023 060'],
        ['2006 002', '2024 060'],
        ['2006 002', '2024 366'],
        ['2006 002', '2023 366'],
        ['2006 002', '2023 000'],
        ['2006 002', '2023 60'],
        ['2006 __2', '2023  60'],
        ['2006 __2', '2023   6'],
        ['2006 01 002', '2023 03 060'],
        ['2006 01 002', '2023 02 060'],
        ['2006 02 002', '2023 01 060'],
        ['2006 02 002', '2023 00 060'],
        ['2006 15 PM', '2023 12 AM'],
        ['2006 15 PM', '2023 12 PM'],
        ['2006 15 PM', '2023 15 AM'],
        ['2006 3 pm', '2023 3 pm'],
        ['2006 3 pm', '2023 3 PM'],
        ['2006 03 PM pm', '2023 12 AM pm'],
        ['2006 03 PM pm', '2023 12 AM am'],
        ['2006 3', '2023 13'],
        ['2006 03', '2023 3'],
        ['2006 15', '2023 24'],
        ['2006 15', '2023 1'],
        ['2006 4', '2023 60'],
        ['2006 5', '2023 60'],
        ['2006   01', '2023 01'],
        ['2006 01', '2023    01'],
        ['2006 ', '2023'],
        ['2006', '2023 '],
        ['2006 _2', '2023  3'],
        ['2006 02', '2023  3'],
        ['2006 01', '2023 13'],
        ['2006 01', '2023 0'],
        ['2006 01', '2023 00'],
        ['2006 02', '2023 32'],
        ['2006 MST', '2023 UTC'],
        ['2006 MST', '2023 CET'],
        ['2006 MST', '2023 CEST'],
        ['2006 MST', '2023 CESX'],
        ['2006 MST', '2023 WITA'],
        ['2006 MST', '2023 ChST'],
        ['2006 MST', '2023 ABCDT'],
        ['2006 MST', '2023 ABCDE'],
        ['2006 MST', '2023 ABCDEF'],
        ['2006 MST', '2023 GMT'],
        ['2006 MST', '2023 GMT+3'],
        ['2006 MST', '2023 GMT-23'],
        ['2006 MST', '2023 GMT-24'],
        ['2006 MST', '2023 GMT+0000003'],
        ['2006 MST', '2023 GMT+'],
        ['2006 MST', '2023 +03'],
        ['2006 MST', '2023 -99999999999999999999'],
        ['2006 MST', '2023 +'],
        ['2006 MST', '2023 ab'],
        ['2006 MST -0700', '2023 UTC +0300'],
        ['2006 MST -0700', '2023 CET +0300'],
        ['2006 -070000', '2023 -000001'],
        ['2006 -070000', '2023 +000001'],
        ['2006 -07:00:00', '2023 +24:60:60'],
        ['2006 -07:00', '2023 +25:00'],
        ['2006 -07:00', '2023 +24:61'],
        ['2006 -07:00', '2023 03:00'],
        ['2006 -07:00', '2023 x03:00'],
        ['2006 -07:00', '2023 +03-00'],
        ['2006 -07', '2023 +3'],
        ['2006 Z07:00', '2023 Z'],
        ['2006 -07:00', '2023 Z'],
        ['2006 Z07', '2023 -11'],
        ['2006 Z0700', '2023 z'],
        ['2006 é', '2023 é'],
        ['2006 é', '2023 e'],
        ['1677-09-21T00:12:43.145224192Z', ''],
        ['2006-01-02T15:04:05.999999999Z07:00', '1677-09-21T00:12:43.145224192Z'],
        ['2006-01-02T15:04:05.999999999Z07:00', '1677-09-21T00:12:43.145224191Z'],
        ['2006-01-02T15:04:05.999999999Z07:00', '2262-04-11T23:47:16.854775807Z'],
        ['2006-01-02T15:04:05.999999999Z07:00', '2262-04-11T23:47:16.854775808Z'],
        ['', ''],
        ['', 'x'],
        [1, '2023'],
        ['2006', null],
      ],
      'time.parse_rfc3339_ns': [
        ...[
          '1970-01-01T00:00:00Z',
          '1969-12-31T23:59:59.999Z',
          '2024-02-29T00:00:00,5Z',
          '2024-02-29T00:00:00.1234567891Z',
          '2024-02-29T1:59:00Z',
          '2024-02-29T00:00:00-00:00',
          '2024-12-31T23:30:00-01:00',
          '2024-03-01T00:30:00+05:45',
          '2024-02-29T00:00:00+24:00',
          '2024-02-29T00:00:00+23:60',
          '2024-02-29T00:00:00+00:61',
          '2262-04-11T23:47:16.854775807Z',
          '2262-04-11T23:47:16.854775808Z',
          '1677-09-21T00:12:43.145224192Z',
          '1677-09-21T00:12:43.145224191Z',
          '2023-02-29T00:00:00Z',
          '1900-02-29T00:00:00Z',
          '2024-04-31T00:00:00Z',
          '2024-01-00T00:00:00Z',
          '2024-00-01T00:00:00Z',
          '2024-13-01T00:00:00Z',
          '2024-01-01T24:00:00Z',
          '2024-01-01T00:60:00Z',
          '2016-12-31T23:59:60Z',
          '2024-01-01T00:00:00+25:00',
          '2999-12-31T00:00:00Z',
          '0000-01-01T00:00:00Z',
          '2024-02-29',
          '2024-02-29T00:00:00',
          '2024-02-29t00:00:00z',
          '2024-02-29 00:00:00Z',
          '2024-02-29T00:00:00+0100',
          '2024-02-29T00:00:00.Z',
          '12024-02-29T00:00:00Z',
          '2024-02-29T00:00:00Z\n',
          '2024-02-29T00:00:00\u0660Z',
          '',
        ].map((text) => [text]),
        [3],
        [null],
      ],
      'time.parse_duration_ns': [
        ...[
          '0',
          '+0',
          '-0',
          '1ns',
          '1.5ns',
          '1us',
          '1\u00b5s',
          '1\u03bcs',
          '1.5ms',
          '4.35s',
          '1.s',
          '.5h',
          '36h',
        ],
        ...['-1h15m30.5s', '1m1ms', '0.0000000001h', '3.000000000000000000001s', '1d', '1w', '1y', '1d12h'],
        ...[
          '1.5d',
          '1.1w2d3h',
          '-1y',
          '+1d',
          '1d1\u00b5s',
          '1d1\u03bcs',
          '0.00000000000001d',
          '1e1d',
          '1.d',
          '.5d',
        ],
        ...['.d', '1.2.3d', '0d', 'd', '1D', '1d1x', '1d 1h', '106751d', '106752d', '292y', '293y'],
        ...[
          '9223372036854775807ns',
          '9223372036854775808ns',
          '-9223372036854775808ns',
          '-9223372036854775809ns',
        ],
        ...['-9223372036854775808ns9223372036854775808ns', '9223372036854775808ns9223372036854775808ns'],
        ...['00000000000000000000000001ns', '99999999999999999999ns', '1.99999999999999999999999999ns'],
        ...[
          '0.9223372036854775807h',
          '0.9223372036854775808h',
          '0.33333333333333333333h',
          '999999999999999999999999d',
        ],
        ...[
          '',
          '+',
          '-',
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
        ],
        ...['1constructor', '1wconstructor', '1\u00e9', '0 ', '1ys', '1wy'],
        ...[3, null],
      ].map((operand) => [operand]),
    }),
  )('%s(%s)', (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  });

  test.each(
    rowsOf({
      'time.add_date': [
        [at('2024-02-29T12:34:56.789Z', 1n), 0, 0, 0],
        [at('2024-02-29T00:00:00Z'), 1, 0, 0],
        [at('2024-02-29T00:00:00Z'), 4, 0, 0],
        [at('2023-10-31T00:00:00Z'), 0, 1, 0],
        [at('2024-01-31T00:00:00Z'), 0, 1, 0],
        [at('2023-03-31T00:00:00Z'), 0, -1, 0],
        [at('2024-02-28T00:00:00Z'), 0, 0, 2],
        [at('2023-10-31T00:00:00Z'), 0, -13, -40],
        [at('1969-12-31T23:59:59.999Z'), 0, 0, 1],
        // Clocks go forward at 02:00, and back at 03:00.
        [[at('2024-03-30T01:30:00Z'), 'Europe/Berlin'], 0, 0, 1],
        [[at('2024-10-26T00:30:00Z'), 'Europe/Berlin'], 0, 0, 1],
        [[at('2024-03-09T07:30:00Z'), 'America/New_York'], 0, 0, 1],
        [[at('2024-11-02T05:30:00Z'), 'America/New_York'], 0, 0, 1],
        [[at('2011-12-29T12:00:00Z'), 'Pacific/Apia'], 0, 0, 1],
        [[at('2024-04-06T02:30:00Z'), 'Australia/Lord_Howe'], 0, 0, 1],
        [[at('2261-03-30T01:30:00Z'), 'Europe/Berlin'], 1, 0, 0],
        [0, 1, new Decimal('2.0'), new Decimal('3.000')],
        [0, 1, new Decimal('2e0'), 0],
        [0, 1.5, 0, 0],
        [0, 0, '1', 0],
        [0, 0, 0, null],
        [0, 293, 0, 0],
        [0, -293, 0, 0],
        [0, 292, 3, 10],
        [0, 292, 3, 11],
        [0, -292, -3, -10],
        [0, -292, -3, -11],
        [0, 1_000_000, 0, -365_242_500],
        [0, 1_000_000, -12_000_000, 0],
        [0, 0, 0, INT64_MAX + 1n],
        [0, 0, 0, 1e13],
        ['2024-01-01T00:00:00Z', 0, 1, 0],
      ],
      'time.diff': [
        [0, 0],
        [at('2024-01-31T00:00:00Z'), at('2024-03-01T00:00:00Z')],
        [at('2023-01-31T00:00:00Z'), at('2023-03-01T00:00:00Z')],
        [at('2024-03-01T00:00:00Z'), at('2024-01-31T23:59:59Z', 1n)],
        [at('2024-01-01T00:00:00Z', 1n), at('2024-01-01T00:00:00Z')],
        [
          [at('2024-01-31T00:00:00Z'), 'Europe/Berlin'],
          [at('2024-07-01T00:00:00Z'), 'America/New_York'],
        ],
        [
          [at('2024-07-01T00:00:00Z'), 'America/New_York'],
          [at('2024-01-31T00:00:00Z'), 'Europe/Berlin'],
        ],
        [INT64_MIN, INT64_MAX],
        [0, 'x'],
        [null, 0],
        [0, [0, 'Nowhere']],
      ],
    }),
  )('%s(%s)', (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  });
});

/** Every zone that Go has, from the test below on. */
const zoneNames = await readZoneNames();

async function readZoneNames(): Promise<readonly string[]> {
  const { brotliDecompressSync } = await import('node:zlib');
  const { zoneData } = await import('./zone-data.js');
  return brotliDecompressSync(Buffer.from(zoneData, 'base64'))
    .toString()
    .trim()
    .split('\n')
    .flatMap((line) => (line.split('|')[0] ?? '').split(' '));
}

const moment = fc.oneof(
  fc.bigInt({ min: INT64_MIN, max: INT64_MAX }).map(integerValue),
  fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }).map(integerValue),
);
const zonedMoment = fc.oneof(moment, fc.tuple(moment, fc.constantFrom('Europe/Berlin', ...zoneNames)));
const layout = fc
  .array(
    fc.constantFrom(
      ...'January Jan 1 01 Monday Mon 2 _2 02 __2 002 15 3 03 4 04 5 05 2006 06 PM pm MST Z0700 Z07:00 Z07'.split(
        ' ',
      ),
      ...'Z070000 Z07:00:00 -0700 -07:00 -07 -070000 -07:00:00 .000 ,000000 .999999999 .0 ,9 : - T'.split(
        ' ',
      ),
      ' ',
      '  ',
    ),
    { maxLength: 7 },
  )
  .map((parts) => parts.join(''));

describe('agrees with OPA on any', () => {
  test('zone of Go, at any time', () => {
    expect(zoneNames).toHaveLength(598);
    for (const zone of zoneNames) {
      const [ns = 0] = fc.sample(moment, 1);
      agreement.expectSame('time.format', [ns, zone, '2006-01-02 15:04:05.999999999 -07:00:00 MST']);
    }
  });

  test('time, layout and text of it', () => {
    fc.assert(
      fc.property(moment, fc.constantFrom('UTC', ...zoneNames), layout, (ns, zone, pattern) => {
        const text = agreement.opa('time.format', [ns, zone, pattern]) as string;
        agreement.expectSame('time.format', [ns, zone, pattern]);
        agreement.expectSame('time.parse_ns', pattern, text);
        agreement.expectSame('time.parse_ns', pattern, `${text.slice(0, -1)}${text.slice(-1)}0`);
        agreement.expectSame('time.parse_ns', pattern, text.replace(/\d/, ' '));
      }),
      { numRuns: 250 },
    );
  });

  test('text of RFC 3339', () => {
    const two = fc.oneof(fc.integer({ min: 0, max: 61 }), fc.integer({ min: 0, max: 23 }));
    const text = fc
      .tuple(
        fc.integer({ min: 1670, max: 2270 }),
        two,
        two,
        two,
        two,
        two,
        fc.constantFrom('', '.5', ',25', '.'),
        two,
        two,
      )
      .map(
        ([year, month, day, hour, minute, second, fraction, hours, minutes]) =>
          `${year}-${pad((month % 13) + 0)}-${pad(day)}T${pad(hour)}:${pad(minute)}:${pad(second)}${fraction}` +
          (hours === 0 ? 'Z' : `${hours % 2 === 0 ? '+' : '-'}${pad(hours)}:${pad(minutes)}`),
      );
    fc.assert(
      fc.property(text, (given) => {
        agreement.expectSame('time.parse_rfc3339_ns', given);
      }),
      { numRuns: 200 },
    );
  });

  test('duration', () => {
    const unit = fc.constantFrom('ns', 'us', 'ms', 's', 'm', 'h', 'd', 'w', 'y', '');
    const number = fc.oneof(
      fc.integer({ min: 0, max: 400 }).map(String),
      fc.tuple(fc.nat(), fc.bigInt({ min: 0n, max: 10n ** 25n })).map(([whole, part]) => `${whole}.${part}`),
      fc.string({ unit: fc.constantFrom('0', '1', '2', '5', '9', '.'), maxLength: 6 }),
    );
    const duration = fc
      .tuple(fc.constantFrom('', '-', '+'), fc.array(fc.tuple(number, unit), { maxLength: 3 }))
      .map(([sign, parts]) => sign + parts.flat().join(''));
    fc.assert(
      fc.property(duration, (text) => {
        agreement.expectSame('time.parse_duration_ns', text);
      }),
      { numRuns: 300 },
    );
  });

  test('addition and difference', () => {
    const summand = fc.oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -4000, max: 4000 }));
    fc.assert(
      fc.property(zonedMoment, zonedMoment, summand, summand, summand, (a, b, years, months, days) => {
        agreement.expectSame('time.add_date', a, years % 100, months, days);
        agreement.expectSame('time.diff', a, b);
        agreement.expectSame('time.date', a);
        agreement.expectSame('time.clock', a);
        agreement.expectSame('time.weekday', b);
      }),
      { numRuns: 150 },
    );
  });

  test('value', () => {
    fc.assert(
      fc.property(regoValue(1), regoNumber(), regoText(), (value, number, text) => {
        agreement.expectSame('time.format', value);
        agreement.expectSame('time.date', number);
        // Beyond 64 bits of seconds Go goes round: see below.
        const isFar = Math.abs(floatOf(number)) > 1e11;
        agreement.expectSame('time.add_date', 0, 0, isFar ? 0 : number, 0);
        agreement.expectSame('time.parse_ns', text, text);
        agreement.expectSame('time.parse_duration_ns', text);
      }),
      { numRuns: 100 },
    );
  });
});

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

test('time.now_ns is the moment of the decision, to the nanosecond', () => {
  expect(timeBuiltins(() => 1_700_000_000_123_456_789n)['time.now_ns']!()).toBe(1_700_000_000_123_456_789n);
});

test('an addition beyond what Go counts in 64 bits fails, where Go goes round', () => {
  const days = 2n ** 57n;
  expect(agreement.opa('time.add_date', 0, 0, 0, days)).toBe(0);
  expect(() => timeBuiltins(() => 0n)['time.add_date']!(0, 0, 0, days)).toThrow('between 1677 and 2262');
});

test('a failure says what is wrong, and no value', () => {
  const { 'time.parse_ns': parse, 'time.format': format } = timeBuiltins(() => 0n);
  expect(() => parse!('2006', 'secret')).toThrow(/^the time does not have the layout$/);
  expect(() => format!([0, 'Secret/Zone'])).toThrow(/^the time zone is not known$/);
  expect(() => format!('secret')).toThrow(/^operand 1 must be number or array but is string$/);
});
