import fc from 'fast-check';
import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import { DistinctRequests } from './distinct-requests.js';

const keyOf = (n: number): string => hash('sha256', String(n), 'binary');

function sampleOf(numbers: readonly number[], max: number) {
  const requests = new DistinctRequests(max);
  for (const [at, n] of numbers.entries()) requests.add(keyOf(n), 1_000_000 - at, n % 2 === 0);
  return requests.sample();
}

it('counts every request exactly while there is room', () => {
  const { requests, distinct, sampled } = sampleOf([1, 2, 2, 4, 2], 10);
  expect({ distinct, sampled }).toEqual({ distinct: 3, sampled: false });
  expect(requests).toHaveLength(3);
  expect(requests.find(({ records }) => records === 3)).toMatchObject({ sequence: 999_999, permitted: 3 });
});

it('keeps a sample with exact counts, the same in whatever order records come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(200), { minLength: 1, maxLength: 1000 }),
      fc.integer({ min: 1, max: 50 }),
      (numbers, max) => {
        const plain = ({ requests, distinct, sampled }: ReturnType<typeof sampleOf>) => ({
          requests: requests.map(({ records, permitted }) => ({ records, permitted })),
          distinct,
          sampled,
        });
        const found = sampleOf(numbers, max);
        expect(plain(sampleOf([...numbers].reverse(), max))).toEqual(plain(found));
        const actual = new Set(numbers);
        expect(found.requests).toHaveLength(Math.min(actual.size, max));
        expect(found.sampled).toBe(actual.size > max);
        for (const { sequence, records, permitted } of found.requests) {
          const n = numbers[1_000_000 - sequence]!;
          expect(numbers.indexOf(n)).toBe(1_000_000 - sequence);
          const times = numbers.filter((each) => each === n).length;
          expect([records, permitted]).toEqual([times, n % 2 === 0 ? times : 0]);
        }
      },
    ),
  );
});

it('estimates how many there were to a few parts of a hundred', () => {
  const { distinct, requests } = sampleOf(
    Array.from({ length: 40_000 }, (_, n) => n % 20_000),
    4000,
  );
  expect(requests).toHaveLength(4000);
  expect(Math.abs(distinct - 20_000)).toBeLessThan(1200);
  expect(requests.every(({ records }) => records === 2)).toBe(true);
});

it('another sample is drawn by other keys', () => {
  const of = (seed: string): readonly number[] => {
    const requests = new DistinctRequests(5);
    for (let n = 0; n < 100; n += 1) requests.add(hash('sha256', `${seed}${n}`, 'binary'), n, true);
    return requests.sample().requests.map(({ sequence }) => sequence);
  };
  expect(of('a')).toEqual(of('a'));
  expect(of('a')).not.toEqual(of('b'));
});
