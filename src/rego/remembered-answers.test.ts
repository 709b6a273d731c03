import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RememberedAnswers } from './remembered-answers.js';

test('whatever is forgotten, an answer is what is read of its text, and all texts stay within the limit', () => {
  const anyText = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.record({ entrypoint: fc.nat(2), text: anyText })), (asked) => {
      const answers = new RememberedAnswers(40);
      const readers = [0, 1, 2].map((entrypoint) => answers.of((text) => ({ entrypoint, text })));
      for (const { entrypoint, text } of asked) {
        const read = readers[entrypoint]!;
        const value = read(text);
        expect(value).toEqual({ entrypoint, text });
        expect(read(text)).toBe(value);
        expect(answers.chars).toBeLessThanOrEqual(40);
      }
    }),
  );
});

test('long answers are not remembered, and of one entrypoint not more than 64', () => {
  const answers = new RememberedAnswers(1_000_000);
  const read = answers.of((text) => ({ text }));
  const long = 'x'.repeat(2049);
  expect(read(long)).not.toBe(read(long));
  const first = read('0');
  for (let index = 1; index < 64; index += 1) read(String(index));
  expect(read('0')).toBe(first);
  read('64');
  expect(read('0')).not.toBe(first);
});
