import { describe, expect, it } from 'vitest';
import type { LineTrace } from '../policy/trace-layer.js';
import { readingsOf } from './readings.js';

const line = (text: string, values: LineTrace['values'], more: Partial<LineTrace> = {}): LineTrace => ({
  row: 1,
  column: 1,
  depth: 0,
  text,
  outcome: 'undefined_or_false',
  times_true: 0,
  times_false: 1,
  values,
  ...more,
});
const wordsOf = (...given: Parameters<typeof line>): readonly string[] =>
  readingsOf(line(...given), new Set());

describe('what a line read, in words', () => {
  it.each<[string, Parameters<typeof line>, readonly string[]]>([
    ['in the order of the text', ['b < a', { a: 1, b: 2 }], ['b = 2, a = 1']],
    [
      'what is missing',
      ['input.a == input.b', { 'input.a': 'x' }, { undefined: ['input.b'] }],
      ['input.a = "x", input.b is missing'],
    ],
    [
      'a missing input that is the whole line',
      ['input.a', {}, { undefined: ['input.a'] }],
      ['input.a is missing'],
    ],
    ['a rule that is the whole line, which its own lines explain', ['open', {}, { undefined: ['open'] }], []],
    ['a value that the mark tells', ['not open', { open: true }], []],
    ['a value that is the whole line', ['until', { until: '2026' }], ['until = "2026"']],
    ['an assignment once', ['x := f(y)', { x: 1, 'f(y)': 1, y: 2 }], ['x = 1, y = 2']],
    [
      'no object inside a call that has a value',
      ['f(thing) > 1', { 'f(thing)': 1, thing: { a: 1 } }],
      ['f(thing) = 1'],
    ],
    [
      'of objects what is no object itself',
      ['x', { x: [{ at: [1], name: 'n', table: 't', column: '…' }, { name: 'm' }] }],
      ['x = [{name: "n", table: "t", …}, …]'],
    ],
    ['long values cut', ['x', { x: 'y'.repeat(200) }], [`x = "${'y'.repeat(99)}…`]],
    ['nothing of a line that was not reached', ['x', { x: 1 }, { outcome: 'not_reached' }], []],
    [
      'other readings, what is different in them',
      [
        'a in may[role]',
        { a: 1, role: 'x' },
        {
          further: [
            { values: { a: 1, role: 'y' } },
            { values: { a: 1, role: 'z' } },
            { values: { a: 1, role: 'w' } },
          ],
        },
      ],
      ['a = 1, role = "x"', 'then role = "y"', 'then role = "z"'],
    ],
  ])('%s', (_, given, words) => {
    expect(wordsOf(...given)).toEqual(words);
  });

  it('does not repeat itself where a line holds', () => {
    const told = new Set<string>();
    expect(readingsOf(line('a > 1', { a: 2 }, { outcome: 'true' }), told)).toEqual(['a = 2']);
    expect(readingsOf(line('a > b', { a: 2, b: 1 }, { outcome: 'true' }), told)).toEqual(['b = 1']);
    expect(readingsOf(line('a > c', { a: 2, c: 3 }), told)).toEqual(['a = 2, c = 3']);
  });
});
