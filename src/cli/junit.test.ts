import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { junit, type JunitCase } from './junit.js';
import { readXml, type XmlElement } from './testing/read-xml.js';

/** What is left of a text in XML: characters that it cannot hold are replaced. */
function kept(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- those are what is meant
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
  );
}

/** Any text at all: halves of characters, control characters, and what XML itself is made of. */
const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)))
    .map((units) => units.join('')),
  fc
    .array(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        ']]>',
        '<!--',
        '&amp;',
        '&#0;',
        '\n',
        '\r',
        '\t',
        '\u0000',
        '\ud800',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

const cases: fc.Arbitrary<JunitCase> = fc
  .record(
    {
      suite: anything,
      name: anything,
      seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
      outcome: fc.record(
        { kind: fc.constantFrom('failure', 'error', 'skipped'), message: anything, details: anything },
        { requiredKeys: ['kind', 'message'] },
      ),
      output: anything,
    },
    { requiredKeys: ['suite', 'name'] },
  )
  .map((one) => one as JunitCase);

const inside = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.filter((child): child is XmlElement => typeof child !== 'string' && child.name === name);

const textOf = ({ children }: XmlElement): string => children.map(String).join('');

describe('a JUnit report', () => {
  it('is well-formed for any text, and says what went in', () => {
    fc.assert(
      fc.property(anything, fc.array(cases, { maxLength: 6 }), (name, all) => {
        const root = readXml(junit(name, all));
        expect(root.name).toBe('testsuites');
        expect(root.attributes).toMatchObject({ name: kept(name), tests: String(all.length) });
        const read = inside(root, 'testsuite').flatMap((suite) => inside(suite, 'testcase'));
        const wanted = [...new Set(all.map(({ suite }) => suite))].flatMap((suite) =>
          all.filter((one) => one.suite === suite),
        );
        expect(read.map(({ attributes }) => [attributes['classname'], attributes['name']])).toEqual(
          wanted.map((one) => [kept(one.suite), kept(one.name)]),
        );
        for (const [index, { outcome, output }] of wanted.entries()) {
          const found = read[index]!;
          const [told] = outcome === undefined ? [] : inside(found, outcome.kind);
          expect(told?.attributes['message']).toBe(outcome && kept(outcome.message));
          if (outcome?.details !== undefined) expect(textOf(told!)).toBe(kept(outcome.details));
          const [said] = inside(found, 'system-out');
          expect(said && textOf(said)).toBe(output && kept(output));
        }
      }),
    );
  });

  it('counts what went wrong, suite by suite', () => {
    const failed = { kind: 'failure', message: 'no' } as const;
    const root = readXml(
      junit('all', [
        { suite: 'a', name: '1', seconds: 0.5 },
        { suite: 'b', name: '2', outcome: failed },
        { suite: 'a', name: '3', outcome: { kind: 'skipped', message: '' } },
      ]),
    );
    expect(root.attributes).toEqual({
      name: 'all',
      tests: '3',
      failures: '1',
      errors: '0',
      time: '0.500000',
    });
    expect(inside(root, 'testsuite').map(({ attributes }) => attributes)).toEqual([
      { name: 'a', tests: '2', failures: '0', errors: '0', time: '0.500000', skipped: '1' },
      { name: 'b', tests: '1', failures: '1', errors: '0', time: '0.000000', skipped: '0' },
    ]);
  });

  it('is read by a reader that minds', () => {
    for (const text of [
      '<a>',
      '<a b="<"/>',
      '<a>&</a>',
      '<a></b>',
      '<a/><b/>',
      '<a b="1" b="2"/>',
      '<a>\u0000</a>',
      '<a>&#0;</a>',
    ]) {
      expect(() => readXml(text), text).toThrow();
    }
  });
});
