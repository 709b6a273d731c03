import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineChanges, type LineChange } from './line-changes.js';

/** The text that comes of applying changes to another. */
function applied(before: string, changes: readonly LineChange[]): string {
  const lines = before.split('\n');
  for (const { row, removed, added } of [...changes].reverse()) {
    expect(lines.slice(row - 1, row - 1 + removed.length)).toEqual(removed);
    lines.splice(row - 1, removed.length, ...added);
  }
  return lines.join('\n');
}

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));

describe('changes of lines', () => {
  it('make the one text of the other', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applied(before, lineChanges(before, after))).toBe(after);
      }),
    );
  });

  it('are none between equal texts', () => {
    fc.assert(fc.property(text, (same) => lineChanges(same, same).length === 0));
  });

  it('leave what both have', () => {
    expect(lineChanges('a\nb\nc\nd', 'a\nx\nc\nd\ne')).toEqual([
      { row: 2, removed: ['b'], added: ['x'] },
      { row: 5, removed: [], added: ['e'] },
    ]);
  });

  it('are one where texts are too long to compare', () => {
    const before = Array.from({ length: 3000 }, (_, index) => `a${index}`).join('\n');
    const after = Array.from({ length: 3000 }, (_, index) => `b${index}`).join('\n');
    const changes = lineChanges(`head\n${before}`, `head\n${after}`);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ row: 2 });
  });
});
