import { v7 } from 'uuid';
import { random16Bytes } from './chance.js';

/** Makes UUIDv7 ids (RFC 9562) of the given clock, in Unix milliseconds; chance comes from the system. */
export function uuidv7(nowMs: () => number): () => string {
  return () => v7({ msecs: nowMs(), random: random16Bytes() });
}
