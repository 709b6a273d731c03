import type { AuditPosition, AuditPositions } from '../../../audit/log.js';
import { WitanError } from '../../../errors.js';

/** Who waits for entries that came together. */
export interface Waiter {
  /** Those of the group are durable that were not refused. */
  readonly resolve: (positions: AuditPositions) => void;
  /** Nothing of the group is. */
  readonly reject: (reason: Error) => void;
}

type Reject = (reason: Error) => void;

export function waiterForOne(resolve: (position: AuditPosition) => void, reject: Reject): Waiter {
  return {
    resolve: ({ first, refused: [refusal] }) => {
      if (refusal === undefined) resolve({ sequence: first });
      else reject(notStored(refusal));
    },
    reject,
  };
}

/** @param reject told of the first entry that could not be stored, if any */
export function waiterForAll(resolve: () => void, reject: Reject): Waiter {
  return {
    resolve: ({ refused: [refusal] }) => {
      if (refusal === undefined) resolve();
      else reject(notStored(refusal));
    },
    reject,
  };
}

/** Of a group that was committed, an entry could not be stored. */
function notStored({ message }: AuditPositions['refused'][number]): WitanError {
  return new WitanError('audit_unavailable', `the record could not be written: ${message}`, {
    cause: new WitanError('store_unavailable', message),
  });
}
