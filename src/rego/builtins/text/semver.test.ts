import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { semverBuiltins } from './semver.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoValue } from '../testing/rego-arbitrary.js';
import { textsIn } from '../testing/texts.js';

const agreement = opaAgreement(semverBuiltins);
afterAll(() => {
  agreement.close();
});

const TEXTS = textsIn(String.raw`
  "0.0.0" "1.2.3" "v1.2.3" "1.2.3-rc.1" "1.2.3-rc.1+build.5" "1.2.3+001" "1.2.3--" "1.2.3-0a" "1.2.3-a-b.-c"
  "1.2.3+a-b" "" "1" "1.2" "1.2.3.4" "01.2.3" "1.2.03" "1.2.3-01" "1.2.3-0" "1.2.3-00" "1.2.3-" "1.2.3+"
  "1.2.3-+a" "1.2.3-a+" "1.2.3-a..b" "1.2.3-.a" "1.2.3-a." "1.2.3+a+b" "1.2.3+a..b" "1.2.3-\u00fc" "-1.2.3"
  "+1.2.3" "1.-2.3" "1.2.+3" "vv1.2.3" "V1.2.3" "v" "v 1.2.3" "=1.2.3" " 1.2.3" "1.2.3 " "1.2.3\n"
  "1.2.3-a\n" "9223372036854775807.0.0" "9223372036854775808.0.0" "99999999999999999999.0.0"
  "1.2.3-99999999999999999999" "1.2.3-0.99999999999999999999" "1\u0663.0.0"
`);

test.each(rowsOf({ 'semver.is_valid': [...TEXTS, 3, null, ['1.2.3']].map((text) => [text]) }))(
  '%s(%s) agrees with OPA',
  (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  },
);

// The order of semver.org, section 11.
const ASCENDING = textsIn(String.raw`
  "1.0.0-1" "1.0.0-9223372036854775807" "1.0.0-A" "1.0.0-alpha" "1.0.0-alpha.1" "1.0.0-alpha.2"
  "1.0.0-alpha.10" "1.0.0-alpha.beta" "1.0.0-rc.1" "1.0.0" "1.9.9" "v1.10.0" "2.0.0-0" "10.0.0"
  "9223372036854775807.0.0"
`);

test('semver.compare orders each with each, as OPA does', () => {
  ASCENDING.forEach((a, i) => {
    ASCENDING.forEach((b, j) => {
      expect([a, b, semverBuiltins['semver.compare']!(a, b)]).toEqual([a, b, Math.sign(i - j)]);
      agreement.expectSame('semver.compare', a, b);
    });
  });
});

test.each(
  rowsOf({
    'semver.compare': [
      ['1.0.0+a', 'v1.0.0+b'],
      ['1.0.0-a+a', '1.0.0-a+b'],
      ['2.0', '1.0.0'],
      ['1.0.0', 'latest'],
      [3, '1.0.0'],
      ['1.0.0', null],
      ['1.0.0-99999999999999999999', '1.0.0-9223372036854775806'],
      ['1.0.0-99999999999999999999.b', '1.0.0-99999999999999999998.a'],
    ],
  }),
)('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

test('numbers beyond 64 bits in a pre-release count as the same, over which OPA never ends', () => {
  expect(semverBuiltins['semver.compare']!('1.0.0-99999999999999999999', '1.0.0-99999999999999999998')).toBe(
    0,
  );
});

test('agrees with OPA on any versions', () => {
  const number = fc.constantFrom('0', '1', '2', '10', '01', '');
  const identifier = fc.string({ unit: fc.constantFrom(...Array.from('01aB-')), maxLength: 3 });
  const identifiers = (mark: string): fc.Arbitrary<string> =>
    fc.oneof(
      fc.constant(''),
      fc.array(identifier, { minLength: 1, maxLength: 3 }).map((parts) => `${mark}${parts.join('.')}`),
    );
  const version = fc
    .tuple(
      fc.constantFrom('', 'v'),
      fc.constantFrom('1', '1', '2'),
      number,
      number,
      identifiers('-'),
      identifiers('+'),
    )
    .map(([v, major, minor, patch, pre, build]) => `${v}${major}.${minor}.${patch}${pre}${build}`);
  fc.assert(
    fc.property(version, version, (a, b) => {
      agreement.expectSame('semver.is_valid', a);
      agreement.expectSame('semver.compare', a, b);
    }),
    { numRuns: 250 },
  );
});

test('agrees with OPA on any value', () => {
  fc.assert(
    fc.property(regoValue(1), (value) => {
      agreement.expectSame('semver.is_valid', value);
      agreement.expectSame('semver.compare', value, '1.0.0');
    }),
    { numRuns: 40 },
  );
});

test('a failure names the operand, no value', () => {
  expect(() => semverBuiltins['semver.compare']!('1.0.0', 'latest')).toThrow(
    /^operand 2 must be a semantic version$/,
  );
});
