import type { RefusalRecord } from '../audit/record.js';
import { isObject, readJson } from '../document/json.js';
import { SERVICE_CALLER } from '../identity/caller.js';
import type { UnsealedTail } from '../store/sqlite/open-store.js';

/** Kinds of records that law follows from, and activations: they are nothing without those before them, but name modules. */
const DECIDING: ReadonlySet<unknown> = new Set(['proposal', 'ballot', 'seed', 'pruning', 'activation']);

/**
 * What a start does about acts that no checkpoint covers: it says on record that they do not count, before they are sealed
 * with it. Otherwise whoever can write the database could append votes, have the next start seal them, and build law on
 * them. A crash within a second after an honest act leaves it behind the checkpoint too: it has to be done again.
 */
export function unsealedActs({
  nowMs,
  newId,
  warn,
}: {
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly warn: (message: string) => void;
}): UnsealedTail {
  return {
    concerns: (bytes) => {
      const record = parsed(bytes);
      return DECIDING.has(record['kind']) || isMark(record);
    },
    entry: (tail) => {
      const reason = `the records ${tail.from} to ${tail.before - 1} lay behind the last checkpoint: proposals, ballots and approvals among them do not count and have to be made again, and the modules that activations among them name are compiled again`;
      warn(reason);
      return {
        record: {
          id: newId(),
          time: new Date(nowMs()).toISOString(),
          kind: 'refusal',
          caller: SERVICE_CALLER,
          // INVARIANT: a revision that a record carries is never more than the one in force; here none is known yet.
          revision: 0,
          attempt: 'start',
          code: 'law_not_decided',
          reason,
          unsealed: tail,
        },
      };
    },
  };
}

/** Whether a record says of others that they do not count. */
export function isMark(
  record: Readonly<Record<string, unknown>>,
): record is Readonly<Record<string, unknown>> & Required<Pick<RefusalRecord, 'unsealed'>> {
  const { kind, unsealed } = record;
  return (
    kind === 'refusal' &&
    isObject(unsealed) &&
    Number.isSafeInteger(unsealed['from']) &&
    Number.isSafeInteger(unsealed['before'])
  );
}

/** What is no record at all is one of no kind. */
function parsed(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const record = readJson(bytes.toString('utf8'));
    return isObject(record) ? record : {};
  } catch {
    return {};
  }
}
