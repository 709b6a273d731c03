import { randomBytes } from 'node:crypto';

/** 16 random bytes, which keep the commitment to a masked value from being guessed. */
export function randomSalt(): Uint8Array {
  return randomBytes(16);
}
