import type { EncodedEntries, EncodedPositions } from '../../../audit/log.js';
import { WitanError } from '../../../errors.js';
import type { Waiter } from './entry-group.js';

/** Of a group that was committed, one entry could not be stored. */
export class EntryRefused extends WitanError {
  /** Why, in words. */
  readonly why: string;

  constructor(why: string) {
    super('audit_unavailable', `the record could not be written: ${why}`, {
      cause: new WitanError('store_unavailable', why),
    });
    this.why = why;
  }
}

/** Waiters that tell together what became of entries that came together. */
export function waitersFor(
  count: number,
  resolve: (positions: EncodedPositions) => void,
  reject: (reason: Error) => void,
): readonly Waiter[] {
  const refused: { readonly at: number; readonly message: string }[] = [];
  let [first, settled] = [0, 0];
  const settle = (): void => {
    settled += 1;
    if (settled === count) resolve({ first, refused });
  };
  return Array.from({ length: count }, (_, at) => ({
    resolve: ({ sequence }) => {
      if (at === refused.length) first = sequence;
      settle();
    },
    reject: (reason) => {
      // Whatever else failed, failed for all of them.
      if (!(reason instanceof EntryRefused)) {
        reject(reason);
        return;
      }
      refused.push({ at, message: reason.why });
      settle();
    },
  }));
}

/** @throws WitanError `internal_error` for records that do not add up: the writer relies on where each of them ends */
export function requireWhole({ bytes, ends, ids, masked }: EncodedEntries): void {
  let before = 0;
  const isOrdered = ends.every((end) => {
    const follows = Number.isSafeInteger(end) && end > before;
    before = end;
    return follows;
  });
  const isWhole = ids.length > 0 && ends.length === ids.length && before === bytes.length;
  if (isOrdered && isWhole && masked.every(({ at }) => at >= 0 && at < ids.length)) return;
  throw new WitanError('internal_error', `${ids.length} records do not add up to ${bytes.length} bytes`);
}
