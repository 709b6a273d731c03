import { expect, it } from 'vitest';
import { withinTime } from './within-time.js';

it('answers what it runs answers, also nothing, and throws what it throws', () => {
  expect(withinTime(() => 7, 1000)).toEqual({ value: 7 });
  expect(withinTime(() => undefined, 1000)).toEqual({ value: undefined });
  const fault = new RangeError('no');
  expect(() =>
    withinTime(() => {
      throw fault;
    }, 1000),
  ).toThrow(fault);
  expect(withinTime(() => withinTime(() => 1, 500), 1000)).toEqual({ value: { value: 1 } });
});

it.each<[string, () => unknown]>([
  [
    'a loop',
    () => {
      for (let at = 0; ; at += 1) if (at < 0) return at;
    },
  ],
  ['a regular expression', () => /^(a+)+$/.test(`${'a'.repeat(60)}!`)],
])('gives up %s, and runs the next', (_, run) => {
  const started = performance.now();
  expect(withinTime(run, 50)).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(5000);
  expect(withinTime(() => 1, 1000)).toEqual({ value: 1 });
});
