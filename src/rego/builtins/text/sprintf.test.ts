import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Decimal, objectOf, setOf, type RegoValue } from '../../value.js';
import { formatBuiltins } from './sprintf.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoNumber, regoText, regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(formatBuiltins);
afterAll(() => {
  agreement.close();
});

const BIG = 123456789123456789123n;
const float = (text: string): Decimal => new Decimal(text);

const CALLS: readonly (readonly [string, readonly RegoValue[]])[] = [
  ['', []],
  ['plain', []],
  ['100%', []],
  ['100%%', []],
  ['%s is %d years', ['Ann', 42]],
  ['%v %v %v %v', ['a', 1, 1.5, BIG]],
  [
    '%v %v %v %v %v',
    [
      null,
      true,
      [1, 'a'],
      setOf(['b', 1]),
      objectOf([
        ['k', float('1.0')],
        [1, setOf([])],
      ]),
    ],
  ],
  ['%s|%d|%t|%f|%q|%x', [null, true, false, [1], ['é"'], setOf([])]],
  ['%q', [['a\n\t\u0000\u007f\u200b\u{1f600}\u{e0001}\ufffd\\"']]],
  ['%q %+q %#q %#q %#+q', ['é"`', 'é😀\u0001', 'a"b', 'a`b', 'é']],
  ['%x %X % x %#x % #x % #X %.2x %8x %-8x| %08x', ['é€', 'é€', 'é€', 'é€', 'é€', 'é€', 'é€', 'a', 'a', 'a']],
  ['%x|% x|%5x|%-5x|%05x', ['', '', '', '', '']],
  ['%.1x %.3x %.5x', ['😀', 'a😀', 'aé😀b']],
  ['%5s|%-5s|%05s|%.2s|%5.1s|%-05s', ['é', 'é', 'é', 'é😀a', 'é😀a', 'a']],
  ['%d %5d %-5d| %05d %+d % d %+5d %x %X %#x %#X %o %#o %O %b %#b', Array<number>(16).fill(42)],
  ['%d %5d %-5d| %05d %+d % d %+5d %x %X %#x %#X %o %#o %O %b %#b', Array<number>(16).fill(-42)],
  ['%.0d|%5.0d|%.3d|%8.3d|%08.3d|%-8.3d|%+.3d|%#.3x|%#o|%#O', [0, 0, 7, 7, 7, 7, 7, 7, 0, 8]],
  ['%c %c %c %c %5c|%-5c|%05c', [65, 0x1f600, -1, 0xd800, 233, 233, 233]],
  ['%q %+q %q %q %q %8q', [39, 233, 0x110000, 10, 0x200b, 97]],
  ['%U %#U %#U %#10U %-10U| %010U %.6U %U %#.8U', [65, 65, 10, 0x1f600, 65, 65, 65, -1, 0xe000]],
  ['%d %s %v %x %X %o %O %b %#x %#X %#o %#b %+d % d', Array<bigint>(14).fill(BIG)],
  ['%40d|%-40d|%040d|%+.30d|%#40x|%#040x|%040.30d|% 040d', Array<bigint>(8).fill(-BIG)],
  ['%c %q %U %e %t %f %5c', Array<bigint>(7).fill(BIG)],
  ['%+v %#v %T %10T', [BIG, BIG, BIG, BIG]],
  ['%d %x %U %c', [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 62n]],
  ['%T %T %T %T %T %8T|%-8T|%.3T', [1, 'a', 1.5, BIG, null, 1, 1, 1]],
  ['%v %+v %#v %+v %#v %#v %+#v', ['é', 'é', 'é', 42, 42, 1.5, -1.5]],
  ['%f %F %e %E %g %G %v %b %x %X', Array<number>(10).fill(123456.789)],
  ['%f %3.1f %.3f %.0f %.0f %.0f %.1f', [float('0.0'), float('100.0'), float('0e0'), 0.5, 1.5, 2.5, 0.25]],
  ['%10.2f|%-10.2f|%010.2f|%+.2f|% .2f|%+010.2f|% 010.2f|%-010.2f|', Array<number>(8).fill(3.14159)],
  [
    '%g %g %g %g %g %g %.3g %.10g',
    [1e20, float('1e21'), 0.0001, 0.00001, float('100000.0'), float('1000000.0'), 1234567.5, 1234567.5],
  ],
  [
    '%#g %#.3g %#v %#f %#.0f %#e %#.0e %#x %#b %#g',
    [float('1.0'), float('1.0'), 1.5, 1.5, float('3.0'), 1.5, 1.5, 1.5, 1.5, float('0.0')],
  ],
  ['%x %.0x %.1x %.3x %.20x %X %x %x', [0.1, 1.5, 1.96875, 0.1, 0.1, 1e-7, float('0.0'), float('5e-324')]],
  ['%b %b %b', [float('1.0'), float('0.0'), 1e-7]],
  ['%.17g %.20f %.30e %.50g', [0.1, 0.1, 0.1, 1e-7]],
  ['%.15f %.16f %.17f %.1f %.2f', [0.1, 0.1, 0.1, 0.05, 1.005]],
  ['%v %f %d', [float('1e400'), float('1e400'), float('-1e400')]],
  ['%v %e %g', [float('1e-400'), float('5e-324'), float('1.7976931348623157e308')]],
  ['%d %d %d', [1.5, float('1.0'), float('1e2')]],
  ['%d %t %z %y %!', ['x', 'x', 'x', 1, 1]],
  ['%s %q %t', [1, 1.5, 1]],
  ['%5z|%05z|%+z|%#z|%.1z|%-5z', [1, 'a', 1, 1.5, 'abc', 1]],
  ['%é|%😀', [1, 'a']],
  ['%w %p %w', ['a', 'a', 1.5]],
  ['%d %d', [1]],
  ['%d', [1, 'a', 1.5, BIG, null]],
  ['', [1]],
  ['%', []],
  ['%', [1]],
  ['%5', [1]],
  ['%-', [1]],
  ['%.', [1]],
  ['%5.', [1]],
  ['%.d', [0]],
  ['%.*d', [3, 7]],
  ['%*d|%-*d|%0*d', [5, 1, 5, 2, 5, 3]],
  ['%*d', [-5, 1]],
  ['%.*f', [2, 1.25]],
  ['%.*f', [-2, 1.25]],
  ['%*d', ['a', 1]],
  ['%*d', [float('2.0'), 1]],
  ['%.*d', ['a', 1]],
  ['%*d', [1_000_001, 1]],
  ['%*d', [2n ** 62n, 1]],
  ['%*d', [5]],
  ['%*', [5]],
  ['%[2]d %[1]d', [1, 2]],
  ['%[2]d %d', [1, 2]],
  ['%[1]d %d %d', [1, 2]],
  ['%[3]d', [1, 2]],
  ['%[0]d %[-1]d %[x]d %[]d %[1d', [1]],
  ['%[]', [1]],
  ['%[', [1]],
  ['%[1', [1]],
  ['%[1]', [1]],
  ['%[0001]d %[00000000001]d %[10000000]d %[10000001]d %[100000000]d', [1]],
  ['%[2]*[1]d', [1, 5]],
  ['%[3]*.[2]*[1]f', [12.5, 2, 6]],
  ['%[1]5d %[1].2d', [7]],
  ['%[1][2]d', [7, 8]],
  ['%5[1]d %.2[1]d', [7]],
  ['%.[2]d %.[1]*d', [1, 2]],
  ['%[1]%', [1]],
  ['%1000000d', [1]],
  ['%1000001d %.99999999d', [1]],
  ['%.10000000', [1]],
  ['%é%d', [1, 2]],
];

test.each(rowsOf({ sprintf: CALLS }))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

test.each(
  rowsOf({
    sprintf: [
      ['%d', 1],
      [1, []],
      ['a', setOf([])],
      [null, []],
    ],
  }),
)('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

const VERBS = [...Array.from('vdsqxXfFgGeEtTboOcUzw%'), 'é'];
const optional = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(fc.constant(''), fc.constant(''), text);
const index = fc.constantFrom('[1]', '[2]', '[3]', '[9]', '[]', '[x]');
const size = fc.oneof(fc.integer({ min: 0, max: 25 }).map(String), fc.constant('*'), fc.constant(''));
const directive = fc
  .tuple(
    optional(fc.string({ unit: fc.constantFrom(...Array.from('+-# 0')), maxLength: 3 })),
    optional(index),
    optional(size),
    optional(size.map((text) => `.${text}`)),
    optional(index),
    fc.constantFrom(...VERBS),
  )
  .map((parts) => `%${parts.join('')}`);
const format = fc
  .array(fc.oneof(directive, directive, regoText(3)), { maxLength: 4 })
  .map((parts) => parts.join(''));
/** OPA has the address of a large number, or its inside, for these. */
const isDefined = (text: string, values: readonly RegoValue[]): boolean =>
  !/[pw]/.test(text) || !values.some((value) => typeof value === 'bigint');

test('agrees with OPA on any format and values', () => {
  const values = fc.array(fc.oneof(regoNumber(), regoText(5), regoValue(1)), { maxLength: 4 });
  fc.assert(
    fc.property(format, values, (text, list) => {
      fc.pre(isDefined(text, list));
      agreement.expectSame('sprintf', text, list);
    }),
    { numRuns: 200 },
  );
});

test('agrees with OPA on any float, whatever its digits are wanted for', () => {
  const double = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -4000, max: 4000 }).map((eighths) => eighths / 8 + 1 / 16),
    fc
      .tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: -25, max: 25 }))
      .map(([a, b]) => Number(`${a}e${b}`)),
  );
  fc.assert(
    fc.property(double, fc.integer({ min: 0, max: 22 }), (value, precision) => {
      const text = `%v %.${precision}f %.${precision}e %.${precision}g %#.${precision}g %.${precision}x %b %x %g`;
      const decimal = float(Number.isInteger(value) ? `${BigInt(value)}.0` : String(value));
      agreement.expectSame('sprintf', text, Array<RegoValue>(9).fill(decimal));
    }),
    { numRuns: 200 },
  );
});

test('agrees with OPA on any quoted text', () => {
  fc.assert(
    fc.property(regoText(20), (text) => {
      agreement.expectSame('sprintf', '%v %q %+q %#q %x', [[text], text, text, text, text]);
    }),
    { numRuns: 80 },
  );
});

test.each<[string, readonly RegoValue[]]>([
  ['%1000000d'.repeat(5), [1, 2, 3, 4, 5]],
  ['%[1]s'.repeat(5000), ['x'.repeat(1000)]],
])('a result longer than 4 MiB is refused: %.20s…', (text, values) => {
  expect(() => formatBuiltins['sprintf']!(text, values)).toThrow('longer than 4194304 characters');
});

test('a number beyond 64 bits has no address to be shown', () => {
  expect(() => formatBuiltins['sprintf']!('%p', [BIG])).toThrow('no format for the verb p');
});
