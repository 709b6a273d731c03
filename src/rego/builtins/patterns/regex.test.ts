import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Decimal } from '../../value.js';
import { regexBuiltins } from './regex.js';
import { opaAgreement, rowsOf, type Calls } from '../testing/opa-agreement.js';
import { regoText, regoValue } from '../testing/rego-arbitrary.js';
import { textsIn } from '../testing/texts.js';

const agreement = opaAgreement(regexBuiltins);
afterAll(() => {
  agreement.close();
});

const PATTERNS = textsIn(String.raw`
  "" "a" "a*" "a+?" "(a)(b)?" "(?P<x>a)|(?<y>b)" "^" "$" "\\b" "\\B" "(?m)^" "(?m)$" "(?s)." "." "(?i)k"
  "(?i)\u017f" "(?U)a+" "[a-z]" "[^a-z]" "[[:alpha:]]" "[[:^space:]]" "[\\d\\s]" "\\pL" "\\p{Greek}"
  "\\P{Lu}" "[^\\x00-\\x{10FFFF}]" "\\x{1F600}" "\\Qa.b\\E" "\\z" "\\A" "a{2}" "a{2,}" "a{,2}" "a{1000}"
  "a{1001}" "(a{500}){3}" "a{3,2}" "(?:)" "()" "(|a)*" "(a|b)*?c" "\\7" "\\0" "\\101" "\\x4" "\\Z" "\\C"
  "\\h" "\\R" "\\e" "\\_" "(" ")" "[" "]" "[a" "[b-a]" "[]a]" "[^]" "*" "a**" "a*+" "+" "?" "{" "}" "a{"
  "a{1" "a{x}" "|" "||" "\\" "a\\" "(?" "(?a)" "(?P<" "(?P<x" "(?P<x>" "(?P<>a)" "(?P<x-y>a)"
  "(?P<x>a)(?P<x>b)" "(?P<x>a)(?P<x>?)" "(?P<constructor>a)" "(?P<__proto__>a)" "(?P<1>a)" "(?P=x)" "(?=a)" "(?!a)" "(?<=a)"
  "(?<!a)" "(?>a)" "(?#a)" "(?i-s:a)" "(?-)" "(?i" "(?i:" "\\p" "\\p{" "\\p{X}" "\\p{^Lu}" "\\pN"
  "[[:foo:]]" "[[:alpha:]" "\\Q\\E*" "é" "[é-\u00fc]" "\ud83d\ude00+" "\\p{Any}" "\\p{L&}" "\\p{Latin}"
  "\\p{latin}" "\\p{Lc}" "\\p{Letter}" "\\p{ASCII}" "\\p{Ideographic}" "\\p{Cn}" "\\p{C}"
`);
const TEXTS = ['', 'aab ba', 'a.b', 'K\u212a k sſS', 'é😀ü αβγ', 'aa\nbb\n'];

test.each(PATTERNS)('the pattern %j agrees with OPA', (pattern) => {
  agreement.expectSame('regex.is_valid', pattern);
  const isValid = regexBuiltins['regex.is_valid']!(pattern) === true;
  for (const text of isValid ? TEXTS : ['a']) {
    agreement.expectSame('regex.match', pattern, text);
    agreement.expectSame('regex.find_all_string_submatch_n', pattern, text, -1);
    agreement.expectSame('regex.split', pattern, text);
    agreement.expectSame('regex.replace', text, pattern, '<$0$1${2}$$>');
  }
});

const REPLACEMENTS = textsIn(String.raw`
  "" "$" "$$" "$$$" "$1" "$1x" "\u0024{1}x" "\u0024{1" "\u0024{}" "$ " "\u0024{ 1}" "\u0024{1 }" "$10" "$01"
  "\u0024{01}" "$0" "$3" "$99999999" "$123456789" "$1234567890" "$x" "$xy" "\u0024{x}y" "$y" "$z" "$_" "$é"
  "$1é" "\u0024{é}" "$\u0663" "\\1" "\\$1" "$-1" "$x$1" "$$1" "$$$1" "$constructor" "\u0024{toString}" "$&"
  "$<x>" "$'"
`);

const CALLS: Calls = {
  'regex.replace': [
    ...REPLACEMENTS.map((replacement) => ['abab', '(?P<x>a)(?P<_y>b)', replacement]),
    ['-wy-wxxy-', 'w(x*)y', '0'],
    ['foo', '^[a-z]', 'F'],
    ['foo', '[', '$1'],
    ['abc', 'x*', '-'],
    ['aé😀b', '', '-'],
    ['aaa', 'a*?', 'x'],
    ['', '^$', 'x'],
    ['baaac', 'a*', 'x'],
    [1, 'a', 'b'],
    ['a', 1, 'b'],
    ['a', 'a', 1],
  ],
  'regex.find_n': [
    ['a', 'banana', 2],
    ['a', 'banana', 0],
    ['a', 'banana', -1],
    ['a', 'banana', -9],
    ['a', 'banana', new Decimal('2.0')],
    ['a', 'banana', 1.5],
    ['a', 'banana', 2n ** 62n],
    ['a', 'banana', 2n ** 63n],
    ['a', 'banana', '1'],
    ['x*', 'é😀', -1],
    ['', '', -1],
    ['[', 'a', 1],
    [1, 'a', 1],
    ['a', null, 1],
  ],
  'regex.find_all_string_submatch_n': [
    ['a(x*)b(y|z)?c', '-axxxbyc-abzc-abc-', -1],
    ['a(x*)b(y|z)?c', '-axxxbyc-abzc-', 1],
    ['(?:(ab)$|(a))', 'abc', -1],
    ['(', 'a', 1],
    ['a', 'a', 'a'],
  ],
  'regex.split': [
    ['z+', 'pizza'],
    ['', 'é😀a'],
    ['', ''],
    ['x', ''],
    ['a*', 'baaac'],
    ['^', 'ab'],
    ['$', 'ab'],
    ['(a)', 'bab'],
    ['[', 'a'],
    [1, 'a'],
    ['a', 1],
  ],
  'regex.match': [
    ['[', 'a'],
    [1, 'a'],
    ['a', 1],
  ],
  'regex.is_valid': [[1], [null], ['a'], ['[']],
  'regex.template_match': [
    ['urn:foo:{.*}', 'urn:foo:bar:baz', '{', '}'],
    ['urn:foo:<[a-z]{2}>', 'urn:foo:ab', '<', '>'],
    ['{a|b}c', 'bc', '{', '}'],
    ['{a}{b}', 'ab', '{', '}'],
    ['a.b', 'axb', '{', '}'],
    ['a.b', 'a.b\n', '{', '}'],
    ['{{a}}', '{a}', '{', '}'],
    ['{a{2}}', 'aa', '{', '}'],
    ['{}', '', '{', '}'],
    ['{', 'a', '{', '}'],
    ['}{', 'a', '{', '}'],
    ['a}', 'a', '{', '}'],
    ['{a)(b}', 'ab', '{', '}'],
    ['{(}{)}', '', '{', '}'],
    ['{(?i)a}b', 'AB', '{', '}'],
    ['{a', 'a', '{', '{'],
    ['a', 'a', '{', '{'],
    ['é{.}😀', 'éü😀', '{', '}'],
    ['a', 'a', 'é', '}'],
    ['a', 'a', '{', '<>'],
    ['a', 'a', '', '}'],
    ['[a]', 'a', '[', ']'],
    [1, 'a', '{', '}'],
    ['a', 1, '{', '}'],
    ['a', 'a', 1, '}'],
    ['a', 'a', '{', 1],
  ],
  'glob.quote_meta': [['*.?[a-z]{x,y}!\\'], [''], ['é😀'], [1], [null]],
};

test.each(rowsOf(CALLS))('%s(%s) agrees with OPA', (name, _, operands) => {
  agreement.expectSame(name, ...operands);
});

const atom = fc.constantFrom(
  ...textsIn(String.raw`
  "a" "b" "." "\\d" "\\b" "^" "$" "[ab]" "[^a]" "é" "\ud83d\ude00" "\\pL" "A" "\\n" "(?i)" "-"
`),
  '\\.',
);
const { pattern: grown } = fc.letrec<{ pattern: string; term: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    tie('term'),
    fc.array(tie('term'), { maxLength: 4 }).map((terms) => terms.join('')),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}|${b}`),
  ),
  term: fc.oneof(
    { maxDepth: 4 },
    atom,
    fc
      .tuple(atom, fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}?'))
      .map(([a, b]) => a + b),
    fc
      .tuple(tie('pattern'), fc.constantFrom('', '*', '?', '+'))
      .map(([inner, times]) => `(${inner})${times}`),
    tie('pattern').map((inner) => `(?:${inner})`),
    tie('pattern').map((inner) => `(?P<x>${inner})`),
  ),
}));
const searched = fc.string({ unit: fc.constantFrom(...Array.from('aabbABé😀1-.\n ')), maxLength: 9 });

test('agrees with OPA on any pattern and text', () => {
  const replacement = fc.string({ unit: fc.constantFrom('$', '1', '0', 'x', '{', '}', '-'), maxLength: 6 });
  fc.assert(
    fc.property(grown, searched, replacement, fc.integer({ min: -1, max: 3 }), (pattern, text, by, count) => {
      agreement.expectSame('regex.find_all_string_submatch_n', pattern, text, -1);
      agreement.expectSame('regex.find_n', pattern, text, count);
      agreement.expectSame('regex.match', pattern, text);
      agreement.expectSame('regex.split', pattern, text);
      agreement.expectSame('regex.replace', text, pattern, by);
    }),
    { numRuns: 150 },
  );
});

test('agrees with OPA on what a pattern is', () => {
  const text = fc.string({
    unit: fc.constantFrom(
      ...Array.from('ab01-^$.*+?()[]{}|\\,:=!<>PpxQEzdLi&~é'),
      '(?',
      '\\p{',
      '[:',
      ':]',
      '(?P<',
      '\\x{',
    ),
    maxLength: 9,
  });
  fc.assert(
    fc.property(fc.oneof(text, regoText(), regoValue(1)), (pattern) => {
      agreement.expectSame('regex.is_valid', pattern);
    }),
    { numRuns: 300 },
  );
});

test('agrees with OPA on any template', () => {
  const template = fc.string({ unit: fc.constantFrom(...Array.from('ab.<>[]*(|)é')), maxLength: 9 });
  fc.assert(
    fc.property(
      template,
      fc.string({ unit: fc.constantFrom(...Array.from('ab.é')), maxLength: 4 }),
      (pattern, text) => {
        agreement.expectSame('regex.template_match', pattern, text, '<', '>');
        agreement.expectSame('glob.quote_meta', pattern);
      },
    ),
    { numRuns: 200 },
  );
});

test('a failure names the kind of fault, and nothing of the pattern', () => {
  expect(() => regexBuiltins['regex.match']!('secret(', 'a')).toThrow(
    /^operand 1 must be a regular expression: missing closing \)$/,
  );
});

test('a pattern that a backtracking engine would never finish is done at once', () => {
  const started = performance.now();
  expect(regexBuiltins['regex.match']!('^(a+)+$', `${'a'.repeat(50_000)}b`)).toBe(false);
  expect(regexBuiltins['regex.replace']!(`${'a'.repeat(5000)}b`, '(a*)*b', 'x')).toBe('x');
  expect(performance.now() - started).toBeLessThan(2000);
});

test('what costs too much, or grows too large, is refused', () => {
  expect(() => regexBuiltins['regex.match']!('(?:a{0,500}){2}b', 'a'.repeat(500_000))).toThrow(
    'too long for so large',
  );
  expect(() => regexBuiltins['regex.replace']!('a'.repeat(5000), 'a', 'x'.repeat(5000))).toThrow(
    'longer than 4194304',
  );
});
