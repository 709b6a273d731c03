import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { objectOf, setOf, type RegoValue } from '../../value.js';
import { opaAgreement, rowsOf } from '../testing/opa-agreement.js';
import { regoText, regoValue } from '../testing/rego-arbitrary.js';
import { urlBuiltins } from './urls.js';

const agreement = opaAgreement(urlBuiltins);
afterAll(() => {
  agreement.close();
});

const URLS = [
  ...[
    '',
    '*',
    '/',
    '//',
    '///',
    '////',
    '?',
    '#',
    '??',
    '?a?b',
    '?#',
    '#?',
    'a',
    'a/b:c',
    'a:b',
    'a b:c',
    ':a',
    '1:a',
  ],
  ...[
    'http:',
    'http://',
    'http:///',
    'http:////a',
    'http:a/b?c#d',
    'HTTP://Example.ORG/A',
    'a+-.1:/x',
    'aé:/x',
    '+a:x',
  ],
  ...[
    'http://h',
    'http://h:',
    'http://h:80',
    'http://h:a',
    'http://h:80:90',
    'x://h:80:90',
    'x://h:a:90',
    '//h:80:90',
  ],
  ...[
    'http://u@h',
    'http://u:p@h',
    'http://u:p:q@h',
    'http://u@v@h',
    'http://u/v@h',
    'http://u%4@h',
    'http://u%40@h',
  ],
  ...[
    'http://u[@h',
    'http://ü@h',
    'http://@h',
    'http://:@:',
    'http://h?q',
    'http://h#f',
    'http://h?q#f',
    'http://h#f?q',
  ],
  ...[
    'http://[::1]',
    'http://[::1]:80',
    'http://[::1]:a',
    'http://[::1]80',
    'http://[::1',
    'http://::1]',
    'http://a[::1]',
  ],
  ...[
    'http://[1.2.3.4]',
    'http://[::ffff:1.2.3.4]',
    'http://[fe80::1%25eth0]:80',
    'http://[fe80::1%25]',
    'http://[a]',
  ],
  ...[
    'http://[fe80::1%25%20x]',
    'http://[fe80::1%25%2f]',
    'http://[fe80::1%25%41]',
    'http://[fe80::1%25é]',
    'http://[]',
  ],
  ...[
    'http://[fe80::1%25%c3%a9]',
    'http://[fe80::1%41]',
    'http://[%3a:1]',
    'http://[[::1]]',
    'http://[::1]]',
    'http://]',
  ],
  ...[
    'http://h%41',
    'http://h%c3%a9',
    'http://h%25',
    'http://h%2',
    'http://hé',
    'http://h h',
    'http://h"<>;=',
    'http://h|',
  ],
  ...[
    '/a%20b',
    '/a b',
    '/a%2Fb',
    '/a%2fb',
    '/%',
    '/%4',
    '/%zz',
    '/é',
    '/%c3%a9',
    '/%ff',
    '/a+b',
    '/a!b',
    "/a'()*",
    '/[a]',
  ],
  ...[
    '/a?%zz',
    '/a#%zz',
    '/a#%41é',
    '/a#é',
    '/a\nb',
    '/a\x7f',
    '/a#\n',
    '/a?é',
    'mailto:a@b.c?s=1',
    'urn:a:b',
    'a/../b',
  ],
  ...[
    'ftp://h/p;x=y',
    'file:///etc',
    'file:/etc',
    'javascript:alert(1)',
    'http://1.2.3.4:8080/a//b',
    './a:b',
    'a#b#c',
  ],
];

const QUERIES = [
  ...[
    '',
    'a',
    'a=1',
    'a=1&b=2',
    'a=1&a=2',
    'a=',
    '=1',
    '=',
    '&',
    '&&a&',
    'a=1;b=2',
    'a%3B=1',
    'a%3D=1%26',
    'a=b=c',
    'a+b=c+d',
  ],
  ...[
    '%',
    'a=%4',
    '%zz=1',
    'é=ü',
    '%c3%a9=1',
    'a=%ff',
    'a=\n',
    '😀=1',
    ' =1',
    '?a=1',
    '#',
    "~-._!*'()",
    'A%2b',
    '%2B%20+',
  ],
];

describe('agrees with OPA', () => {
  test.each(
    rowsOf({
      'uri.parse': [...URLS, 1, null].map((url) => [url]),
      'uri.is_valid': [...URLS, 1, null].map((url) => [url]),
      'urlquery.decode_object': [...QUERIES, 1].map((query) => [query]),
      'urlquery.decode': [...QUERIES, 1].map((query) => [query]),
      'urlquery.encode': [...QUERIES, ...URLS, 1].map((text) => [text]),
      'urlquery.encode_object': [
        [objectOf([])],
        [objectOf([['a', '1']])],
        [
          objectOf([
            ['b', ['2', '1', '2']],
            ['a', setOf(['y', 'x'])],
            ['ü', []],
            ['z', 'é &'],
          ]),
        ],
        [objectOf([['a', 1]])],
        [objectOf([['a', ['1', 1]]])],
        [objectOf([['a', objectOf([])]])],
        [objectOf([['a', null]])],
        [
          objectOf([
            [1, 'n'],
            ['1', 's'],
            [[1, '<'], 'a'],
            [true, 't'],
            [setOf([2]), 'set'],
          ]),
        ],
        [
          objectOf([
            ['\ud83d\ude00', '1'],
            ['\uffee', '2'],
          ]),
        ],
        [[]],
        [setOf([])],
        ['a=1'],
      ],
    }),
  )('%s(%s)', (name, _, operands) => {
    agreement.expectSame(name, ...operands);
  });

  const piece = fc.constantFrom(
    ...[
      'http:',
      'x:',
      '//',
      '/',
      '?',
      '#',
      '@',
      ':',
      '[',
      ']',
      '%25',
      '%41',
      '%2',
      '%',
      '%c3%a9',
      '::1',
      '80',
      'h',
      'u',
    ],
    ...[
      'a',
      'é',
      ' ',
      '+',
      '&',
      '=',
      ';',
      '.',
      '..',
      '*',
      '!',
      "'",
      '|',
      '\\',
      '^',
      '1.2.3.4',
      'fe80::1',
      '~',
      '$',
      ',',
    ],
  );

  test('on any text', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), regoText(), (pieces, text) => {
        const url = pieces.join('');
        agreement.expectSame('uri.parse', url);
        agreement.expectSame('uri.parse', `http://${url}`);
        agreement.expectSame('uri.is_valid', text);
        agreement.expectSame('urlquery.encode', `${text}${url}`);
        agreement.expectSame('urlquery.decode', url);
        agreement.expectSame('urlquery.decode_object', url);
      }),
      { numRuns: 250 },
    );
  });

  test('on any value', () => {
    const values = fc.oneof(
      regoText(),
      fc.array(regoText(), { maxLength: 3 }),
      fc.array(regoText(4)).map(setOf),
    );
    const object = fc
      .array(fc.tuple(fc.oneof(regoText(), regoValue(1)), values), { maxLength: 4 })
      .map(objectOf);
    fc.assert(
      fc.property(regoValue(1), object, (value, members) => {
        agreement.expectSame('urlquery.encode_object', value);
        agreement.expectSame('urlquery.encode_object', members);
        agreement.expectSame('uri.parse', value);
        agreement.expectSame('urlquery.decode_object', value);
      }),
      { numRuns: 100 },
    );
  });

  test('on how many parameters a query may have', () => {
    const query = (count: number): RegoValue => Array<string>(count).fill('').join('&');
    agreement.expectSame('urlquery.decode_object', query(10_000));
    agreement.expectSame('urlquery.decode_object', query(10_001));
  });
});

test('a failure says what is wrong, and no value', () => {
  expect(() => urlBuiltins['uri.parse']!('http://secret:x')).toThrow(/^the URL has an invalid port$/);
  expect(() => urlBuiltins['urlquery.decode']!('secret%')).toThrow(/^the URL has an invalid escape$/);
});
