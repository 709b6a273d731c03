/** Runs one act after the other: each sees what the one before it left. */
export type InTurn = <T>(act: () => Promise<T>) => Promise<T>;

export function inTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const done = last.then(act, act);
    last = done.catch(() => undefined);
    return done;
  };
}
