import type { EncodedEntries } from '../../../audit/log.js';
import { WitanError } from '../../../errors.js';

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
