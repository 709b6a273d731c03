import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WitanError } from '../errors.js';
import { parseDocument } from './parse.js';
import { readJson, writeJson } from './json.js';

const BROKEN = '../shared/corpus/broken-descriptors.jsonl';

function faultsOf(text: string, file?: string): WitanError['faults'] {
  try {
    parseDocument(text, { file });
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WitanError);
    expect((thrown as WitanError).code).toBe('descriptor_malformed');
    return (thrown as WitanError).faults;
  }
  throw new Error(`was read: ${text}`);
}

describe('what is not well-formed', () => {
  it.each([
    ['a comma before the end of an object', '{"a":1,}', 1, 8, 'no comma before `}`'],
    ['a comma before the end of a list', '[1,]', 1, 4, 'no comma before `]`'],
    ['a missing comma', '{"a":1\n "b":2}', 2, 2, 'a comma is missing'],
    ['a missing colon', '{"a" 1}', 1, 6, 'expected `:` after the member name `a`'],
    ['single quotes', "{'a':1}", 1, 2, 'in double quotes'],
    ['a single-quoted value', '{"a":\'x\'}', 1, 6, 'a text stands in double quotes'],
    ['a comment', '{"a":// c\n1}', 1, 6, 'JSON has no comments'],
    ['a word', '{"a":None}', 1, 6, 'found `None`'],
    ['a leading zero', '{"a":01}', 1, 6, 'not a number as JSON writes it'],
    ['a number without end', '{"a":1e999}', 1, 6, 'too large'],
    ['two documents', '{"a":1}\n{"b":2}', 2, 1, 'a file holds one document'],
    ['an unknown escape', '{"a":"\\x"}', 1, 7, 'a backslash is written'],
    ['a tab in a text', '{"a":"\t"}', 1, 7, 'write `\\t`'],
    ['a control character', '{"a":"\u0001"}', 1, 7, 'write `\\u0001`'],
    ['a quote inside a text', '{"a":"say "hello" twice"}', 1, 12, 'a `"` inside a text is written `\\"`'],
    ['an open text', '{"a":"x', 1, 8, 'the text that starts at row 1, column 6 has no closing `"`'],
    ['an open object', '{"a":{"b":1', 1, 12, 'ends inside the object that starts at row 1, column 6'],
    ['duplicate members', '{"a":{"b":1,"b":2}}', 1, 13, '`b` stands here twice'],
    ['deep nesting', '['.repeat(5000), 1, 65, 'nested deeper than 64'],
  ])('JSON: %s', (_, text, row, column, message) => {
    expect(faultsOf(text)).toEqual([{ row, column, message: expect.stringContaining(message) }]);
  });

  it.each([
    ['duplicate members', 'a: 1\na: 2', 2, 'twice'],
    ['several documents', 'a: 1\n---\nb: 2', 2, 'a file holds one document'],
    ['a tab as indentation', 'a:\n\t- b', 2, 'only spaces'],
    ['a colon inside a text', 'a: b: c', 1, 'quotes'],
    ['a merge key', 'x: &a {b: 1}\ny:\n  <<: *a', 3, 'merge keys'],
    ['no number', 'a: .nan', 1, '`.nan`'],
    ['a tag', 'a: !!binary x', 1, 'tags'],
    ['an unknown anchor', 'a: *x', 1, '`&x`'],
    ['a member name that is a list', '? [a]\n: b', 1, 'must be a text'],
    ['too many aliases', `a: &a x\nb: [${'*a,'.repeat(101)}]`, 2, 'aliases'],
  ])('YAML: %s', (_, text, row, message) => {
    expect(faultsOf(text)[0]).toMatchObject({ row, message: expect.stringContaining(message) });
  });

  it.each([
    ['nothing', ''],
    ['only a comment', '# nothing'],
    ['a circle', 'a: &a [*a]'],
    ['nesting that would exhaust the stack', `${'- '.repeat(5000)}x`],
    [
      'aliases that multiply',
      [
        'a: &a [1]',
        ...['b', 'c', 'd', 'e', 'f', 'g'].map(
          (n, i) => `${n}: &${n} [${`*${'abcdef'[i] ?? ''},`.repeat(9)}]`,
        ),
      ].join('\n'),
    ],
  ])('%s', (_, text) => {
    expect(faultsOf(text)).toHaveLength(1);
  });

  it('more bytes than allowed', () => {
    expect(() => parseDocument('a: ü', { bytesMax: 4 })).toThrow('is 5 bytes long; the limit is 4');
  });

  it('names the file, the row and the column in the message', () => {
    expect(() => parseDocument('{"a":1,}', { file: 'x.json' })).toThrow(
      '`x.json` is not well-formed JSON: row 1, column 8: expected',
    );
  });
});

describe('what is read', () => {
  it('takes YAML for YAML also when it starts with a brace, by the name of the file', () => {
    expect(parseDocument('{a: 1}', { file: 'x.yaml' }).document).toEqual({ a: 1 });
  });

  it('keeps dates as texts, and a byte order mark out', () => {
    expect(parseDocument('a: 2026-01-31').document).toEqual({ a: '2026-01-31' });
    expect(parseDocument('\uFEFF{"a":1}').document).toEqual({ a: 1 });
    expect(parseDocument('\uFEFFa: 1').document).toEqual({ a: 1 });
  });

  it.each([
    ['JSON', '{\n  "a": {"b/c": [1,\n   2]}\n}'],
    ['YAML', 'a:\n  b/c:\n    - 1\n    - 2\n'],
  ])('knows where things stand in %s', (language, text) => {
    const { locate } = parseDocument(text);
    const rows = ['/a', '/a/b~1c', '/a/b~1c/1'].map((pointer) => locate(pointer)?.row);
    expect(rows).toEqual(language === 'JSON' ? [2, 2, 3] : [1, 2, 4]);
    // What is missing is told at what should hold it.
    expect(locate('/a/missing/deep')).toEqual(locate('/a'));
  });

  it('reads what JSON.parse reads, as it reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify([value], null, space);
        // Whole numbers beyond 2^53 are kept, which JSON.parse rounds.
        expect(JSON.parse(writeJson(parseDocument(text).document))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (json, at, noise) => {
        const whole = `[${json}]`;
        const text = whole.slice(0, at % whole.length) + noise + whole.slice((at % whole.length) + 1);
        fc.pre(/^\s*[[{]/.test(text));
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          faultsOf(text);
          return;
        }
        try {
          // Whole numbers beyond 2^53 are kept, which JSON.parse rounds.
          expect(JSON.parse(writeJson(parseDocument(text).document))).toEqual(expected);
        } catch (thrown) {
          // Stricter than JSON.parse in these alone.
          expect((thrown as Error).message).toMatch(/twice|too large|surrogate/);
        }
      }),
    );
  });

  it.each([String.raw`"\ud83d"`, String.raw`"\ude00"`, String.raw`"a\ude00\ud83db"`, String.raw`"\ud83dx"`])(
    'refuses half a character: %s',
    (text) => {
      expect(() => parseDocument(`{"a": ${text}}`)).toThrow(/row 1, column 7: half a surrogate pair/);
    },
  );

  it('keeps whole numbers beyond 2^53, in JSON and in YAML', () => {
    const whole = { a: [9007199254740993n, -9007199254740993n, 12, 1.5] };
    expect(parseDocument('{"a": [9007199254740993, -9007199254740993, 12, 1.5]}').document).toEqual(whole);
    expect(parseDocument('a: [9007199254740993, -9007199254740993, +12, 1.5]').document).toEqual(whole);
    expect(writeJson(whole)).toBe('{"a":[9007199254740993,-9007199254740993,12,1.5]}');
    expect(readJson(writeJson(whole))).toEqual(whole);
    expect(writeJson({ b: 2n ** 64n, c: [undefined, {}], d: undefined }, 2)).toBe(
      '{\n  "b": 18446744073709551616,\n  "c": [\n    null,\n    {}\n  ]\n}',
    );
  });

  it('reads a character that is written in halves', () => {
    expect(parseDocument(String.raw`{"a": "\ud83d\ude00"}`).document).toEqual({ a: '\u{1f600}' });
  });

  it('never throws anything but its own error', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...`{}[]:,"'-&*!|>%@# \n\tab1?<`.split('')) }),
        (text) => {
          try {
            parseDocument(text);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(WitanError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe.skipIf(!existsSync(BROKEN))(
  '38 published descriptors that are not JSON (skipped without ../shared)',
  () => {
    const cases = existsSync(BROKEN)
      ? readFileSync(BROKEN, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { file: string; text: string })
      : [];

    it.each(cases)('$file', ({ file, text }) => {
      const [fault, ...more] = faultsOf(text, file);
      expect(more).toEqual([]);
      expect(fault).toMatchObject({ file, row: expect.any(Number), column: expect.any(Number) });
      expect(fault?.message).toMatch(
        /a line break stands inside the text|a `"` inside a text is written `\\"`/,
      );
    });

    it('are all there', () => {
      expect(cases).toHaveLength(38);
    });
  },
);
