import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from './unified-diff.js';

/** Applies a diff as `patch` does, and refuses one whose headers or context are wrong. */
function patched(before: string | undefined, diff: string): string | undefined {
  const old = before === undefined ? [] : before.split('\n');
  const young: string[] = [];
  let row = 1;
  const lines = diff.split('\n').slice(0, -1);
  for (let at = 0; at < lines.length;) {
    const [, from = '', fromCount = '1', to = '', toCount = '1'] =
      /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/.exec(lines[at] ?? '') ?? [];
    at += 1;
    const first = fromCount === '0' ? Number(from) + 1 : Number(from);
    for (; row < first; row += 1) young.push(old[row - 1] ?? '');
    expect(young.length + 1).toBe(toCount === '0' ? Number(to) + 1 : Number(to));
    const [start, youngStart] = [row, young.length];
    for (; at < lines.length && !/^@@ /.test(lines[at] ?? ''); at += 1) {
      const line = lines[at] ?? '';
      if (line.startsWith('+')) young.push(line.slice(1));
      else {
        expect(old[row - 1]).toBe(line.slice(1));
        row += 1;
        if (line.startsWith(' ')) young.push(line.slice(1));
      }
    }
    expect([row - start, young.length - youngStart]).toEqual([Number(fromCount), Number(toCount)]);
  }
  for (; row <= old.length; row += 1) young.push(old[row - 1] ?? '');
  return young.length === 0 ? undefined : young.join('\n');
}

describe('a unified diff', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 40 })
    .map((lines) => lines.join('\n'));

  it('makes the one text of the other', () => {
    fc.assert(
      fc.property(
        fc.option(text, { nil: undefined }),
        fc.option(text, { nil: undefined }),
        (before, after) => {
          const { diff, added, removed } = unifiedDiff(before, after);
          expect(patched(before, diff)).toBe(after);
          const starting = (sign: string) => diff.split('\n').filter((line) => line.startsWith(sign)).length;
          expect({ added, removed }).toEqual({ added: starting('+'), removed: starting('-') });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('still does when the work is bounded', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(patched(before, unifiedDiff(before, after, 0).diff)).toBe(after);
      }),
    );
  });

  it('of a text with itself is empty', () => {
    fc.assert(
      fc.property(text, (same) => {
        expect(unifiedDiff(same, same)).toEqual({ added: 0, removed: 0, diff: '' });
      }),
    );
  });

  it('shows what stands around a change', () => {
    expect(unifiedDiff('1\n2\n3\n4\n5\n6\n7\n8', '1\n2\n3\n4\nx\n6\n7\n8').diff).toBe(
      '@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n',
    );
  });
});
