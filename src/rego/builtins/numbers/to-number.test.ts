import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { compareValues, numberOf } from '../../value.js';
import { opaAgreement, rowsOf, type Calls } from '../testing/opa-agreement.js';
import { regoText, regoValue } from '../testing/rego-arbitrary.js';
import { toNumberBuiltins } from './to-number.js';

const agreement = opaAgreement(toNumberBuiltins);
afterAll(() => {
  agreement.close();
});

const CASES: Calls = {
  to_number: [
    ...[null, true, false, 1, 1.5, 2n ** 70n, numberOf('1e400'), [], 'x'].map((value) => [value]),
    ...['0', '-1', '12', '1.5', '1.50', '-0', '9007199254740993', '123456789.123456789123456789'],
    ...['1e3', '1E+3', '1.5e-3', '1e308', '1e309', '-1e309', '1e-400', '0e99999'],
    ...[
      '',
      '-',
      '.',
      '+',
      '.e1',
      '1e',
      '1e+',
      ' 1',
      '1 ',
      '1,5',
      '1.2.3',
      '--1',
      'e1',
      '１',
      '0x',
      '0x1',
      '0b1',
    ],
    ...[
      'inf',
      '-Inf',
      '+Infinity',
      'nan',
      '-NaN',
      'infinit',
      '_1',
      '1_',
      '1__0',
      '1_.5',
      '1._5',
      '1e_5',
      '0_x1p1',
    ],
  ].map((value) => (Array.isArray(value) ? value : [value])),
};

test.each(rowsOf(CASES))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

// OPA keeps their text, which JSON and the module could not read.
test.each([
  ['+5', '5'],
  ['007', '7'],
  ['-007.5', '-7.5'],
  ['.5', '0.5'],
  ['-.5e1', '-5'],
  ['5.', '5'],
  ['5.e1', '50'],
  ['1_000.5_0', '1000.5'],
  ['1e1_0', '10000000000'],
  ['0x1p4', '16'],
  ['-0X.8p-1', '-0.25'],
  ['0x_1.8p1', '3'],
  ['0x0p0', '0'],
])('%s is the number %s, written as JSON can', (text, number) => {
  const value = toNumberBuiltins['to_number']!(text)!;
  expect(compareValues(value, numberOf(number))).toBe(0);
});

test('agrees with OPA on any text of a number', () => {
  const text = fc.stringMatching(/^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?$/);
  fc.assert(
    fc.property(text, (number) => {
      agreement.expectSame('to_number', number);
    }),
    { numRuns: 200 },
  );
});

test('agrees with OPA on any other value', () => {
  const text = regoText().filter((value) => !/^[-+\d._]/.test(value));
  const other = fc.oneof(
    text,
    regoValue(1).filter((value) => typeof value !== 'string'),
  );
  fc.assert(
    fc.property(other, (value) => {
      agreement.expectSame('to_number', value);
    }),
    { numRuns: 100 },
  );
});

test('refuses numbers that nothing could be computed with', () => {
  for (const text of ['1e-99999999999', '0x1p-99999', '0x1p1024']) {
    expect(() => toNumberBuiltins['to_number']!(text)).toThrow('too large or too small');
  }
});
