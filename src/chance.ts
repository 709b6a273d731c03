import { randomFillSync } from 'node:crypto';

const BYTES = 16;
const PORTIONS_AT_ONCE = 256;

/** Chance is asked of the system for many at once, since every decision needs some. */
const pool = new Uint8Array(BYTES * PORTIONS_AT_ONCE);
let used = pool.length;

/** 16 random bytes: what an id is made of, or what keeps the commitment to a masked value from being guessed. */
export function random16Bytes(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const portion = pool.slice(used, used + BYTES);
  // What was handed out is kept by its owner alone.
  pool.fill(0, used, used + BYTES);
  used += BYTES;
  return portion;
}
