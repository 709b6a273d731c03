import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoText, regoValue } from '../testing/rego-arbitrary.js';
import { textsIn } from '../testing/texts.js';
import { unitBuiltins } from './units.js';

const agreement = opaAgreement(unitBuiltins);
afterAll(() => {
  agreement.close();
});

const TEXTS = textsIn(String.raw`
  "" "0" "10" "10K" "10k" "10KI" "10Ki" "10kI" "100m" "1000m" "1M" "1MI" "1mi" "1mI" "1e" "1E" "1e3" "1e3e"
  "1E3E" "1e+3k" "1e-3k" "1.5Gi" ".5g" "5.g" "0.000000000049" "0.00000000005" "-0.00000000005"
  "0.12345678905" "-1.5m" "+2k" "-0m" "1kb" "1KB" "1kib" "1KiB" "1MB" "1mb" "1PB" "1pib" "1EB" "1eib" "1tb"
  "1t" "1gib" "1b" "1bb" "0.3" "0.3kb" "1.7" "0.1tb" "1.1eb" "123456789012345678901234567890"
  "123456789012345678901234567890.9kb" "1e20" "1e55" "1e56" "1e100kb" "1e-27" "1e-28kb" "12345e-3kb" "1e300"
  "1e-300" "1e1000" "1e1000e" "e5" "k" "K" "\"10k\"" "1\"0k" " 10" "10 k" "10\tk" "--1" "1-" "1+2" "1e+"
  "1e-" "." "-." "1..2" "1.2.3" "1_0" "0x10" "1,5" "1\u212a" "1\u212ab" "1\u0130" "1K\u0130" "1k\u0130" "1Ki\u0307"
  "1\u017f" "1é" "é1" "1e0000001" "1e0000000" "1e000001" "1e9999999" "Infk" "infinity" "NaN" "010k" "1e1e1"
  "1e1.5"
`);

test.each(
  rowsOf({
    'units.parse': [...TEXTS, 1, null, ['1k']].map((text) => [text]),
    'units.parse_bytes': [...TEXTS, 1, null, ['1k']].map((text) => [text]),
  }),
)('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

test('agrees with OPA on any quantity', () => {
  const digits = fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), maxLength: 25 });
  const optional = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | ''> =>
    fc.oneof(fc.constant('' as const), some);
  const quantity = fc
    .tuple(
      fc.constantFrom('', '', '-', '+'),
      digits,
      optional(digits.map((decimals) => `.${decimals}`)),
      optional(fc.integer({ min: -400, max: 400 }).map((power) => `e${power}`)),
      fc.constantFrom(
        '',
        'k',
        'K',
        'Ki',
        'm',
        'M',
        'mi',
        'g',
        'Gi',
        'T',
        'ti',
        'p',
        'Pi',
        'e',
        'E',
        'Ei',
        'kb',
        'KiB',
        'mb',
        'gib',
        'eb',
        'x',
      ),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(quantity, (text) => {
      agreement.expectSame('units.parse', text);
      agreement.expectSame('units.parse_bytes', text);
    }),
    { numRuns: 300 },
  );
});

test('agrees with OPA on any text of what quantities are made of', () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from('019.+-eEkKmMiIb"\u212aİ')), maxLength: 7 });
  fc.assert(
    fc.property(fc.oneof(text, text, regoText(), regoValue(1)), (value) => {
      agreement.expectSame('units.parse', value);
      agreement.expectSame('units.parse_bytes', value);
    }),
    { numRuns: 200 },
  );
});

test.each(['1e5001', '1e-5001k', `${'1'.repeat(5001)}k`])(
  'a number too large to write out is refused: %s',
  (text) => {
    expect(() => unitBuiltins['units.parse']!(text)).toThrow(/beyond 5000|longer than 5000/);
    expect(() => unitBuiltins['units.parse_bytes']!(text)).toThrow(/beyond 5000|longer than 5000/);
  },
);
