import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldValues } from './held-values.js';
import type { WriteValue } from './write-value.js';

const WRITERS: readonly WriteValue[] = [() => 'a', () => 'b'];
const valueOf = (mark: number, at: number, length: number) => ({
  at,
  bytes: Buffer.alloc(length, mark),
  path: mark,
  value: mark,
  textBytes: length,
});

describe('values that are held', () => {
  it('are those of their object, their writer and their place, or none', () => {
    const objects = [{ n: 0 }, { n: 1 }, { n: 2 }];
    const act = fc.record({
      object: fc.constantFrom(...objects),
      writer: fc.nat(1),
      at: fc.constantFrom(8, 16),
      length: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(act), (acts) => {
        const held = new HeldValues(40);
        for (const { object, writer, at, length } of acts) {
          const mark = object.n * 100 + writer * 10 + at;
          const write = WRITERS[writer] as WriteValue;
          const found = held.find(object, write, at);
          if (found !== undefined) expect(found).toMatchObject({ at, value: mark });
          else held.keep(object, write, valueOf(mark, at, length));
          expect(held.bytes).toBeLessThanOrEqual(40);
        }
      }),
    );
  });

  it('are not kept when one of them is larger than all may be', () => {
    const held = new HeldValues(10);
    const object = {};
    const [write] = WRITERS as [WriteValue];
    held.keep(object, write, valueOf(1, 8, 11));
    expect(held.find(object, write, 8)).toBeUndefined();
    held.keep(object, write, valueOf(1, 8, 10));
    expect(held.find(object, write, 8)).toBeDefined();
    expect(held.find(object, write, 16)).toBeUndefined();
  });
});
