import { createContext, Script } from 'node:vm';

const context: { run?: () => unknown } = {};
createContext(context);
const script = new Script('run()');

/**
 * Runs what others can make take for ever, such as a regular expression of theirs, and gives it up when its time is over.
 * Nothing else is done by this thread meanwhile. What was given up may leave behind half of what it was making, so it MUST
 * make nothing that is used afterwards.
 *
 * @param msMax in milliseconds
 * @returns what it answered; `undefined` when it did not end in time
 * @throws whatever it throws
 */
export function withinTime<T>(run: () => T, msMax: number): { readonly value: T } | undefined {
  context.run = run;
  try {
    // INVARIANT: the script answers what it runs answers.
    return { value: script.runInContext(context, { timeout: msMax }) as T };
  } catch (thrown) {
    if (isTimeout(thrown)) return undefined;
    throw thrown;
  } finally {
    delete context.run;
  }
}

function isTimeout(thrown: unknown): boolean {
  return (thrown as { readonly code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
