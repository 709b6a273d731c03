import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldValues } from './held-values.js';
import type { WriteValue } from './write-value.js';

const WRITERS: readonly WriteValue[] = [() => 'a', () => 'b'];
const OWNERS = [Symbol('one'), Symbol('another')] as const;
const valueOf = (mark: number, length: number) => ({
  bytes: Buffer.alloc(length, mark),
  path: mark,
  value: mark,
  textBytes: length,
});

describe('values that are held', () => {
  it('are those of their object, owner, name, writer and place, or none', () => {
    const objects = [{ n: 0 }, { n: 1 }, { n: 2 }];
    const act = fc.record({
      object: fc.constantFrom(...objects),
      name: fc.constantFrom('a', 'b'),
      owner: fc.nat(1),
      writer: fc.nat(1),
      at: fc.constantFrom(8, 16),
      length: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(act), (acts) => {
        const held = new HeldValues(40);
        for (const { object, owner, name, writer, at, length } of acts) {
          const mark = object.n * 1000 + owner * 500 + writer * 100 + at * 2 + (name === 'a' ? 0 : 1);
          const place = { owner: OWNERS[owner] as symbol, name, write: WRITERS[writer] as WriteValue, at };
          const found = held.find(object, place);
          if (found !== undefined) expect(found).toMatchObject({ at, value: mark });
          else held.keep(object, { ...place, ...valueOf(mark, length) });
          expect(held.bytes).toBeLessThanOrEqual(40);
        }
      }),
    );
  });

  it('are not kept when one of them is larger than all may be', () => {
    const held = new HeldValues(10);
    const object = {};
    const [write] = WRITERS as [WriteValue];
    const place = { owner: OWNERS[0], name: 'a', write, at: 8 };
    held.keep(object, { ...place, ...valueOf(1, 11) });
    expect(held.find(object, place)).toBeUndefined();
    held.keep(object, { ...place, ...valueOf(1, 10) });
    expect(held.find(object, place)).toBeDefined();
    expect(held.find(object, { ...place, at: 16 })).toBeUndefined();
    expect(held.find(object, { ...place, name: 'b' })).toBeUndefined();
    expect(held.find(object, { ...place, owner: OWNERS[1] })).toBeUndefined();
  });
});
