import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByObjects } from './by-objects.js';

const OBJECTS = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];

describe('what is kept by objects', () => {
  it('is what was made of the same objects in the same order, or is made again', () => {
    const keys = fc.array(fc.constantFrom(...OBJECTS), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(keys), fc.integer({ min: 1, max: 5 }), (asked, valuesMax) => {
        const kept = new ByObjects<readonly string[]>(valuesMax);
        for (const objects of asked) {
          const names = objects.map(({ name }) => name);
          expect(kept.of(objects, () => names)).toEqual(names);
        }
      }),
    );
  });

  it('is made once, until there are too many', () => {
    const kept = new ByObjects<object>(2);
    const [a, b, c] = OBJECTS as [object, object, object];
    const made = kept.of([a], () => ({}));
    kept.of([a, b], () => ({}));
    expect(kept.of([a], () => ({}))).toBe(made);
    kept.of([c], () => ({}));
    expect(kept.of([a], () => ({}))).not.toBe(made);
  });
});
