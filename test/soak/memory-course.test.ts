import fc from 'fast-check';
import { expect, test } from 'vitest';
import { growthOf } from './memory-course.js';

const course = (heapAt: (at: number) => number, residentAt: (at: number) => number = () => 400e6) =>
  Array.from({ length: 40 }, (_, at) => ({ heapBytes: heapAt(at), residentBytes: residentAt(at) }));

test('memory that goes up and down around one level is flat, whatever the warm-up was', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 7_000_000 }), { minLength: 40, maxLength: 40 }),
      fc.integer({ min: 1e6, max: 4e8 }),
      (noise, warmUp) => {
        expect(growthOf(course((at) => (at < 13 ? warmUp : 50e6) + (noise[at] ?? 0)))).toEqual([]);
      },
    ),
  );
});

test('memory that grows without end is not flat', () => {
  expect(growthOf(course((at) => 50e6 + at * 1e6))).toEqual([
    expect.stringMatching(/^heapBytes grew from 69000000 to 8/),
  ]);
  expect(
    growthOf(
      course(
        () => 50e6,
        (at) => 300e6 + at * 8e6,
      ),
    ),
  ).toEqual([expect.stringMatching(/^residentBytes grew/)]);
});

test('few samples say nothing', () => {
  expect(growthOf(course((at) => 50e6 + at * 1e9).slice(0, 8))).toEqual([]);
});
