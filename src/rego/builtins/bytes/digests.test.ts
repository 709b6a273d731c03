import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { RegoValue } from '../../value.js';
import { digestBuiltins } from './digests.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoText, regoValue } from '../testing/rego-arbitrary.js';

const agreement = opaAgreement(digestBuiltins);
afterAll(() => {
  agreement.close();
});

const TEXTS: readonly RegoValue[] = [
  ...['', 'a', 'ab', 'abc', 'é€😀', '\0', 'x'.repeat(200), '\ufffd', '\u2028'],
  ...[
    'YQ==',
    'YWI=',
    'YWJj',
    'YQ',
    'YWI',
    'Y',
    'YQ=',
    'YQ===',
    'Y===',
    '====',
    '=',
    '==',
    'YQ==YQ==',
    'Y=Q=',
  ],
  ...[
    'YR==',
    'YWJ=',
    'Y\nQ\r==',
    'YQ=\n=',
    'YQ==\n',
    '\n',
    '\r\n',
    'YQ\n',
    'YQ\n=',
    'YQ \n',
    'Y Q=',
    'YWJ j',
    'é',
  ],
  ...[
    '_-_-',
    '+/+/',
    '__==',
    '//==',
    '_w==',
    '_w',
    '/w==',
    '4oK',
    '4oKs',
    '4oKs4oI',
    '8J-YgPCfmA',
    '7aCA',
    'wIA',
  ],
  ...[
    'ff',
    'FF',
    'e282',
    'e282ac',
    'f',
    'fg',
    '0x',
    'e28261',
    'c0af',
    'eda080',
    'f09f9880f09f98',
    '80ff',
    ' ff',
  ],
  ...[1, null, true, ['a']],
];
const unary = Object.keys(digestBuiltins).filter((name) => !name.includes('hmac'));
const binary = Object.keys(digestBuiltins).filter((name) => name.includes('hmac'));

describe('agrees with OPA', () => {
  test.each(rowsOf(Object.fromEntries(unary.map((name) => [name, TEXTS.map((text) => [text])]))))(
    '%s(%s)',
    (name, _, operands) => {
      agreement.expectSame(name, ...operands);
    },
  );

  test.each(
    rowsOf(
      Object.fromEntries(
        binary.map((name) => [
          name,
          [
            ['', ''],
            ['abc', ''],
            ['', 'key'],
            ['abc', 'key'],
            ['abc', 'k'.repeat(300)],
            ['é', '€'],
            ['é', 'é'],
            [1, 'key'],
            ['abc', null],
          ],
        ]),
      ),
    ),
  )('%s(%s)', (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  });

  test('on any text', () => {
    const encoded = fc.oneof(
      regoText(),
      fc.string({
        unit: fc.constantFrom('Y', 'Q', 'a', '8', '0', 'f', '_', '-', '+', '/', '=', '\n'),
        maxLength: 9,
      }),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    );
    fc.assert(
      fc.property(encoded, regoText(), (text, other) => {
        for (const name of unary) agreement.expectSame(name, text);
        agreement.expectSame('crypto.hmac.sha512', text, other);
        agreement.expectSame('crypto.hmac.equal', text, other);
      }),
      { numRuns: 150 },
    );
  });

  test('on any value', () => {
    fc.assert(
      fc.property(regoValue(1), (value) => {
        agreement.expectSame('hex.decode', value);
        agreement.expectSame('base64.is_valid', value);
        agreement.expectSame('crypto.hmac.equal', value, value);
      }),
      { numRuns: 50 },
    );
  });
});

test('a failure says what is wrong, and no value', () => {
  expect(() => digestBuiltins['hex.decode']!('secret')).toThrow(/^the text is not hexadecimal$/);
  expect(() => digestBuiltins['base64url.decode']!('secret!')).toThrow(/^the text is not base64url$/);
  expect(() => digestBuiltins['crypto.sha256']!(7)).toThrow(/^operand 1 must be string but is number$/);
});
