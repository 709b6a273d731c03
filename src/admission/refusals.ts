import type { Acting } from '../audit/act.js';
import type { AuditLog } from '../audit/log.js';
import { RefusalGuard, type RefusedAttempt, type ToldAttempts } from '../audit/refusal-guard.js';
import { messageOf } from '../errors.js';

/** What was refused to whom, on its way into the log. */
export interface Refusals {
  /**
   * Notes an attempt that was refused. It neither waits nor throws: the answer to the caller is the same whatever
   * becomes of the record.
   */
  note(attempt: Omit<RefusedAttempt, 'caller' | 'correlation'>, acting: Acting): void;
  /** Tells what waits; resolves when it is on record, or could not be. */
  close(): Promise<void>;
}

interface Needs {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly revision: () => number;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly warn: (message: string) => void;
}

const REASON_CHARS_MAX = 1024;
/** How often what waits is looked at while something does. */
const LOOKED_AT_EVERY_MS = 1000;

/** Records attempts that were refused, a flood of them in few records (`RefusalGuard`). */
export function createRefusals({ audit, revision, nowMs, newId, warn }: Needs): Refusals {
  const guard = new RefusalGuard(nowMs());
  const writing = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const write = async ({ attempts, ...told }: ToldAttempts): Promise<void> => {
    const time = new Date(nowMs()).toISOString();
    const head = { id: newId(), time, revision: revision() };
    try {
      await audit.append({
        record: { ...head, kind: 'refusal', ...told, ...(attempts > 1 && { attempts }) },
      });
    } catch (thrown) {
      // Told together with the next that are refused, or else when the service stops.
      if (!closed) guard.add({ ...told, attempts });
      const lost = closed ? `: ${attempts} are not on record` : '';
      warn(
        `that \`${told.attempt}\` was refused to \`${told.caller.id}\` could not be recorded${lost}: ${messageOf(thrown)}`,
      );
    }
  };

  const begin = (told: ToldAttempts): void => {
    const written = write(told).finally(() => {
      writing.delete(written);
      lookAgain();
    });
    writing.add(written);
  };

  /** One look is ahead while something waits. */
  const lookAgain = (): void => {
    if (closed || timer !== undefined || guard.waiting === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      for (const told of guard.due(nowMs())) begin(told);
      lookAgain();
    }, LOOKED_AT_EVERY_MS).unref();
  };

  return {
    note({ reason, ...attempt }, { caller, correlation }) {
      const told = guard.note(
        {
          ...attempt,
          reason: reason.slice(0, REASON_CHARS_MAX),
          caller,
          ...(correlation !== undefined && { correlation }),
        },
        nowMs(),
      );
      if (told !== undefined) begin(told);
      lookAgain();
    },
    async close() {
      clearTimeout(timer);
      await Promise.all(writing);
      closed = true;
      for (const told of guard.rest()) begin(told);
      await Promise.all(writing);
    },
  };
}
