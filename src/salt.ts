import { randomFillSync } from 'node:crypto';

const SALT_BYTES = 16;
const SALTS_AT_ONCE = 256;

/** Chance is asked of the system for many salts at once, since every decision may need some. */
const pool = new Uint8Array(SALT_BYTES * SALTS_AT_ONCE);
let used = pool.length;

/** 16 random bytes, which keep the commitment to a masked value from being guessed. */
export function randomSalt(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const salt = pool.slice(used, used + SALT_BYTES);
  // What was handed out is kept by its owner alone.
  pool.fill(0, used, used + SALT_BYTES);
  used += SALT_BYTES;
  return salt;
}
