import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Decimal, objectOf, setOf, type RegoValue } from '../../value.js';
import { jsonBuiltins } from './json.js';
import { opaAgreement, rowsOf, type Calls } from '../testing/opa-agreement.js';
import { regoText, regoValue } from '../testing/rego-arbitrary.js';
import { textsIn } from '../testing/texts.js';

const agreement = opaAgreement(jsonBuiltins);
afterAll(() => {
  agreement.close();
});

const ODD = objectOf([
  [1, 'number'],
  ['1', 'string'],
  [null, []],
  [setOf(['<', 1]), objectOf([[['a'], 2]])],
]);

const NESTED = objectOf([
  ['b', [1, [], objectOf([]), setOf([2, 'x']), objectOf([['c', null]])]],
  ['a<&>\u2028', 'é😀"\\\n\u007f'],
]);

const TEXTS = textsIn(String.raw`
  "" " " "null" "true" " false " "\"a\"" "[]" "{}" "[1,2]" "{\"a\":{\"b\":[]}}" "\t[\r\n1 , 2 ]"
  "{\"a\":1,\"a\":2}" "{\"b\":1,\"a\":2,\"__proto__\":3}" "0" "-0" "1.0" "1.50" "-1.5e3" "1E5" "1e+2" "1e-2"
  "123456789012345678901234567890" "0.1234567890123456789" "1e400" "1e-400" "1e24999" "1e30000" "1e30102"
  "1e30103" "1e30104" "9e30102" "1.0e30103" "-1e30104" "1e-30103" "1e-30104" "1e40000" "1e-40000" "0e40000"
  "0.000e99999" "0e9223372036854775807" "0e9223372036854775808" "0e-9223372036854775808"
  "0e-9223372036854775809" "1e2147483648" "1e99999999999999999999" "[1e40000]" "{\"a\":1e40000}" "01" "+1"
  ".5" "5." "1.e3" "1e" "1e+" "-" "--1" "0x1" "NaN" "Infinity" "1_0" "nul" "nulll" "True" "tru" "1null"
  "1 null" "[1] null garbage" "1 nul" "1 1" "1 [" "1 ]" "1 ," "1 \"a\"" "1 true" "null null null" "{}null"
  "{} {}" "1\u00a0" "nullnull" "[1]nullx" "[" "[1" "[1," "[1,]" "[,1]" "[1 2]" "]" "{" "{\"a\"" "{\"a\":"
  "{\"a\":1" "{\"a\":1," "{\"a\":1,}" "{a:1}" "{1:2}" "'a'" "{\"a\" 1}" "{,}" "[}" "{]" "//1" "/**/1" "\""
  "\"a" "\"\\\"" "\"\\x\"" "\"\\u12\"" "\"\\u00e9\\ud83d\\ude00\"" "\"\\ud83d\"" "\"\\ude00\\ud83d\""
  "\"\\ud83d\\ud83d\\ude00\"" "\"\\ud83dx\"" "\"\\u0000\\b\\f\\n\\r\\t\\/\\\\\"" "\"\t\"" "\"\n\""
  "\"\u0000\"" "\"\u007f\u0085\u2028\"" "\"é\ud83d\ude00\"" "\"\\U0041\""
`);

const withOptions = (...entries: [RegoValue, RegoValue][]): RegoValue => objectOf(entries);

const CALLS: Calls = {
  'json.unmarshal': [...TEXTS, 1, null, ['1']].map((text) => [text]),
  'json.is_valid': [...TEXTS, 1, null, ['1']].map((text) => [text]),
  'json.marshal': [
    null,
    true,
    0,
    -1.5,
    10n ** 30n,
    new Decimal('1.50'),
    new Decimal('1E400'),
    '',
    'é😀"\\/\b\f\n\r\t\u0000\u001f\u007f<>&\u2028\u2029',
    [],
    setOf([]),
    setOf([2, 1, 'a']),
    ODD,
    NESTED,
  ].map((value) => [value]),
  'json.marshal_with_options': [
    withOptions(),
    withOptions(['pretty', true]),
    withOptions(['pretty', false]),
    withOptions(['pretty', false], ['indent', ' ']),
    withOptions(['indent', '  ']),
    withOptions(['indent', '']),
    withOptions(['prefix', '>> ']),
    withOptions(['prefix', '']),
    withOptions(['prefix', '#'], ['indent', 'é\n'], ['pretty', true]),
    withOptions(['pretty', 'yes']),
    withOptions(['indent', 2]),
    withOptions(['prefix', null]),
    withOptions(['other', true]),
    withOptions([1, true]),
    ['pretty'],
    null,
    'x',
  ].flatMap((options) => [NESTED, ODD, 1, [], [[]]].map((value) => [value, options])),
};

test.each(rowsOf(CALLS))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

test('a value of any kind is written as OPA writes it', () => {
  const options = fc
    .record(
      { pretty: fc.boolean(), indent: fc.constantFrom('', ' ', '\t'), prefix: fc.constantFrom('', '> ') },
      { requiredKeys: [] },
    )
    .map((members) => objectOf(Object.entries(members)));
  fc.assert(
    fc.property(regoValue(3), options, (value, layout) => {
      agreement.expectSame('json.marshal', value);
      agreement.expectSame('json.marshal_with_options', value, layout);
    }),
    { numRuns: 100 },
  );
});

test('agrees with OPA on any JSON, and on what comes near', () => {
  const json = fc.json({ maxDepth: 3 });
  const damaged = fc
    .tuple(json, fc.nat(), fc.constantFrom('', '"', ',', ':', ' ', '0', 'null', '\\', 'e', ']', '}'))
    .map(([text, place, insert]) => {
      const at = place % (text.length + 1);
      return (text.slice(0, at) + insert + text.slice(at + (insert === '' ? 1 : 0))).replaceAll(
        /\p{Surrogate}/gu,
        '?',
      );
    });
  const tokens = fc.string({
    unit: fc.constantFrom(
      '1',
      '-',
      '0',
      '.',
      'e',
      '"',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      'null',
      'true',
      '"a"',
      ' ',
      '\\u0041',
    ),
    maxLength: 7,
  });
  fc.assert(
    fc.property(fc.oneof(json, damaged, tokens, regoText(6)), (text) => {
      agreement.expectSame('json.unmarshal', text);
      agreement.expectSame('json.is_valid', text);
    }),
    { numRuns: 200 },
  );
});

test('what is written is read again as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      const text = JSON.stringify(value).replaceAll(/\\ud[89a-f]../g, '?');
      const read = jsonBuiltins['json.unmarshal']!(text);
      expect(jsonBuiltins['json.unmarshal']!(jsonBuiltins['json.marshal']!(read!) as string)).toEqual(read);
    }),
  );
});

test('depth ends nothing but the reading', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  for (const depth of [512, 10_000, 10_001]) agreement.expectSame('json.is_valid', nested(depth));
  agreement.expectSame('json.unmarshal', nested(400));
  // A text with a byte order mark does not reach OPA.
  expect(jsonBuiltins['json.is_valid']!('\ufeff1')).toBe(false);
  expect(() => jsonBuiltins['json.unmarshal']!(nested(513))).toThrow('nested deeper than 512');
  expect(() => jsonBuiltins['json.unmarshal']!('['.repeat(1_000_000))).toThrow('nested deeper than 512');
});

test('an indent that would make a giant is refused', () => {
  const deep = Array.from({ length: 400 }).reduce<RegoValue>((inner) => [inner, 1], []);
  const indented = (length: number): unknown =>
    jsonBuiltins['json.marshal_with_options']!(deep, objectOf([['indent', ' '.repeat(length)]]));
  expect(indented(10)).toEqual(expect.stringContaining('\n'));
  expect(() => indented(1000)).toThrow('longer than 4194304 characters');
});

test('keys within keys are refused before their quotes have doubled too often', () => {
  const key = (depth: number): RegoValue =>
    Array.from({ length: depth }).reduce<RegoValue>((inner) => objectOf([[inner, 1]]), 'a');
  agreement.expectSame('json.marshal', key(5));
  expect(() => jsonBuiltins['json.marshal']!(key(60))).toThrow('longer than 4194304 characters');
});
