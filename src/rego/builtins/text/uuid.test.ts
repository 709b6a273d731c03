import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { RegoValue } from '../../value.js';
import { opaAgreement } from '../testing/opa-agreement.js';
import { regoText, regoValue } from '../testing/rego-arbitrary.js';
import { uuidBuiltins } from './uuid.js';

const agreement = opaAgreement(uuidBuiltins);
afterAll(() => {
  agreement.close();
});

const VALUES: readonly RegoValue[] = [
  '00000000-0000-4000-8000-000000000000',
  'c2fc67c2-47f2-11ee-b67a-9f3619c7493f',
  'C2FC67C2-47F2-11EE-B67A-9F3619C7493F',
  '000003e8-48b9-21ee-b200-325096b39f47',
  '000003e8-48b9-21ee-b202-325096b39f47',
  '000003e8-48b9-21ee-b207-315096b39f47',
  '6bea8ef2-d3d3-3cd1-84e0-9bab06a52ece',
  '00000000-0000-5cd1-04e0-9bab06a52ece',
  '00000000-0000-fcd1-f4e0-9bab06a52ece',
  '00000000-0000-7cd1-c4e0-9bab06a52ece',
  'ffffffff-ffff-1fff-ffff-ffffffffffff',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '00000000-0000-1000-8000-000000000000',
  'urn:uuid:c2fc67c2-47f2-11ee-b67a-9f3619c7493f',
  'URN:UUID:c2fc67c2-47f2-11ee-b67a-9f3619c7493f',
  'urn.uuid:c2fc67c2-47f2-11ee-b67a-9f3619c7493f',
  '{000003e8-48b9-21ee-b200-325096b39f47}',
  '[000003e8-48b9-21ee-b200-325096b39f47 ',
  'é000003e8-48b9-21ee-b200-325096b39f47',
  '\n000003e8-48b9-21ee-b200-325096b39f47\0',
  '000003e8-48b9-21ee-b200-325096b39f47\n',
  '00000000000040008000000000000000',
  '{00000000000040008000000000000000}',
  '00000000-0000-4000-8000-00000000000g',
  '00000000_0000_4000_8000_000000000000',
  '00000000-0000-4000-8000-0000000000',
  '',
  'ı'.repeat(18),
  1,
  null,
  ['00000000-0000-4000-8000-000000000000'],
];

test.each(VALUES.map((value) => [value]))('agrees with OPA on %j', (value) => {
  agreement.expectSame('uuid.parse', value);
});

test('agrees with OPA on any UUID', () => {
  const hex = (length: number): fc.Arbitrary<string> =>
    fc.string({
      unit: fc.constantFrom(...Array.from('0123456789abcdefABCDEF')),
      minLength: length,
      maxLength: length,
    });
  const around = fc.constantFrom(['', ''], ['{', '}'], ['urn:uuid:', ''], ['x', 'y']);
  const parts = fc.tuple(hex(8), hex(4), fc.tuple(fc.constantFrom('1', '2', '4'), hex(3)), hex(4), hex(12));
  fc.assert(
    fc.property(
      parts,
      around,
      fc.constantFrom('-', ''),
      ([a, b, [version, c], d, e], [before, after], dash) => {
        agreement.expectSame('uuid.parse', `${before}${[a, b, `${version}${c}`, d, e].join(dash)}${after}`);
      },
    ),
    { numRuns: 200 },
  );
});

test('agrees with OPA on any value', () => {
  fc.assert(
    fc.property(fc.oneof(regoText(40), regoValue(1)), (value) => {
      agreement.expectSame('uuid.parse', value);
    }),
    { numRuns: 50 },
  );
});

test('what is no UUID has no result, and is no failure', () => {
  expect(uuidBuiltins['uuid.parse']!('x')).toBeUndefined();
});
