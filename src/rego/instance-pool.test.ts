import fc from 'fast-check';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { InstancePool, type Pooled } from './instance-pool.js';

test('the memory of all instances stays within the limit, and the one used last is never let go', () => {
  const anyUse = fc.record({
    instance: fc.nat(9),
    bytes: fc.integer({ min: 1, max: 60 }),
    gone: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(anyUse, { maxLength: 60 }), (uses) => {
      const pool = new InstancePool(100);
      const bytes = new Map<number, number>();
      const order: number[] = [];
      const forget = (index: number): void => {
        bytes.delete(index);
        if (order.includes(index)) order.splice(order.indexOf(index), 1);
      };
      const instances: readonly Pooled[] = Array.from({ length: 10 }, (_, index) => ({
        drop: () => {
          // The one that was used longest ago.
          expect(index).toBe(order[0]);
          forget(index);
        },
      }));
      for (const use of uses) {
        const { instance } = use;
        if (use.gone) {
          pool.dropped(instances[instance]!);
          forget(instance);
          continue;
        }
        const touched = Math.max(bytes.get(instance) ?? 0, use.bytes);
        forget(instance);
        order.push(instance);
        bytes.set(instance, touched);
        pool.used(instances[instance]!, use.bytes);
        expect(bytes.has(instance)).toBe(true);
        const sum = [...bytes.values()].reduce((total, each) => total + each, 0);
        expect(sum).toBeLessThanOrEqual(100);
      }
    }),
  );
});

test('an instance that nobody else knows of is not kept', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const pool = new InstancePool(1000);
  const kept: Pooled = { drop: () => undefined };
  pool.used(kept, 600);
  // In a turn of its own, since a weak reference keeps what it names until the end of the turn.
  await turn().then(() => {
    pool.used({ drop: () => expect.fail('it was let go before') }, 300);
  });
  expect(pool.size).toBe(2);
  for (let tries = 0; tries < 10 && pool.size > 1; tries += 1) {
    await turn();
    collectGarbage();
    await turn();
  }
  expect(pool.size).toBe(1);
  pool.used({ drop: () => undefined }, 400);
  expect(pool.size).toBe(2);
});
