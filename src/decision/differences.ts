import { createHash } from 'node:crypto';
import { isObject, writeJson } from '../document/json.js';
import { pointerSegment } from '../document/pointer.js';

/** One place in which a record and its replay differ. */
export interface Difference {
  /** JSON pointer into the record; empty where the records say the same in other bytes. */
  readonly pointer: string;
  /** Absent where the record has nothing there. */
  readonly recorded?: unknown;
  /** Absent where the replay has nothing there. */
  readonly replayed?: unknown;
}

const DIFFERENCES_MAX = 100;

/**
 * Where two values differ, the innermost places, at most a hundred. Values that say the same in other bytes (the order
 * of members) differ as a whole, and are named by the SHA-256 of their texts.
 */
export function differencesOf(recorded: unknown, replayed: unknown): readonly Difference[] {
  const found: Difference[] = [];
  compare(recorded, replayed, '', found);
  if (found.length > 0) return found;
  return [{ pointer: '', recorded: textDigest(recorded), replayed: textDigest(replayed) }];
}

function compare(recorded: unknown, replayed: unknown, pointer: string, found: Difference[]): void {
  if (found.length >= DIFFERENCES_MAX || Object.is(recorded, replayed)) return;
  const both =
    Array.isArray(recorded) && Array.isArray(replayed)
      ? ([membersOf(recorded), membersOf(replayed)] as const)
      : isObject(recorded) && isObject(replayed)
        ? ([membersOf(recorded), membersOf(replayed)] as const)
        : undefined;
  if (both === undefined) {
    found.push({
      pointer,
      ...(recorded !== undefined && { recorded }),
      ...(replayed !== undefined && { replayed }),
    });
    return;
  }
  const [a, b] = both;
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    compare(a.get(name), b.get(name), `${pointer}/${pointerSegment(name)}`, found);
  }
}

function membersOf(value: object): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(value).filter(([, member]) => member !== undefined));
}

function textDigest(value: unknown): string {
  return `sha256:${createHash('sha256').update(writeJson(value), 'utf8').digest('hex')}`;
}
